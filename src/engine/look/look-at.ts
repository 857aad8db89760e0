import type { AuditRecord } from '../../types/record.js';
import { afterAttempt, leavePart } from './after-attempt.js';
import { giveBackUnused, intend, send } from '../budget/send-counted.js';
import { startTrail } from '../record/audit-trail.js';
import { prepareToCount } from '../budget/change-budget.js';
import { draftRecords, type Draft } from '../record/draft-records.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import { finishLook } from './finish-look.js';
import { finishWritten, lookAtHistory } from './finish-written.js';
import { doubtAbout, learnBefore } from './learn-before.js';
import { closeFailed, later, leave, leaveOpen, reportGone } from './leave-look.js';
import type { Look, LookResult } from './look.js';
import { toLookResult } from './look-result.js';
import { block, goOn, noteClosed, planNow, startLooking, type Looking } from './looking.js';
import { closeChanged, closeUndone, takeUpForgotten } from './make-way.js';
import { mayBeUndone } from '../settle/may-be-undone.js';
import { isJustNow, isOlderThan } from './modified-at.js';
import { noteResource } from '../readers/note-resource.js';
import { observe, type Seen } from '../observe/observe.js';
import { onwardReader } from './onward-reader.js';
import { isSameWrite, openWrite, separateFromRefusal } from '../write/open-write.js';
import type { PreparedPlan } from '../write/prepare-write.js';
import { openWriteIds } from '../record/record-memory.js';
import { forgottenWrites } from '../settle/forgotten-writes.js';
import { settleOpen } from '../settle/settle-open.js';
import { settleLeftOpen } from '../settle/settle-pending.js';
import { SHOWN_WITHIN_MS } from '../settle/until-shown.js';
import type { ResourceId } from '../../types/resource-id.js';
import { withLostSave } from '../lost-save/with-lost-save.js';

export interface LookOptions {
  /** Aborts reading and waiting; a write that was sent is always waited for. */
  readonly signal: AbortSignal;
  /** Whether there is time to ask the workflows of rules that nobody seems to need any more. */
  readonly confirmReleases: boolean;
  /** Whether what belongs to a vault but does not stand in it must be read now, because it is to be written. */
  readonly readSurroundings?: boolean;
  /** Nobody waits for an answer, and there is likely something to write. */
  readonly isFromQueue?: boolean;
  /** Whether the index knew of the vault before it was looked at, where somebody has asked already. */
  readonly isVaultKnown?: Promise<boolean>;
  /** Those of the workflows that may read any vault, because a connection of theirs could not be read yet. */
  readonly unseenReaders?: (unresolved: readonly string[]) => Promise<readonly ResourceId[]>;
  /** A number that grows with every event of the resource that comes in. */
  readonly latestEvent?: () => number;
}

/** How often a write that Azure did not carry out is planned anew within one look. */
const MAX_WRITES = 3;
/**
 * An event that is newer than what was read by more than this announced something that the read did not show. It is
 * told of when a write is over, and a vault may take seconds over one.
 */
const EVENT_TOLERANCE_MS = 10_000;
/** One that is newer by more than this may have. */
const EVENT_DOUBT_MS = 1000;
/** For how long a look reads again because somebody is still at it; then it writes all the same. */
const OVERTAKEN_MS = 5000;

/**
 * Looks at one resource and does what it takes: observe, plan, record the intent, write, verify, record the
 * outcome. To be called while holding the resource's lease. Throws `ArmError` where the resource cannot be read.
 */
export async function lookAt(given: EngineDeps, look: Look, options: LookOptions): Promise<LookResult> {
  const deps = { ...given, reader: onwardReader(given.reader) };
  const startedAt = deps.now();
  if (!look.dryRun) void prepareToCount(deps, look);
  const readAfter = options.latestEvent?.() ?? 0;
  let seen = await observe(deps, look, options);
  if (seen !== null && !look.dryRun && openWriteIds(seen.memory.recorded).length > 0) {
    const waitMs = await settleLeftOpen(deps, look.id, seen.memory, options.signal);
    if (waitMs > 0) return unshown(look, waitMs);
    seen = await observe(deps, look, options);
  }
  if (seen === null) {
    // The event may tell of something so new that the read does not show it.
    if (isJustNow(look.causedAt, deps.now()) && !look.dryRun)
      return later(`Azure does not show ${look.id.id}, of which the event tells.`, EVENT_TOLERANCE_MS);
    return look.dryRun ? { kind: 'gone' } : goneOrUnshown(deps, look, options);
  }
  seen = withHandMemory(deps, look, await withLostSave(deps, look, options, seen));
  const trail = startTrail({ ...look, id: seen.observed.id }, startedAt);
  const looking = startLooking(deps, trail, options, seen, readAfter);
  try {
    for (;;) {
      const result = await planAndWrite(looking);
      if (result !== null) return result;
      const gone = await lookAgain(looking);
      if (gone !== null) return gone;
    }
  } catch (error) {
    // Nobody may come back to it, and a vault is not to be shut without a reader that was seen.
    if (error instanceof ArmError && !look.dryRun)
      await noteResource(deps, trail.look, looking.seen, options.signal);
    throw error;
  } finally {
    await giveBackUnused(looking);
  }
}

/** What a change by hand has to be remembered by, before it is made. */
function withHandMemory({ now }: EngineDeps, { byHand }: Look, seen: Seen): Seen {
  if (byHand === undefined) return seen;
  const { memory } = byHand.decide(seen.observed, seen.document, seen.memory, now());
  return memory === seen.memory ? seen : { ...seen, memory, isUnsaved: true };
}

/** What became of a write that was left open is told first, though nothing shows it. */
async function goneOrUnshown(deps: EngineDeps, look: Look, options: LookOptions): Promise<LookResult> {
  const memory = await deps.memory.read(look.id);
  const isOpen = openWriteIds(memory.recorded).length > 0;
  const waitMs = isOpen ? await settleLeftOpen(deps, look.id, memory, options.signal) : 0;
  return waitMs > 0 ? unshown(look, waitMs) : reportGone(deps, look, null);
}

/** Whoever looks now would plan from a read that may be from before the last write: that is no failure of the resource. */
function unshown({ id }: Look, waitMs: number): LookResult {
  return {
    ...later(`Azure may not show yet what became of the last write to ${id.id}.`, waitMs),
    isBusy: true,
  };
}

/** Plans from what was read, and writes; null where the resource has to be looked at again. */
async function planAndWrite(looking: Looking): Promise<LookResult | null> {
  const { deps, trail, options, seen, open, writes } = looking;
  const { look } = trail;
  const planned = planNow(looking);
  const { plan, target, hasMore } = planned;
  if (look.dryRun)
    return orGone(seen, toLookResult(planned.full, draftRecords(planned.full, look), [], null));
  const drafts = draftRecords(plan, look);
  const intents = drafts.filter((draft) => draft.outcome === 'pending');
  if (intents.length === 0 || plan.write === null) {
    if (open?.mayStand === true) return leaveOpen(deps, seen, open, SHOWN_WITHIN_MS);
    const result = await finishUnwritten(looking, plan, drafts);
    return planned.isCutOff
      ? later(`There is more to write to ${look.id.id} than one look does.`, 0)
      : result;
  }
  if (open !== null && writes >= MAX_WRITES) return leavePart(looking, open, hasMore);
  // The event tells of something newer than the read: a write planned from it might take that back.
  if (writes === 0 && isBehindEvent(looking, EVENT_TOLERANCE_MS)) {
    return later(`What Azure shows of ${look.id.id} is older than the event.`, EVENT_TOLERANCE_MS);
  }
  const missing = await learnBefore(looking, target, intents).catch(async (error: unknown) => {
    if (open !== null) await leaveOpen(deps, seen, open, 0);
    throw error;
  });
  if (missing !== 'nothing') {
    if (missing !== null && open !== null) await leaveOpen(deps, seen, open, 0);
    return missing;
  }

  if (isOvertaken(looking)) return null;

  const isCarried = open !== null && isSameWrite(open.records, intents);
  if (open !== null && !isCarried) {
    // The read may be one from before it.
    if (open.mayStand) return leaveOpen(deps, seen, open, SHOWN_WITHIN_MS);
    await closeChanged(looking, open);
  }
  const forgotten = isCarried ? [] : await forgottenWrites(deps, seen.memory, intents);
  if (forgotten.length > 0) return takeUpForgotten(looking, forgotten);
  const armTime = deps.armTime();
  const by = deps.operator === undefined ? {} : { by: [...(await deps.ownIdentity())] };
  const evidence = { ...plan.write.evidence, ...by, sentAt: armTime?.toISOString() ?? null };
  const next = openWrite(looking.trail, intents, evidence, seen.memory, isCarried ? open : null, {
    now: deps.now(),
    armTime,
  });
  looking.open = next;
  looking.target = target;
  const [denied] = await Promise.all([
    intend(looking, next),
    seen.isUnsaved === true ? deps.memory.write(look.id, seen.memory) : null,
  ]);
  // From here on the lease must outlast the write.
  if (options.signal.aborted) return leave(deps, seen, next, 0);
  const attempt = denied ?? doubtAbout(looking, target) ?? (await send(looking, plan.write, next));
  looking.writes += 1;
  return afterAttempt(looking, { ...planned, write: plan.write, drafts }, next, attempt);
}

/**
 * Whether an event has come in since the resource was read: somebody is at it just now, and a vault's rules are written
 * as a whole list. It is read again until nobody is, so that what he puts in meanwhile stays.
 */
function isOvertaken({ deps, options, readAfter, trail }: Looking): boolean {
  const isOver = deps.now().getTime() - trail.startedAt > OVERTAKEN_MS;
  return !isOver && (options.latestEvent?.() ?? 0) !== readAfter;
}

/**
 * Whether the event tells of something newer than what was read. A look from the queue goes by no event, so that an ARM
 * which does not keep the time of changes costs one look more, and not one after the other.
 */
function isBehindEvent({ seen, trail }: Looking, toleranceMs: number): boolean {
  return isOlderThan(seen.document, trail.look.causedAt, toleranceMs);
}

async function finishUnwritten(
  looking: Looking,
  plan: PreparedPlan,
  drafts: readonly Draft[],
): Promise<LookResult> {
  const { deps, trail, seen, open, closed } = looking;
  if (open !== null) {
    noteClosed(
      looking,
      closeFailed(
        deps,
        open,
        'Azure did not say that it took it, and it was not needed any more when the resource was read again.',
      ),
    );
  }
  const result = await finishLook(deps, { ...looking, plan, drafts, live: seen.document });
  await noteResource(deps, trail.look, seen, looking.options.signal);
  // The event tells of something newer: the read was stale, and is repeated once, from the queue.
  if (closed.length + looking.done.length === 0 && isBehindEvent(looking, EVENT_DOUBT_MS)) {
    return later(`What Azure shows of ${trail.look.id.id} is older than the event.`, EVENT_TOLERANCE_MS);
  }
  return looking.unfinished ?? orGone(seen, result);
}

/** Of a deleted vault that nobody has anything to do with, nothing is to be said but that it is deleted. */
function orGone({ observed }: Seen, result: LookResult): LookResult {
  const isUntouched = result.kind === 'done' && result.remediations.length === 0;
  return observed.kind === 'deleted-vault' && isUntouched ? { kind: 'gone', isRecoverable: true } : result;
}

/** Reads the resource again and finds out what became of a write; a result only where the look can go no further. */
async function lookAgain(looking: Looking): Promise<LookResult | null> {
  const { deps, trail, options, open } = looking;
  looking.readAfter = options.latestEvent?.() ?? 0;
  let seen: Seen | null;
  let settled: readonly AuditRecord[] | null = null;
  try {
    seen = await observe(deps, trail.look, options);
    if (looking.seen.observed.kind === 'deleted-vault' && seen?.observed.kind === 'vault') {
      // Recovered: what belonged to it may be lost.
      looking.options = { ...options, readSurroundings: true };
      seen = await observe(deps, trail.look, looking.options);
    }
    if (seen !== null && open !== null) settled = await settleOpen(deps, open, seen.document, options.signal);
  } catch (error) {
    if (open !== null) await leaveOpen(deps, looking.seen, open, 0);
    throw error;
  }
  if (seen === null) {
    // It may have been carried out, and a resource that is not shown need not be gone.
    if (open?.mayStand === true) return leaveOpen(deps, looking.seen, open, SHOWN_WITHIN_MS);
    return reportGone(deps, trail.look, open);
  }
  const { document: before, takenUp } = looking.seen;
  looking.seen = seen;
  if (settled === null && open !== null) {
    const doubt = mayBeUndone(open, seen.document);
    if (doubt === 'unshown') return leaveOpen(deps, seen, open, SHOWN_WITHIN_MS);
    if (doubt === 'undone') await closeUndone(looking, open);
  }
  if (settled !== null) {
    const { applied, putBack } = separateFromRefusal(settled, seen.memory, deps.now());
    // What the write changed is told by what was there before it, not by what is there now.
    looking.seen = { ...seen, document: before, takenUp };
    const isApplied = open !== null && applied.every(({ outcome }) => outcome === 'applied');
    const history = isApplied
      ? await lookAtHistory(looking, open, applied, seen.document)
      : { applied, left: null };
    looking.seen = { ...seen, memory: await finishWritten(looking, history, putBack, seen.document) };
    // Sent again, it would be as unsure again.
    if (settled.some(({ outcome }) => outcome !== 'applied')) block(looking);
    goOn(looking, history.applied);
  }
  try {
    looking.seen = await withLostSave(deps, trail.look, looking.options, looking.seen);
    return null;
  } catch (error) {
    if (looking.open !== null) await leaveOpen(deps, looking.seen, looking.open, 0);
    throw error;
  }
}
