import type { JsonObject } from '../../types/json.js';
import { propertiesOf } from '../../types/observation.js';
import type { AuditRecord } from '../../types/record.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { isInScope } from '../../types/scope.js';
import { arrivedWhileOpen } from '../../vault/arrived-open.js';
import { ArmError } from '../arm-error.js';
import { recordOutcome } from '../record/audit-trail.js';
import type { EngineDeps } from '../engine-deps.js';
import { isWrittenSince } from './is-written-since.js';
import { isOlderThan, modifiedAt } from '../look/modified-at.js';
import { vaultMemory } from '../next-memory.js';
import { noteHistory } from '../contested/note-history.js';
import { markUnconfirmed, separateFromRefusal, UNCONFIRMED_ERROR } from '../write/open-write.js';
import type { PendingRecord, ResourceMemory, WriteEvidence } from '../ports.js';
import {
  blockedBefore,
  isTakenOpen,
  openWriteIds,
  rememberBlocked,
  withoutOpen,
} from '../record/record-memory.js';
import { recordedSince } from './recorded-since.js';
import { keepWhatItWentOver } from '../lost-save/settle-history.js';
import { settleWrite, type Settlement, type UnsettledWrite } from './settle-write.js';
import { READ_AGAIN_MS } from '../look/stale-read.js';
import { sleep } from '../sleep.js';
import { untilShown } from './until-shown.js';
import { isVersionOf } from './version-of-write.js';
import { withParts } from '../write/with-parts.js';

/** A write that is older than this has been answered or never will be: a lease lasts a minute. */
const SETTLE_AFTER_MS = 2 * 60_000;

const DAY_MS = 24 * 60 * 60_000;

const REPEATED_ERROR = 'Azure never answered this write; the same change was made and recorded since.';

/**
 * Settles the writes whose outcome was never recorded, because the process ended between. Each is judged from the
 * live resource and from who ARM says wrote last; without evidence it is `failed`, with the warning `unconfirmed`.
 * One that cannot be judged now stays for the next sweep. `afterMs` is how old a write must be; where nobody else can be at
 * it, it need not be old.
 */
export async function settlePending(
  deps: EngineDeps,
  signal: AbortSignal,
  afterMs: number = SETTLE_AFTER_MS,
): Promise<void> {
  const pending = await deps.audit.pending(new Date(deps.now().getTime() - afterMs));
  for (const write of byWrite(pending)) {
    const id = tryParseResourceId(write[0]?.record.resourceId ?? '');
    if (id === null) continue;
    try {
      await deps.leases.withLease(id, async (lease) => {
        const left = leftOpen(deps, await deps.memory.read(id), write[0]?.record.writeId ?? '');
        return settleOne(deps, id, write, left, AbortSignal.any([signal, lease]));
      });
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
    }
  }
}

/**
 * Settles the writes that a look had to leave open, before the next look at the resource. The lease is held. Gives how
 * long one of them may still not be shown, in milliseconds; 0 where all are settled. Until then nothing can be planned.
 */
export async function settleLeftOpen(
  deps: EngineDeps,
  id: ResourceId,
  memory: ResourceMemory,
  signal: AbortSignal,
): Promise<number> {
  const writeIds = openWriteIds(memory.recorded);
  const failed: AuditRecord[] = [];
  const unshown = new Map<string, number>();
  // Another instance, whose clock may be ahead, may have recorded it.
  const pending = await deps.audit.pending(new Date(deps.now().getTime() + DAY_MS));
  for (const write of byWrite(pending.filter(({ record }) => writeIds.includes(record.writeId)))) {
    const writeId = write[0]?.record.writeId ?? '';
    const left = leftOpen(deps, memory, writeId);
    const settled = await settleOne(deps, id, write, left, signal);
    if (settled === 'unshown') unshown.set(writeId, left.waitMs);
    else failed.push(...settled);
  }
  const now = await deps.memory.read(id);
  // The same change tried again in vain goes over the same record.
  const recorded = withoutOpen(now.recorded, new Set(unshown.keys()), deps.now());
  await deps.memory.write(id, { ...now, recorded: rememberBlocked(recorded, failed) });
  return Math.max(0, ...unshown.values());
}

/** How long a write may still not be shown, in milliseconds, and whether Azure has answered that it took it. */
interface LeftOpen {
  readonly waitMs: number;
  readonly isTaken: boolean;
}

function leftOpen(deps: EngineDeps, memory: ResourceMemory, writeId: string): LeftOpen {
  return {
    waitMs: untilShown(deps, memory, writeId),
    isTaken: isTakenOpen(memory.recorded, writeId),
  };
}

function byWrite(pending: readonly PendingRecord[]): readonly (readonly PendingRecord[])[] {
  return [...Map.groupBy(pending, ({ record }) => record.writeId).values()];
}

/**
 * Gives the records of what was certainly not carried out, as they are now; `unshown` where the resource does not show
 * the write and may do so within `waitMs`: then it stays open.
 */
async function settleOne(
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
    (settlement !== null && (await standsInVersions(deps, id, records, evidence, signal)));
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
  const own = isApplied ? await keepWhatItWentOver(deps, id, separate, evidence, memory) : separate;
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

/** Open, where the write has shut it. */
function asItWas(live: JsonObject, applied: readonly AuditRecord[]): JsonObject {
  const shutting = applied
    .flatMap(({ edits }) => edits)
    .find(({ path }) => path === '/properties/networkAcls/defaultAction');
  if (shutting === undefined) return live;
  return { ...live, properties: { ...propertiesOf(live), networkAcls: { defaultAction: 'Allow' } } };
}

/** The rules of the write are ours: without the ledger they would be taken for somebody else's, for good. */
async function rememberRules(
  deps: EngineDeps,
  id: ResourceId,
  live: JsonObject,
  applied: readonly AuditRecord[],
): Promise<void> {
  const memory = await deps.memory.read(id);
  const readers = await deps.readers.readersOf(id.name.toLowerCase());
  const after = vaultMemory(deps.now(), memory, readers, applied, live);
  const arrivedOpen = arrivedWhileOpen(memory, asItWas(live, applied), live, after.ownedRules);
  const next = arrivedOpen === memory.arrivedOpen ? after : { ...after, arrivedOpen };
  if (next !== memory) await deps.memory.write(id, next);
}

/**
 * What was applied counts towards what somebody else keeps reverting, and a read from before it is stale. `live` is the
 * resource that shows it; null where nothing was applied.
 */
async function rememberWritten(
  deps: EngineDeps,
  id: ResourceId,
  live: JsonObject | null,
  settled: readonly AuditRecord[],
): Promise<ResourceMemory> {
  const memory = await deps.memory.read(id);
  const [first] = settled;
  // The memory was written, and the outcome could not be: the change counts once towards what is contested.
  if (first === undefined || memory.lastWriteId === first.writeId) return memory;
  const at = live === null ? null : modifiedAt(live);
  const isLater = at !== null && Date.parse(at) > Date.parse(memory.lastWriteAt ?? new Date(0).toISOString());
  const dated = isLater ? { ...memory, lastWriteAt: at, lastWriteId: first.writeId } : memory;
  const next = await noteHistory(deps, dated, { records: settled, paused: [], cause: first });
  if (next !== memory) await deps.memory.write(id, next);
  return next;
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
  const since = Date.parse(records[0]?.time ?? '') - SETTLE_AFTER_MS / 2;
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
