import type { AuditRecord } from '../../types/record.js';
import type { JsonObject } from '../../types/json.js';
import type { ResourceId } from '../../types/resource-id.js';
import type { EngineDeps } from '../engine-deps.js';
import type { WriteEvidence } from '../ports/audit-log.js';
import { isWrittenBefore, isWrittenSince } from './is-written-since.js';
import { modifiedAt } from '../look/modified-at.js';
import { isVersionOf } from './version-of-write.js';
import { isVersionEdit } from '../lost-save/version-edit.js';
import { unconfirmedEdits } from '../write/verify-edits.js';

/**
 * `applied`: the resource shows the edits, and they are ours. `absent`: it does not show them. `unconfirmed`: it
 * shows them, but nothing says that it was this write.
 */
export type Settlement = 'applied' | 'absent' | 'unconfirmed';

/** A write whose records have no outcome yet. */
export interface UnsettledWrite {
  readonly records: readonly AuditRecord[];
  readonly evidence: WriteEvidence | null;
  /** Azure has answered that it took it. */
  readonly isTaken: boolean;
}

/** ARM's clock and ours may differ by this much without one write being taken for another. */
const CLOCK_SKEW_MS = 60_000;

/**
 * What became of a write whose answer was never seen, judged from the resource as it is now and from who ARM says
 * wrote last.
 */
export async function settleWrite(
  deps: Pick<EngineDeps, 'operator' | 'ownIdentity' | 'memory'>,
  { records, evidence, isTaken }: UnsettledWrite,
  id: ResourceId,
  live: JsonObject,
): Promise<Settlement> {
  if (
    unconfirmedEdits(
      live,
      records.flatMap((record) => record.edits),
    ).length > 0
  )
    return 'absent';
  if (isTaken) return 'applied';
  const isNewer = isWrittenSince(records, evidence, id, live);
  // It shows them because they were there before.
  if (isNewer === false || isWrittenBefore(records, evidence, id, live)) return 'absent';
  if (id.kind === 'workflow' && isVersionOf(records, evidence, live)) return 'applied';
  // Of a version that was taken up only the whole tells: that Holdfast wrote last is true of the write before it, too.
  if (records.some(({ edits }) => edits.some(isVersionEdit))) return 'absent';
  // Two times of ARM's clock tell more than one of ours.
  const since = isNewer === true ? null : Math.min(...records.map((record) => Date.parse(record.time)));
  if (!(await isOwnWrite(deps, evidence, live, since))) return 'unconfirmed';
  // Of another write that has records of its own, it shows no more than that.
  const { lastWriteAt, lastWriteId } = await deps.memory.read(id);
  const isOther = lastWriteId !== undefined && !records.some(({ writeId }) => writeId === lastWriteId);
  return isOther && isSameTime(modifiedAt(live), lastWriteAt) ? 'unconfirmed' : 'applied';
}

function isSameTime(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && Date.parse(one) === Date.parse(other);
}

async function isOwnWrite(
  deps: Pick<EngineDeps, 'operator' | 'ownIdentity'>,
  evidence: WriteEvidence | null,
  live: JsonObject,
  since: number | null,
): Promise<boolean> {
  const systemData = live.systemData as JsonObject | undefined;
  const author = systemData?.lastModifiedBy;
  const at = systemData?.lastModifiedAt;
  if (typeof author !== 'string' || typeof at !== 'string') return false;
  if (since !== null && Date.parse(at) < since - CLOCK_SKEW_MS) return false;
  return (await authorsOf(deps, evidence)).includes(author.toLowerCase());
}

/** Whose write it was. Of the app's, the command line does not know under which name ARM has it. */
async function authorsOf(
  { operator, ownIdentity }: Pick<EngineDeps, 'operator' | 'ownIdentity'>,
  evidence: WriteEvidence | null,
): Promise<readonly string[]> {
  if (evidence?.by !== undefined) return evidence.by;
  return operator === undefined ? [...(await ownIdentity())] : [];
}
