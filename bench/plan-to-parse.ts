import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from './median.js';
import type { PlanTime } from './time-plan.js';

const run = promisify(execFile);

/** What V8 makes of the same code differs from one process to the next by a third: the middle one counts. */
const PROCESSES = 5;

export interface PlanToParse extends PlanTime {
  /** Of each process, from the smallest to the largest. */
  readonly ratios: readonly number[];
}

/** How long it takes to plan workflows, beside `JSON.parse` of their texts: the middle of several processes. */
export async function planToParse(): Promise<PlanToParse> {
  const times: PlanTime[] = [];
  for (let i = 0; i < PROCESSES; i += 1) {
    const { stdout } = await run(process.execPath, [join(__dirname, 'time-plan.js')]);
    times.push(JSON.parse(stdout) as PlanTime);
  }
  const ratios = times.map((time) => time.ratio).sort((a, b) => a - b);
  const middle = times.find(({ ratio }) => ratio === median(ratios));
  if (middle === undefined) throw new RangeError('There is no middle of an even number of processes.');
  return { ...middle, ratios };
}
