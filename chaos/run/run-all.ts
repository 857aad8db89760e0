import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { RunOutcome } from './run-outcome.js';

/** What killed and hanging instances hold is freed only when their thread ends: half a megabyte a run. */
const RUNS_OF_A_WORKER = 500;

/** Runs seeds over some workers; gives the outcomes by seed, whoever was first. */
export async function runAll(
  seeds: readonly number[],
  jobs: number,
  onOutcome: (outcome: RunOutcome) => void,
): Promise<readonly RunOutcome[]> {
  const left = [...seeds];
  const outcomes: RunOutcome[] = [];
  const keep = (outcome: RunOutcome): void => {
    outcomes.push(outcome);
    onOutcome(outcome);
  };
  const oneAfterTheOther = async (): Promise<void> => {
    while (left.length > 0) await work(left, keep);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, seeds.length) }, oneAfterTheOther));
  return outcomes.sort((a, b) => a.seed - b.seed);
}

/** One worker, for as many runs as one may have. */
function work(left: number[], onOutcome: (outcome: RunOutcome) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(__dirname, 'worker.js'));
    let runs = 0;
    const next = (): void => {
      const seed = runs < RUNS_OF_A_WORKER ? left.shift() : undefined;
      if (seed === undefined) {
        void worker.terminate().then(() => {
          resolve();
        });
        return;
      }
      runs += 1;
      worker.postMessage(seed);
    };
    worker.on('message', (outcome: RunOutcome) => {
      onOutcome(outcome);
      next();
    });
    worker.on('error', reject);
    next();
  });
}
