import type { Edit } from '../../src/types/edit.js';
import type { Json } from '../../src/types/json.js';
import type { AuditRecord } from '../../src/types/record.js';
import { pausedUntil } from '../evidence/held-back.js';
import { canonical } from '../evidence/json-diff.js';
import { ownWrites, type OwnWrite } from '../evidence/own-writes.js';
import { storedRecords } from '../evidence/stored-records.js';
import type { Invariant, Violation } from './invariant.js';
import { isUnconfirmed } from './recorded-once.js';

/** What the clocks of two instances may differ by here, and a write that was begun before may still be under way. */
const SLACK_MS = 4 * 60_000;

/**
 * (10) What is contested is left alone for as long as its record says: within that time nothing by itself makes all of
 * the edits that the record names.
 */
export const leftAlone: Invariant = (world) => {
  const pauses = storedRecords(world.storage).filter(({ outcome }) => outcome === 'contested');
  if (pauses.length === 0) return [];
  const writes = ownWrites(world);
  return pauses.flatMap((pause) => writes.flatMap((write) => madeAllTheSame(pause, write)));
};

function madeAllTheSame(
  pause: AuditRecord,
  { change, records, differences }: OwnWrite,
): readonly Violation[] {
  const at = Date.parse(change.time);
  if (change.resourceId.toLowerCase() !== pause.resourceId.toLowerCase() || differences.length === 0)
    return [];
  if (at < Date.parse(pause.time) + SLACK_MS || at > pausedUntil(pause) - SLACK_MS) return [];
  const edits = records
    .filter((record) => record.outcome === 'applied' || isUnconfirmed(record))
    .filter(({ remediator, trigger }) => remediator === pause.remediator && trigger !== 'http')
    .flatMap((record) => record.edits);
  if (!pause.edits.every((edit) => edits.some((one) => isSame(one, edit)))) return [];
  const until = new Date(pausedUntil(pause)).toISOString();
  const what = `${pause.remediator} made a change that it had said to leave alone until ${until}`;
  return [{ invariant: 'left-alone', at, what, about: change.resourceId }];
}

/** Whatever was there before. */
function isSame(one: Edit, other: Edit): boolean {
  const valueOf = ({ op, before, after }: Edit): Json => (op === 'remove' ? before : after);
  return (
    one.op === other.op && one.path === other.path && canonical(valueOf(one)) === canonical(valueOf(other))
  );
}
