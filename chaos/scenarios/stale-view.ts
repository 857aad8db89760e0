import type { Violation } from '../invariants/invariant.js';
import { runWork, type Work } from './run-work.js';

export interface StaleRun {
  /** Which of the work's reads showed the past, counted from 1, and how many after it did. */
  readonly read: number;
  readonly length: number;
  readonly violations: readonly Violation[];
}

/** One read shows the past, or it and those after it do: a replica that is behind may answer more than once. */
const LENGTHS = [1, 3] as const;

/**
 * Has each read of some work show its resource as it was before the last write, each in a world of its own, and says
 * what was violated in each.
 */
export async function staleView(work: Work): Promise<readonly StaleRun[]> {
  const runs: StaleRun[] = [];
  for (const length of LENGTHS) {
    for (let read = 1; ; read += 1) {
      const { told: hasStruck, violations } = await runWork(work, ({ azure }) => {
        const action = { kind: 'stale' } as const;
        const id = azure.faults.add({ method: 'GET', skip: read - 1, times: length, action });
        return () => azure.faults.all.some((fault) => fault.id === id && fault.struck > 0);
      });
      if (!hasStruck) break;
      runs.push({ read, length, violations });
    }
  }
  return runs;
}
