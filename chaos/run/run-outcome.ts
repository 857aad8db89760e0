import type { InvariantName } from '../invariants/invariant.js';

/** What a run came to, as it travels from the worker that ran it. */
export interface RunOutcome {
  readonly tier: 1 | 2;
  readonly seed: number;
  readonly faults: readonly string[];
  readonly violations: readonly FoundViolation[];
  /** The same for the same course of things; tier two has none. */
  readonly digest: string | null;
  readonly tookMs: number;
}

export interface FoundViolation {
  /** `run-ended` where the run itself did not come to its end. */
  readonly invariant: InvariantName | 'run-ended';
  readonly about: string;
  readonly what: string;
  readonly story: readonly string[];
}
