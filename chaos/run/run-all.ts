import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { RunOutcome } from './run-outcome.js';

/** Runs seeds over some workers; gives the outcomes by seed, whoever was first. */
export async function runAll(
  seeds: readonly number[],
  jobs: number,
  onOutcome: (outcome: RunOutcome) => void,
): Promise<readonly RunOutcome[]> {
  const left = [...seeds];
  const outcomes: RunOutcome[] = [];
  const workers = Array.from({ length: Math.min(jobs, seeds.length) }, () => work(left, outcomes, onOutcome));
  await Promise.all(workers);
  return outcomes.sort((a, b) => a.seed - b.seed);
}

function work(
  left: number[],
  outcomes: RunOutcome[],
  onOutcome: (outcome: RunOutcome) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(__dirname, 'worker.js'));
    const next = (): void => {
      const seed = left.shift();
      if (seed === undefined)
        void worker.terminate().then(() => {
          resolve();
        });
      else worker.postMessage(seed);
    };
    worker.on('message', (outcome: RunOutcome) => {
      outcomes.push(outcome);
      onOutcome(outcome);
      next();
    });
    worker.on('error', reject);
    next();
  });
}
