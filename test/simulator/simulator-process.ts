import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import ts from 'typescript';
import type { SimulatorFacts } from '../../simulator/simulator.js';

const ROOT = resolve('.');

export interface SimulatorProcess extends SimulatorFacts {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
}

/** The simulator's sources as JavaScript in a folder of their own, as `tsc` makes it for `node .build/…`. */
export async function compiledSimulator(): Promise<string> {
  const target = await mkdtemp(join(tmpdir(), 'simulator-build-'));
  const files = await readdir(join(ROOT, 'simulator'), { recursive: true });
  for (const file of files) {
    if (!file.endsWith('.ts')) continue;
    const source = await readFile(join(ROOT, 'simulator', file), 'utf8');
    const compilerOptions = {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    };
    const { outputText } = ts.transpileModule(source, { compilerOptions });
    const output = join(target, file.replace(/\.ts$/, '.js'));
    await mkdir(dirname(output), { recursive: true });
    await writeFile(output, outputText);
  }
  return target;
}

/** Runs the compiled simulator and reads its ready line. */
export async function runSimulator(folder: string, args: readonly string[]): Promise<SimulatorProcess> {
  const child = spawn(process.execPath, [join(folder, 'main.js'), ...args], {
    env: { ...process.env, NODE_PATH: nodeModules() },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>((done) => {
    child.once('exit', done);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const facts = JSON.parse(line) as SimulatorFacts & { readonly ready: boolean };
    return { ...facts, child, exited };
  }
  throw new Error(`The simulator ended with ${String(await exited)} before it was ready.`);
}

/** Runs a script as an app would run: with the simulator's environment and nothing else that points at it. */
export async function runApp(
  script: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, ['-e', script], {
    env: { PATH: process.env.PATH, ...environment, NODE_PATH: nodeModules() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  }
  const code = await new Promise<number | null>((done) => {
    child.once('close', done);
  });
  return { code, output };
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

function nodeModules(): string {
  const [found] = createRequire(join(ROOT, 'package.json')).resolve.paths('zod') ?? [];
  return found ?? join(ROOT, 'node_modules');
}
