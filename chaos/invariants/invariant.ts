import type { Evidence } from '../evidence/evidence.js';

export const INVARIANT_NAMES = [
  'recorded-once',
  'only-edits',
  'foreign-kept',
  'never-shut-out',
  'converges',
  'retry-after',
  'no-secret',
  'approved-only',
  'within-limit',
  'left-alone',
] as const;
export type InvariantName = (typeof INVARIANT_NAMES)[number];

export interface Violation {
  readonly invariant: InvariantName;
  /** When, in the run's own time; the story around it is shown. */
  readonly at: number;
  /** One sentence. */
  readonly what: string;
  /** What the story is about: a resource's id, or an instance. */
  readonly about: string;
}

/** What must hold of a run that is over, judged from outside. */
export type Invariant = (world: Evidence) => readonly Violation[];
