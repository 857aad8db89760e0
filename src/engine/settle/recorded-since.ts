import type { Edit } from '../../types/edit.js';
import type { AuditRecord } from '../../types/record.js';
import type { ResourceId } from '../../types/resource-id.js';
import type { EngineDeps } from '../engine-deps.js';
import type { WriteEvidence } from '../ports/audit-log.js';
import { digestOf } from '../record/record-digest.js';
import { UNCONFIRMED } from '../write/open-write.js';
import { renewsTime } from './is-written-since.js';

/** Two clocks that differ by more than this are not looked into. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/**
 * The records of the same change, or of part of it, that was recorded since because it was made again: each is its
 * change's one record, and what had to be made again does not stand by the earlier write. What was made before, and put back, is told from it by ARM's clock: those of two instances may differ by more than
 * lies between two writes.
 */
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
    since: new Date(Date.parse(first.time) - CLOCKS_DIFFER_MS).toISOString(),
    limit: 100,
  });
  const places = new Set(records.flatMap(({ edits }) => edits.map(placeOf)));
  const same = applied.filter((record) => record.edits.some((edit) => places.has(placeOf(edit))));
  const base = renewsTime(id.kind, records) ? (evidence?.basedOn ?? null) : null;
  const isLast = base !== null && isUpTo((await deps.memory.read(id)).lastWriteAt, base);
  const since: AuditRecord[] = [];
  for (const record of same) {
    const isAfter =
      record.writeId === first.writeId ||
      (base !== null && (await isPlannedSince(deps, record, base))) ||
      (!isLast && Date.parse(record.time) >= Date.parse(first.time));
    if (isAfter) since.push(record);
  }
  return since;
}

/**
 * Whether another write of the same change, or of part of it, has been left unconfirmed: what a workflow's version shows
 * may be either of the two, and has its one record.
 */
export async function isDoubtedBeside(
  { audit }: Pick<EngineDeps, 'audit'>,
  records: readonly AuditRecord[],
): Promise<boolean> {
  const [first] = records;
  if (first === undefined) return false;
  const { records: failed } = await audit.query({
    resourceId: first.resourceId,
    outcome: 'failed',
    since: new Date(Date.parse(first.time) - CLOCKS_DIFFER_MS).toISOString(),
    limit: 100,
  });
  const places = new Set(records.flatMap(({ edits }) => edits.map(placeOf)));
  return failed.some(
    ({ writeId, warnings, edits }) =>
      writeId !== first.writeId &&
      warnings.includes(UNCONFIRMED) &&
      edits.some((edit) => places.has(placeOf(edit))),
  );
}

/** What was planned from the same state as another write, or from a later one, was carried out after that was planned. */
async function isPlannedSince(
  { audit }: Pick<EngineDeps, 'audit'>,
  record: AuditRecord,
  base: string,
): Promise<boolean> {
  const basedOn = (await audit.evidenceOf(record))?.basedOn ?? null;
  return basedOn !== null && Date.parse(basedOn) >= Date.parse(base);
}

/** Whether every other write of ours that is recorded was there when this one was planned. */
function isUpTo(lastWriteAt: string | null, base: string): boolean {
  return lastWriteAt !== null && Date.parse(lastWriteAt) <= Date.parse(base);
}

/** What is changed, whoever asks for it and whatever was there before. */
function placeOf({ op, path, after }: Edit): string {
  return digestOf([op, path, after]);
}
