import type { AuditRecord } from '../../src/types/record.js';
import { storedRecords } from '../evidence/stored-records.js';
import { explains, holds } from '../evidence/explains.js';
import { describe, ownWrites, type OwnWrite } from '../evidence/own-writes.js';
import { canonical } from '../evidence/json-diff.js';
import { valueAt } from '../../src/types/apply-edits.js';
import type { Json } from '../../src/types/json.js';
import { ofResource } from '../evidence/of-resource.js';
import { isOfVersion, namesVersion } from '../evidence/taken-up.js';
import type { Evidence } from '../evidence/evidence.js';
import type { Invariant, Violation } from './invariant.js';

/**
 * (1) Every change that Holdfast makes in Azure stands in exactly one `applied` record or, where nothing was left to
 * tell, in exactly one `unconfirmed`; every `applied` record has its change; nothing is left `pending`.
 */
export const recordedOnce: Invariant = (world) => {
  const writes = ownWrites(world);
  return [
    ...writes.flatMap((write) => ofWrite(world, write)),
    ...changedTwice(writes),
    ...storedRecords(world.storage).flatMap((record) => ofRecord(record, writes)),
  ];
};

function ofWrite(world: Evidence, write: OwnWrite): readonly Violation[] {
  const at = Date.parse(write.change.time);
  const about = write.change.resourceId;
  const violation = (what: string): Violation => ({ invariant: 'recorded-once', at, what, about });
  return write.differences.flatMap((difference) => {
    const byEdit = write.records.filter(({ edits }) => edits.some((edit) => explains(edit, difference)));
    const naming =
      byEdit.length === 0 && isOfVersion(write.takenUp, difference)
        ? write.records.filter(namesVersion)
        : byEdit;
    const applied = naming.filter(({ outcome }) => outcome === 'applied');
    const unsure = naming.filter(isUnconfirmed);
    if (applied.length === 1 && unsure.length === 0) return [];
    if (applied.length + unsure.length > 1) {
      return [violation(`${applied.length + unsure.length} records say that ${describe(difference)}`)];
    }
    if (unsure.length === 1) {
      const why = evidenceLeft(world, write);
      return why === null
        ? []
        : [violation(`it is unconfirmed that ${describe(difference)}, although ${why}`)];
    }
    // What is in no edit of a write that has records is for `only-edits` and `foreign-kept` to judge.
    if (naming.length === 0 && write.records.length > 0) return [];
    const outcomes = naming.map(({ outcome }) => outcome).join(', ');
    return [
      violation(`no record says that ${describe(difference)}${outcomes === '' ? '' : ` (${outcomes})`}`),
    ];
  });
}

export function isUnconfirmed({ outcome, warnings }: AuditRecord): boolean {
  return outcome === 'failed' && warnings.includes('unconfirmed');
}

/**
 * Why a write could have been known to be carried out; null where it could not: somebody has written the resource
 * since, or it is gone, or changed by then, or ARM says of the resource that it was written before that.
 */
function evidenceLeft(world: Evidence, { change, before, after }: OwnWrite): string | null {
  // ARM does not say who wrote a connection.
  if (/\/connections\/[^/]+$/i.test(change.resourceId)) return null;
  if (timeOf(before) === timeOf(after)) return null;
  const later = world.azure.journal
    .changes({ resourceId: change.resourceId })
    .filter(({ sequence }) => sequence > change.sequence);
  return later.length === 0 ? 'nobody has written the resource since' : null;
}

/** When ARM says that a resource was written last. */
function timeOf(document: Json): string {
  return canonical(
    valueAt(document, '/systemData/lastModifiedAt') ?? valueAt(document, '/properties/changedTime') ?? null,
  );
}

/** Two changes under one id have one record between them. */
function changedTwice(writes: readonly OwnWrite[]): readonly Violation[] {
  return [...Map.groupBy(writes, ({ writeId }) => writeId).values()].flatMap((same) => {
    const changing = same.filter(({ differences }) => differences.length > 0);
    const [, second] = changing;
    if (second === undefined) return [];
    return [
      {
        invariant: 'recorded-once' as const,
        at: Date.parse(second.change.time),
        what: `${changing.length} changes were made under the write id ${second.writeId}`,
        about: second.change.resourceId,
      },
    ];
  });
}

function ofRecord(record: AuditRecord, writes: readonly OwnWrite[]): readonly Violation[] {
  const violation = (what: string): Violation => ({
    invariant: 'recorded-once',
    at: Date.parse(record.time),
    what,
    about: record.resourceId,
  });
  if (record.outcome === 'pending')
    return [violation(`the record ${record.id} of ${record.remediator} is pending`)];
  if (record.outcome !== 'applied') return [];
  const own = writes.filter(({ writeId }) => writeId === record.writeId);
  if (own.length === 0)
    return [violation(`${record.remediator} is applied (${record.writeId}), but nothing was changed`)];
  const isMade = (index: number): boolean =>
    own.some(({ after, takenUp, change }) => {
      if (takenUp !== null && namesVersion(record)) return true;
      const edit = ofResource(record, change.resourceId).edits[index];
      return edit !== undefined && holds(edit, after);
    });
  const missing = record.edits.filter((_, i) => !isMade(i));
  return missing.map((edit) =>
    violation(`${record.remediator} is applied (${record.writeId}), but not its edit at ${edit.path}`),
  );
}
