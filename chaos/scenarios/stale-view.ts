import type { Violation } from '../invariants/invariant.js';
import type { FaultAction } from '../../simulator/faults.js';
import { runWork, type Work } from './run-work.js';

export interface StaleRun {
  /** Which of the work's reads showed the past, counted from 1, and how many after it did. */
  readonly read: number;
  readonly length: number;
  /** What became of the answer to the first write. */
  readonly answer: Answer['name'];
  readonly violations: readonly Violation[];
}

/** One read shows the past, or it and those after it do: a replica that is behind may answer more than once. */
const LENGTHS = [1, 3] as const;

interface Answer {
  readonly name: string;
  readonly action: FaultAction | null;
}

/** Where a write is carried out and its answer does not say so, a look at the past would have it made again. */
const ANSWERS: readonly Answer[] = [
  { name: 'given', action: null },
  { name: 'lost', action: { kind: 'reset', when: 'after' } },
  { name: 'a conflict', action: { kind: 'error', status: 409, code: 'ConflictError', when: 'after' } },
];

/**
 * Has each read of some work show its resource as it was before the last write, with each answer to the first write, each
 * in a world of its own, and says what was violated in each.
 */
export async function staleView(work: Work): Promise<readonly StaleRun[]> {
  const runs: StaleRun[] = [];
  for (const answer of ANSWERS) {
    for (const length of LENGTHS) {
      for (let read = 1; ; read += 1) {
        const { told: hasStruck, violations } = await runWork(work, ({ azure }) => {
          const stale = { method: 'GET', skip: read - 1, times: length, action: { kind: 'stale' } } as const;
          const id = azure.faults.add(stale);
          if (answer.action !== null)
            azure.faults.add({ method: ['PATCH', 'PUT'], times: 1, action: answer.action });
          return () => azure.faults.all.some((fault) => fault.id === id && fault.struck > 0);
        });
        if (!hasStruck) break;
        runs.push({ read, length, answer: answer.name, violations });
      }
    }
  }
  return runs;
}
