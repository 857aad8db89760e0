import type { JsonObject } from '../../types/json.js';
import type { AuditRecord } from '../../types/record.js';
import type { ResourceId, ResourceKind } from '../../types/resource-id.js';
import { modifiedAt } from '../look/modified-at.js';
import type { WriteEvidence } from '../ports/audit-log.js';
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
  return renewsTime(kind, records) ? false : null;
}

/** Two of Azure's own clocks may differ by this much. */
const CLOCKS_DIFFER_MS = 2000;

/** Whether ARM says that the resource was written last before this write was sent. */
export function isWrittenBefore(
  records: readonly AuditRecord[],
  evidence: WriteEvidence | null,
  { kind }: ResourceId,
  live: JsonObject,
): boolean {
  const at = modifiedAt(live);
  const sentAt = evidence?.sentAt ?? null;
  if (at === null || sentAt === null || !renewsTime(kind, records)) return false;
  return Date.parse(at) + CLOCKS_DIFFER_MS < Date.parse(sentAt);
}

/** Whether a write of these shows in the time that ARM keeps of the resource; one of a part need not. */
export function renewsTime(kind: ResourceKind, records: readonly AuditRecord[]): boolean {
  if (kind === 'connection') return false;
  return records.every(({ edits }) => edits.every((edit) => targetOf(kind, edit).kind === 'resource'));
}
