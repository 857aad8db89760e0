import { approvedOnly } from './approved-only.js';
import { foreignKept } from './foreign-kept.js';
import type { Invariant } from './invariant.js';
import { leftAlone } from './left-alone.js';
import { neverShutOut } from './never-shut-out.js';
import { noSecret } from './no-secret.js';
import { onlyEdits } from './only-edits.js';
import { recordedOnce } from './recorded-once.js';
import { retryAfter } from './retry-after.js';
import { withinLimit } from './within-limit.js';

/** Those that are judged when a run is over; `converges` needs one more sweep, and is judged around it. */
export const INVARIANTS: readonly Invariant[] = [
  recordedOnce,
  onlyEdits,
  foreignKept,
  neverShutOut,
  retryAfter,
  noSecret,
  approvedOnly,
  withinLimit,
  leftAlone,
];
