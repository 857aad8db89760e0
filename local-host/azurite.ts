import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface AzuriteOptions {
  /** Where to keep the data; without it, everything is in memory and gone at the end. */
  readonly directory?: string;
  /** How long starting may take: 30 s unless said otherwise. */
  readonly startLimitMs?: number;
  /**
   * Files in PEM: then it speaks HTTPS, and takes access tokens beside the key. It looks at a token's issuer, audience
   * and lifetime, and neither at its signature nor at anybody's roles.
   * https://learn.microsoft.com/azure/storage/common/storage-use-azurite#oauth-configuration
   */
  readonly tls?: { readonly certificatePath: string; readonly keyPath: string };
}

export interface Azurite {
  readonly connectionString: string;
  /** Of the account, with a slash at the end. */
  readonly endpoints: { readonly blob: string; readonly queue: string; readonly table: string };
  readonly close: () => Promise<void>;
}

/** Azurite's well-known account, which is no secret: https://learn.microsoft.com/azure/storage/common/storage-use-azurite */
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

const services = ['Blob', 'Queue', 'Table'] as const;

/** Its standard input is a pipe from us, which ends when this process does, however it dies. */
const exitWithParent = `data:text/javascript,${encodeURIComponent(
  "process.stdin.on('end', () => process.exit()).on('error', () => process.exit()).resume().unref();",
)}`;

/** Runs Azurite in a child process, on free ports of 127.0.0.1; rejects with what it printed if it does not come up. */
export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const { startLimitMs = 30_000 } = options;
  // Its working directory is where it would write what it was not told to keep elsewhere.
  const workspace = mkdtempSync(join(tmpdir(), 'azurite-'));
  const child = spawn(
    process.execPath,
    ['--import', exitWithParent, findAzurite(), ...azuriteOptions(options)],
    {
      cwd: workspace,
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  const close = async () => {
    await end(child);
    rmSync(workspace, { recursive: true, force: true });
  };
  try {
    const urls = await waitForUrls(child, startLimitMs);
    await Promise.all([...urls.values()].map(canConnect));
    return { connectionString: connectionStringFor(urls), endpoints: endpointsOf(urls), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function findAzurite(): string {
  return require.resolve('azurite/dist/src/azurite.js');
}

function azuriteOptions({ directory, tls }: AzuriteOptions): string[] {
  return [
    ...services.flatMap((service) => {
      const name = service.toLowerCase();
      return [`--${name}Host`, '127.0.0.1', `--${name}Port`, '0'];
    }),
    ...['--silent', '--disableTelemetry', '--skipApiVersionCheck'],
    ...(tls === undefined ? [] : ['--oauth', 'basic', '--cert', tls.certificatePath, '--key', tls.keyPath]),
    ...(directory === undefined ? ['--inMemoryPersistence'] : ['--location', resolve(directory)]),
  ];
}

/** Azurite picks its ports itself and prints them, so no other process can take them in between. */
function waitForUrls(child: ChildProcess, limitMs: number): Promise<Map<string, URL>> {
  return new Promise((settle, reject) => {
    let output = '';
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`Azurite ${why}. It printed:\n${output}`));
    };
    const timer = setTimeout(() => {
      fail(`did not start within ${limitMs} ms`);
    }, limitMs);
    const read = (chunk: Buffer) => {
      output += chunk.toString('utf8');
      const found = [...output.matchAll(/Azurite (\w+) service is successfully listening at (http\S+)\s/g)];
      if (found.length < services.length) return;
      clearTimeout(timer);
      // What it prints from now on nobody reads, but it must not block on a full pipe.
      child.stdout?.off('data', read).resume();
      child.stderr?.off('data', read).resume();
      settle(new Map(found.map(([, service = '', url = '']) => [service, new URL(url)])));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.on('error', (error) => {
      fail(`could not be started: ${error.message}`);
    });
    child.on('exit', (code, signal) => {
      fail(`ended with ${signal ?? `exit code ${code ?? 'unknown'}`}`);
    });
  });
}

async function canConnect(url: URL): Promise<void> {
  const socket = connect(Number(url.port), url.hostname);
  await once(socket, 'connect');
  socket.destroy();
}

function endpointsOf(urls: ReadonlyMap<string, URL>): Azurite['endpoints'] {
  const of = (service: (typeof services)[number]): string => `${urls.get(service)?.origin ?? ''}/${account}/`;
  return { blob: of('Blob'), queue: of('Queue'), table: of('Table') };
}

function connectionStringFor(urls: ReadonlyMap<string, URL>): string {
  const endpoints = services.map(
    (service) => `${service}Endpoint=${urls.get(service)?.origin ?? ''}/${account};`,
  );
  const protocol = urls.get('Blob')?.protocol === 'https:' ? 'https' : 'http';
  return `DefaultEndpointsProtocol=${protocol};AccountName=${account};AccountKey=${accountKey};${endpoints.join('')}`;
}

/** Azurite writes a directory's data when it is asked to end; connections that stay open would keep it from ending. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}
