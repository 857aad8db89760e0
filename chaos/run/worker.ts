import { inspect } from 'node:util';
import { parentPort } from 'node:worker_threads';
import type { RunOutcome } from './run-outcome.js';
import { runSeed } from './run-seed.js';

/** Takes seeds, one after the other, and gives what became of them. A worker thread has its own globals to replace. */
parentPort?.on('message', (seed: number) => {
  void outcomeOf(seed).then((outcome) => parentPort?.postMessage(outcome));
});

async function outcomeOf(seed: number): Promise<RunOutcome> {
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  const tier = 1 as const;
  try {
    const { faults, violations, digest } = await runSeed(seed);
    const found = violations.map(({ invariant, about, what, story }) => ({ invariant, about, what, story }));
    return { tier, seed, faults, violations: found, digest, tookMs: took() };
  } catch (error) {
    const failure = { invariant: 'run-ended', about: '', what: inspect(error), story: [] } as const;
    return { tier, seed, faults: [], violations: [failure], digest: null, tookMs: took() };
  }
}
