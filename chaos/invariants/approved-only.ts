import { isSameJson } from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import type { AuditRecord } from '../../src/types/record.js';
import { settingsAt, type Evidence } from '../evidence/evidence.js';
import { ofResource } from '../evidence/of-resource.js';
import { ownWrites, type OwnWrite } from '../evidence/own-writes.js';
import { storedRecords } from '../evidence/stored-records.js';
import { isVersionEdit } from '../evidence/taken-up.js';
import type { Invariant, Violation } from './invariant.js';
import { isUnconfirmed } from './recorded-once.js';

/**
 * (8) What waits for approval is written only while somebody's approval is answered, in that person's name, and only
 * as the approved record showed it. A save that a write had gone over comes back without.
 */
export const approvedOnly: Invariant = (world) => {
  if (world.deployments.every(({ settings }) => !Object.values(settings.modes).includes('approve')))
    return [];
  const records = new Map(storedRecords(world.storage).map((record) => [record.id, record]));
  return ownWrites(world).flatMap((write) =>
    write.records.filter(isWritten).flatMap((record): readonly Violation[] => {
      const at = sentAt(write);
      switch (settingsAt(world, at).modes[record.remediator]) {
        case 'enforce':
          return [];
        case 'approve':
          return unapproved(world, write, record, records);
        case 'audit':
        case 'off':
          return [
            {
              invariant: 'approved-only',
              at,
              what: `${record.remediator} wrote, and was not set to`,
              about: write.change.resourceId,
            },
          ];
      }
    }),
  );
};

function sentAt({ exchange, change }: OwnWrite): number {
  return exchange?.sentAt ?? Date.parse(change.time);
}

function isWritten(record: AuditRecord): boolean {
  return record.outcome === 'applied' || isUnconfirmed(record);
}

function unapproved(
  world: Evidence,
  write: OwnWrite,
  record: AuditRecord,
  records: ReadonlyMap<string, AuditRecord>,
): readonly Violation[] {
  const { change } = write;
  const at = sentAt(write);
  const shown = world.approvals
    .filter(({ from, until }) => from <= at && (until === null || until >= at))
    .flatMap(({ recordId }) => records.get(recordId) ?? [])
    .filter(({ outcome, remediator }) => outcome === 'planned' && remediator === record.remediator)
    .flatMap((approved) => ofResource(approved, change.resourceId).edits);
  const edits = record.edits.filter((edit) => !isVersionEdit(edit));
  const violation = (what: string): Violation => ({
    invariant: 'approved-only',
    at,
    what: `${record.remediator} ${what}`,
    about: change.resourceId,
  });
  const isInSomebodysName = record.trigger === 'http' && record.actor !== null;
  return [
    ...edits
      .filter((edit) => !shown.some((one) => isSameChange(one, edit)))
      .map(({ op, path }) => violation(`made a change that nobody had approved: ${op} at ${path}`)),
    ...(edits.length > 0 && !isInSomebodysName ? [violation('wrote in nobody’s name')] : []),
  ];
}

function isSameChange(one: Edit, other: Edit): boolean {
  return (
    one.op === other.op &&
    one.path === other.path &&
    isSameJson(one.before, other.before) &&
    isSameJson(one.after, other.after)
  );
}
