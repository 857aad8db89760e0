import type { JsonObject } from '../types/json.js';
import { modifiedAt } from './modified-at.js';
import type { OpenWrite } from './open-write.js';

/**
 * Whether a write that the resource does not show may have been carried out all the same, and undone since: it may
 * have got through, and by ARM's own clock somebody has written the resource after it was read. Sent again under the
 * same records, it would be two changes with one record.
 */
export function mayBeUndone({ mayStand, evidence }: OpenWrite, document: JsonObject): boolean {
  const at = modifiedAt(document);
  const basedOn = evidence.basedOn ?? null;
  return mayStand && at !== null && basedOn !== null && Date.parse(at) > Date.parse(basedOn);
}
