import type { JsonObject } from '../../types/json.js';
import { modifiedAt } from '../look/modified-at.js';
import type { OpenWrite } from '../write/open-write.js';

/**
 * Whether a write that the resource does not show may have been carried out all the same: it may have got through, and
 * by ARM's own clock somebody has written the resource after it was read. Sent again under the same records, it would be
 * two changes with one record. `undone`: that was certainly after the write was sent. `unshown`: it may have been before,
 * so that the read may be as stale as the one that the write was planned from; later, another tells.
 */
export function mayBeUndone(
  { mayStand, evidence, triedAt, trail }: OpenWrite,
  document: JsonObject,
): 'undone' | 'unshown' | null {
  // A connection that a write was to make says nothing of when it was there, and anybody may have deleted it again.
  if (trail.look.id.kind === 'connection') return mayStand ? 'unshown' : null;
  const at = modifiedAt(document);
  const basedOn = evidence.basedOn ?? null;
  const mayBe = mayStand && at !== null && basedOn !== null && Date.parse(at) > Date.parse(basedOn);
  if (!mayBe) return null;
  return triedAt !== null && Date.parse(at) > triedAt + CERTAIN_MS ? 'undone' : 'unshown';
}

/** By how much the time at which it was sent may be wrong, by ARM's clock. */
const CERTAIN_MS = 5000;
