import type { JsonObject } from '../../types/json.js';
import type { AuditRecord } from '../../types/record.js';
import type { ResourceId } from '../../types/resource-id.js';
import { modifiedAt } from '../look/modified-at.js';
import type { WriteEvidence } from '../ports.js';
import { targetOf } from '../write/write-target.js';

/**
 * Whether somebody has written the resource since it was planned from, by ARM's own clock; null where that does not
 * show: a write of a part need not renew the time of the whole.
 */
export function isWrittenSince(
  records: readonly AuditRecord[],
  evidence: WriteEvidence | null,
  { kind }: ResourceId,
  live: JsonObject,
): boolean | null {
  const at = modifiedAt(live);
  const basedOn = evidence?.basedOn ?? null;
  if (kind === 'connection' || at === null || basedOn === null) return null;
  if (Date.parse(at) > Date.parse(basedOn)) return true;
  const isOfPart = records.some(({ edits }) =>
    edits.some((edit) => targetOf(kind, edit).kind !== 'resource'),
  );
  return isOfPart ? null : false;
}
