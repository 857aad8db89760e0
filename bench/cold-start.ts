import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { median } from './median.js';

const run = promisify(execFile);

const RUNS = 15;
/** As package.json `main` names it. */
const APP = resolve(__dirname, '../../dist/main.js');
const HELLO = join(__dirname, 'hello-world.js');

export interface ColdStart {
  readonly ratio: number;
  /** From the import of the entry point to all functions registered, in milliseconds: the middle of the runs. */
  readonly appMs: number;
  readonly helloMs: number;
  readonly runs: number;
  readonly functions: number;
}

/** How long the app takes to register its functions, and an app of one function, each time in a process of its own. */
export async function coldStart(): Promise<ColdStart> {
  const app: number[] = [];
  const hello: number[] = [];
  let functions = 0;
  // Once each before it counts, so that the files of both are in the system's cache.
  for (let i = -1; i < RUNS; i += 1) {
    const ours = await timeStart(APP);
    const theirs = await timeStart(HELLO);
    functions = ours.functions;
    if (i < 0) continue;
    app.push(ours.ms);
    hello.push(theirs.ms);
  }
  const [appMs, helloMs] = [median(app), median(hello)];
  return { ratio: appMs / helloMs, appMs, helloMs, runs: RUNS, functions };
}

async function timeStart(entry: string): Promise<{ readonly ms: number; readonly functions: number }> {
  const { stdout } = await run(process.execPath, [join(__dirname, 'time-start.js'), entry]);
  return JSON.parse(stdout) as { ms: number; functions: number };
}
