import type { Edit } from '../types/edit.js';
import type { AuditRecord } from '../types/record.js';
import type { ResourceId } from '../types/resource-id.js';
import type { EngineDeps } from './engine-deps.js';
import type { WriteEvidence } from './ports.js';
import { digestOf } from './record-digest.js';
import { targetOf } from './write-target.js';

/** The records of the same change that was recorded since, because it was made again: each is its change's one record. */
export async function recordedSince(
  deps: Pick<EngineDeps, 'audit' | 'memory'>,
  id: ResourceId,
  records: readonly AuditRecord[],
  evidence: WriteEvidence | null,
): Promise<readonly AuditRecord[]> {
  const [first] = records;
  if (first === undefined) return [];
  const { records: applied } = await deps.audit.query({
    resourceId: first.resourceId,
    outcome: 'applied',
    since: first.time,
    limit: 100,
  });
  const same = applied.filter((record) =>
    records.some(
      ({ remediator, edits }) =>
        remediator === record.remediator &&
        digestOf(edits.map(placeOf)) === digestOf(record.edits.map(placeOf)),
    ),
  );
  if (!(await isLast(deps, id, records, evidence))) return same;
  return same.filter(({ writeId }) => writeId === first.writeId);
}

/**
 * Whether every other write of ours that is recorded was there when this one was planned, by ARM's clock: those of two
 * instances may differ by more than lies between two writes. A write of a part need not renew the time.
 */
async function isLast(
  { memory }: Pick<EngineDeps, 'memory'>,
  id: ResourceId,
  records: readonly AuditRecord[],
  evidence: WriteEvidence | null,
): Promise<boolean> {
  if (id.kind === 'connection') return false;
  const { kind } = id;
  const edits = records.flatMap((record) => record.edits);
  if (edits.some((edit) => targetOf(kind, edit).kind !== 'resource')) return false;
  const basedOn = evidence?.basedOn ?? null;
  const { lastWriteAt } = await memory.read(id);
  return basedOn !== null && lastWriteAt !== null && Date.parse(lastWriteAt) <= Date.parse(basedOn);
}

/** What is changed, whatever was there before. */
function placeOf({ op, path, after }: Edit): unknown {
  return [op, path, after];
}
