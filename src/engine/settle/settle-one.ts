import type { JsonObject } from '../../types/json.js';
import type { AuditRecord } from '../../types/record.js';
import type { ResourceId } from '../../types/resource-id.js';
import { isInScope } from '../../types/scope.js';
import { ArmError } from '../arm-error.js';
import { recordOutcome } from '../record/audit-trail.js';
import type { EngineDeps } from '../engine-deps.js';
import { isWrittenSince } from './is-written-since.js';
import { isOlderThan, modifiedAt } from '../look/modified-at.js';
import { markUnconfirmed, separateFromRefusal, UNCONFIRMED_ERROR } from '../write/open-write.js';
import type { PendingRecord, WriteEvidence } from '../ports/audit-log.js';
import { blockedBefore } from '../record/record-memory.js';
import { isDoubtedBeside, recordedSince } from './recorded-since.js';
import { keepWhatItWentOver } from '../lost-save/settle-history.js';
import { settleWrite, type Settlement, type UnsettledWrite } from './settle-write.js';
import { READ_AGAIN_MS } from '../look/stale-read.js';
import { sleep } from '../sleep.js';
import { isVersionOf } from './version-of-write.js';
import { withParts } from '../write/with-parts.js';
import { rememberRules, rememberWritten } from './remember-settled.js';

/** ARM's clock and ours may differ by this much. */
const CLOCKS_DIFFER_MS = 60_000;

const REPEATED_ERROR = 'Azure never answered this write; the same change was made and recorded since.';

/** How long a write may still not be shown, in milliseconds, and whether Azure has answered that it took it. */
export interface LeftOpen {
  readonly waitMs: number;
  readonly isTaken: boolean;
}

/**
 * Gives the records of what was certainly not carried out, as they are now; `unshown` where the resource does not show
 * the write and may do so within `waitMs`: then it stays open.
 */
export async function settleOne(
  deps: EngineDeps,
  id: ResourceId,
  write: readonly PendingRecord[],
  { waitMs, isTaken }: LeftOpen,
  signal: AbortSignal,
): Promise<readonly AuditRecord[] | 'unshown'> {
  const records = await stillPending(
    deps,
    write.map(({ record }) => record),
  );
  if (records.length === 0) return [];
  const evidence = write[0]?.evidence ?? null;
  const since = await recordedSince(deps, id, records, evidence);
  const isRepeated = since.length > 0;
  // The change got a record of its own, and only this one, which the intent went over, was not put back any more.
  const isTwin = since.some(({ writeId }) => writeId === write[0]?.record.writeId);
  const { live, settlement: shown } = isInScope(id, deps.policy.scopes)
    ? await readAndSettle(deps, id, { records, evidence, isTaken }, waitMs > 0 ? [] : READ_AGAIN_MS, signal)
    : { live: null, settlement: null };
  const settlement = isRepeated ? null : shown;
  const isApplied =
    settlement === 'applied' ||
    (settlement !== null &&
      (await standsInVersions(deps, id, records, evidence, signal)) &&
      !(await isDoubtedBeside(deps, records)));
  const isUnshown = settlement === 'absent' || (live === null && !isRepeated);
  if (isUnshown && !isApplied && waitMs > 0) return 'unshown';
  const error = isRepeated ? REPEATED_ERROR : UNCONFIRMED_ERROR;
  const settled = records.map((record): AuditRecord =>
    isApplied
      ? { ...record, outcome: 'applied' }
      : isTwin
        ? { ...record, outcome: 'failed', error }
        : markUnconfirmed({ ...record, outcome: 'failed', error }),
  );
  if (isApplied && live !== null && id.kind === 'vault') await rememberRules(deps, id, live, settled);
  const memory = await rememberWritten(deps, id, isApplied ? live : null, settled);
  // Azure has not carried it out, and nothing else is to be said of it than before.
  const isUntouched = live !== null && isWrittenSince(records, evidence, id, live) === false;
  if (!isApplied && (isTwin || isUntouched)) {
    const kept = settled.map((record) => {
      const earlier = blockedBefore(memory.recorded, record);
      return earlier?.id === record.id ? earlier : record;
    });
    await recordOutcome(deps, kept);
    return kept;
  }
  const { applied: separate, putBack } = separateFromRefusal(settled, memory, deps.now());
  // One that may have been carried out keeps a record of its own, whatever Azure would not take before or after.
  const own = isApplied ? await keepWhatItWentOver(deps, id, separate, evidence, memory, live) : separate;
  await recordOutcome(deps, own);
  if (putBack.length > 0) await deps.audit.write(putBack);
  return [];
}

/**
 * The resource as it is, and what it says of the write; null where it is gone or not shown. Read again where it says no:
 * one read may lag for longer than the others.
 */
async function readAndSettle(
  deps: EngineDeps,
  id: ResourceId,
  write: UnsettledWrite,
  readAgainMs: readonly number[],
  signal: AbortSignal,
): Promise<{ readonly live: JsonObject | null; readonly settlement: Settlement | null }> {
  let live = await readIfThere(deps, id, write.records, signal);
  let settlement = live === null ? null : await settleWrite(deps, write, id, live);
  for (const delayMs of readAgainMs) {
    if (live === null || settlement !== 'absent') break;
    await sleep(delayMs, signal);
    const again = await readIfThere(deps, id, write.records, signal);
    if (again === null || !isOlderThan(live, modifiedAt(again))) continue;
    live = again;
    settlement = await settleWrite(deps, write, id, live);
  }
  return { live, settlement };
}

/** Between the search and the lease somebody else may have closed them. */
async function stillPending(
  deps: EngineDeps,
  records: readonly AuditRecord[],
): Promise<readonly AuditRecord[]> {
  const [first] = records;
  if (first === undefined) return [];
  const since = records.map(({ time }) => time).sort()[0] ?? first.time;
  const { records: pending } = await deps.audit.query({
    resourceId: first.resourceId,
    outcome: 'pending',
    since,
    limit: 1000,
  });
  const ids = new Set(pending.map(({ id }) => id));
  return records.filter(({ id }) => ids.has(id));
}

/** The resource as it is now, with the parts of it that the records name; null where it is gone or not shown. */
async function readIfThere(
  deps: EngineDeps,
  id: ResourceId,
  records: readonly AuditRecord[],
  signal: AbortSignal,
): Promise<JsonObject | null> {
  try {
    const { document } = await deps.reader.read(id, signal);
    return await withParts(deps, id, document, records, signal);
  } catch (error) {
    if (error instanceof ArmError && ['not-found', 'unauthorized'].includes(error.details.kind)) return null;
    throw error;
  }
}

/** A workflow keeps its versions: ours may be there although somebody has saved another since. */
async function standsInVersions(
  deps: EngineDeps,
  id: ResourceId,
  records: readonly AuditRecord[],
  evidence: WriteEvidence | null,
  signal: AbortSignal,
): Promise<boolean> {
  if (id.kind !== 'workflow' || evidence === null) return false;
  const since = Date.parse(records[0]?.time ?? '') - CLOCKS_DIFFER_MS;
  const after = typeof evidence.basedOn === 'string' ? Date.parse(evidence.basedOn) : since - 1;
  try {
    const versions = await deps.reader.listWorkflowVersions(id, signal);
    return versions.some((version) => {
      const changedTime = (version.properties as JsonObject | undefined)?.changedTime;
      return (
        typeof changedTime === 'string' &&
        Date.parse(changedTime) > after &&
        isVersionOf(records, evidence, version)
      );
    });
  } catch (error) {
    if (error instanceof ArmError) return false;
    throw error;
  }
}
