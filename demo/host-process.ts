import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { HostKeys } from '../local-host/host-keys.js';

const ROOT = process.cwd();

/** A local host with the app in it, in a process of its own. */
export interface HostProcess {
  readonly url: string;
  readonly pid: number;
  readonly stop: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>;
}

export interface HostProcessOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** After how long a queue message comes back whose host was killed: ten minutes, as in Azure, unless said otherwise. */
  readonly messageLeaseSeconds?: number;
  /** The keys that open it; without them everything is open. */
  readonly keys?: HostKeys;
  /** For Node.js, before the script. */
  readonly nodeArguments?: readonly string[];
  /** Each line that the host prints; the app's log is among them. */
  readonly onLog?: (line: string) => void;
}

/** A process of its own, because Node.js reads NODE_EXTRA_CA_CERTS once, when it starts. */
export async function startHostProcess(options: HostProcessOptions): Promise<HostProcess> {
  const { environment, port = 0, messageLeaseSeconds = 600, keys, nodeArguments = [], onLog } = options;
  const main = join(ROOT, '.build', 'local-host', 'main.js');
  // The Functions host starts the Node.js that runs the app with these; here that is the local host itself.
  const { languageWorkers__node__arguments: own = '' } = environment;
  const given = [...own.split(' ').filter((argument) => argument !== ''), ...nodeArguments];
  const keysFile = keys === undefined ? null : writeKeys(keys);
  const hostArguments = [
    ...['--app', ROOT, '--port', String(port)],
    ...['--message-lease', String(messageLeaseSeconds)],
    ...(keysFile === null ? [] : ['--keys', keysFile.path]),
  ];
  const child = spawn(process.execPath, [...given, main, ...hostArguments], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const note = (line: string): void => {
    lines.push(line);
    onLog?.(line);
  };
  createInterface({ input: child.stderr }).on('line', note);
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => {
      keysFile?.remove();
      reject(new Error(`The local host ended with ${String(code)}.\n${lines.join('\n')}`));
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      note(line);
      const ready = readyLine(line);
      if (ready === null) return;
      keysFile?.remove();
      if (ready.errors.length > 0) reject(new Error(`Functions in error: ${ready.errors.join('; ')}`));
      else resolve(ready.url);
    });
  });
  const stop = (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => end(child, signal);
  const kill = (): unknown => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return { url, pid: child.pid ?? 0, stop };
}

interface KeysFile {
  readonly path: string;
  readonly remove: () => void;
}

/** The host reads it once, when it starts. Keys stand in no list of processes. */
function writeKeys(keys: HostKeys): KeysFile {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
  const path = join(folder, 'keys.json');
  writeFileSync(path, JSON.stringify(keys), { mode: 0o600 });
  return {
    path,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function readyLine(line: string): { url: string; errors: string[] } | null {
  if (!line.startsWith('{"ready":true')) return null;
  return JSON.parse(line) as { url: string; errors: string[] };
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
