import type { JsonObject } from '../../types/json.js';
import { modifiedAt } from '../look/modified-at.js';
import type { OpenWrite } from '../write/open-write.js';

/**
 * Whether a write that the resource does not show may have been carried out all the same: it may have got through, and
 * by ARM's own clock somebody has written the resource after it was read. Sent again under the same records, it would be
 * two changes with one record. `undone`: that was after the write was sent. `unshown`: it was before, so that the read
 * may be as stale as the one that the write was planned from; later, another tells.
 */
export function mayBeUndone(
  { mayStand, evidence, triedAt }: OpenWrite,
  document: JsonObject,
): 'undone' | 'unshown' | null {
  const at = modifiedAt(document);
  const basedOn = evidence.basedOn ?? null;
  const mayBe = mayStand && at !== null && basedOn !== null && Date.parse(at) > Date.parse(basedOn);
  if (!mayBe) return null;
  return Date.parse(at) < triedAt ? 'unshown' : 'undone';
}
