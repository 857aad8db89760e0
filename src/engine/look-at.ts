import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../types/record.js';
import { recordIntent, recordOutcome, startTrail, type Trail } from './audit-trail.js';
import { draftRecords, type Draft } from './draft-records.js';
import type { EngineDeps } from './engine-deps.js';
import { finishLook } from './finish-look.js';
import { closeFailed, giveUp, later, leaveOpen, reportGone } from './leave-look.js';
import type { Look, LookResult, Obstacle } from './look.js';
import { toLookResult } from './look-result.js';
import { isOlderThan } from './modified-at.js';
import { noteResource } from './note-resource.js';
import { observe, type Seen } from './observe.js';
import { closeBlocked, closeWrite, openWrite, separateFromRefusal, type OpenWrite } from './open-write.js';
import { planResource, type ResourcePlan } from './plan-resource.js';
import { finishPart } from './finish-part.js';
import { prepareWrite, type PreparedPlan, type PreparedWrite } from './prepare-write.js';
import { openWriteIds, rememberBlocked } from './record-memory.js';
import { reducePlan } from './reduce-plan.js';
import { sendWrite, type WriteAttempt } from './send-write.js';
import { settleOpen } from './settle-open.js';
import { settleLeftOpen } from './settle-pending.js';
import { sleep } from './sleep.js';
import { nameOfTarget, restrictPlan, targetsOf, type WriteTarget } from './write-target.js';

export interface LookOptions {
  /** Aborts reading and waiting; a write that was sent is always waited for. */
  readonly signal: AbortSignal;
  /** Whether there is time to ask the workflows of rules that nobody seems to need any more. */
  readonly confirmReleases: boolean;
  /** Whether what belongs to a vault but does not stand in it must be read now, because it is to be written. */
  readonly readSurroundings?: boolean;
}

/** How often a write that Azure did not carry out is planned anew within one look. */
const MAX_WRITES = 3;
/** How many parts of one resource are written in one look; more than this is somebody working against it. */
const MAX_PARTS = 50;
/** A named wait longer than this goes to the queue. */
const LONGEST_WAIT_MS = 5000;
const BACKOFF_MS = 300;
/** An event that is newer than what was read by more than this announced something that the read did not show. */
const EVENT_TOLERANCE_MS = 10_000;

/** One look under way: what it has come to so far. */
interface Looking {
  readonly deps: EngineDeps;
  /** Renewed with each part of the resource that is written, because each write has an id of its own. */
  trail: Trail;
  options: LookOptions;
  /** The resource as it was read last. */
  seen: Seen;
  /** A write that was sent and whose outcome is not known, or that Azure turned down for now. */
  open: OpenWrite | null;
  /** The records of what was tried, each with its outcome. */
  readonly closed: AuditRecord[];
  /** The records of the parts that are written already, as they stand in the audit log. */
  readonly done: AuditRecord[];
  /** The names of the targets that Azure would not take a write to. */
  readonly blocked: Set<string>;
  /** How often the write to the present target has been sent. */
  writes: number;
  /** What Azure had against a write, where it had something. */
  obstacle: Obstacle['kind'] | null;
  /** How many of the steps of `reduce-plan.ts` the plan has been reduced by, because Azure rejected it. */
  steps: number;
}

/** What a look plans: all of it, and the part of it that goes into one write. */
interface Planned {
  readonly full: ResourcePlan;
  /** Null where there is nothing to write. */
  readonly target: WriteTarget | null;
  /** Whether other parts are to be written after this one. */
  readonly hasMore: boolean;
  readonly plan: PreparedPlan;
}

/** A plan with a write in it, and the intents to record before. */
interface Intended extends Planned {
  readonly write: PreparedWrite;
  readonly drafts: readonly Draft[];
}

/**
 * Looks at one resource and does what it takes: observe, plan, record the intent, write, verify, record the
 * outcome. To be called while holding the resource's lease. Throws `ArmError` where the resource cannot be read.
 */
export async function lookAt(deps: EngineDeps, look: Look, options: LookOptions): Promise<LookResult> {
  const startedAt = deps.now();
  let seen = await observe(deps, look, options);
  if (seen !== null && !look.dryRun && openWriteIds(seen.memory.recorded).length > 0) {
    await settleLeftOpen(deps, look.id, seen.memory, options.signal);
    seen = await observe(deps, look, options);
  }
  if (seen === null) return reportGone(deps, look, null);
  const trail = startTrail({ ...look, id: seen.observed.id }, startedAt);
  const looking: Looking = {
    deps,
    trail,
    options,
    seen,
    open: null,
    closed: [],
    done: [],
    blocked: new Set(),
    writes: 0,
    obstacle: null,
    steps: 0,
  };
  for (;;) {
    const result = await planAndWrite(looking);
    if (result !== null) return result;
    const gone = await lookAgain(looking);
    if (gone !== null) return gone;
  }
}

/** Plans from what was read, and writes; null where the resource has to be looked at again. */
async function planAndWrite(looking: Looking): Promise<LookResult | null> {
  const { deps, trail, options, seen, open, writes } = looking;
  const { look } = trail;
  const planned = planNow(looking);
  const { plan, target } = planned;
  if (look.dryRun)
    return orGone(seen, toLookResult(planned.full, draftRecords(planned.full, look), [], null));
  const drafts = draftRecords(plan, look);
  const intents = drafts.filter((draft) => draft.outcome === 'pending');
  if (intents.length === 0 || plan.write === null) return finishUnwritten(looking, plan, drafts);
  if (open !== null && writes >= MAX_WRITES) return (open.isUnsure ? leaveOpen : giveUp)(deps, seen, open, 0);
  // The event tells of something newer than the read: a write planned from it might take that back.
  if (writes === 0 && isBehindEvent(looking)) {
    return later(`What Azure shows of ${look.id.id} is older than the event.`, EVENT_TOLERANCE_MS);
  }
  // A setting is written whole: what is remembered of it is not enough to write from.
  if (target?.kind === 'diagnostic-setting' && !seen.isFresh) {
    looking.options = { ...options, readSurroundings: true };
    return null;
  }

  const next = openWrite(trail, intents, plan.write.evidence, seen.memory, open, deps.now());
  if (open !== null && open.records[0]?.id !== next.records[0]?.id) {
    const changed = closeFailed(deps, open, 'The plan changed after Azure had reported a conflict.');
    looking.closed.push(...changed);
    await deps.audit.write(changed);
  }
  looking.open = next;
  await recordIntent(deps, next.records, plan.write.evidence);
  // From here on the lease must outlast the write.
  if (options.signal.aborted) return (next.isUnsure ? leaveOpen : giveUp)(deps, seen, next, 0);
  const attempt = await sendWrite(deps, look.id, plan.write, next);
  looking.writes += 1;
  return afterAttempt(looking, { ...planned, write: plan.write, drafts }, next, attempt);
}

/**
 * Whether the event tells of something newer than what was read. Only of a resource on which ARM has shown to keep the
 * time of a change, with Holdfast's own last write.
 */
function isBehindEvent({ seen, trail }: Looking): boolean {
  return (
    seen.memory.lastWriteAt !== null && isOlderThan(seen.document, trail.look.causedAt, EVENT_TOLERANCE_MS)
  );
}

function planNow({ deps, trail, seen, steps, blocked, done }: Looking): Planned {
  const { kind } = seen.observed;
  const full = planResource(seen.observed, deps.policy, trail.look.remediators, deps.now());
  const targets = targetsOf(kind, full).filter((target) => !blocked.has(nameOfTarget(target)));
  const target = done.length < MAX_PARTS ? (targets[0] ?? null) : null;
  const part = restrictPlan(kind, full, target);
  const reduced =
    steps > 0 && target?.kind === 'resource' ? reducePlan(part, seen.document, steps - 1) : null;
  return { full, target, hasMore: targets.length > 1, plan: prepareWrite(reduced?.plan ?? part, seen) };
}

async function finishUnwritten(
  looking: Looking,
  plan: PreparedPlan,
  drafts: readonly Draft[],
): Promise<LookResult> {
  const { deps, trail, seen, open, closed } = looking;
  if (open !== null) {
    closed.push(
      ...closeFailed(deps, open, 'It was not needed any more after Azure had reported a conflict.'),
    );
  }
  const result = await finishLook(deps, { ...looking, plan, drafts, live: seen.document });
  await noteResource(deps, trail.look, seen);
  // The event tells of something newer: the read was stale, and is repeated once, from the queue.
  if (closed.length + looking.done.length === 0 && isBehindEvent(looking)) {
    return later(`What Azure shows of ${trail.look.id.id} is older than the event.`, EVENT_TOLERANCE_MS);
  }
  return orGone(seen, result);
}

/** Of a deleted vault that nobody has anything to do with, nothing is to be said but that it is deleted. */
function orGone({ observed }: Seen, result: LookResult): LookResult {
  const isUntouched = result.kind === 'done' && result.remediations.length === 0;
  return observed.kind === 'deleted-vault' && isUntouched ? { kind: 'gone', isRecoverable: true } : result;
}

async function afterAttempt(
  looking: Looking,
  { plan, drafts, target, hasMore }: Intended,
  open: OpenWrite,
  attempt: WriteAttempt,
): Promise<LookResult | null> {
  const { deps, trail, seen, closed } = looking;
  switch (attempt.kind) {
    case 'confirmed': {
      const records = closeWrite(open, 'applied', null, attempt.armRequestId, deps.now());
      const { applied, putBack } = separateFromRefusal(records, seen.memory, deps.now());
      if (hasMore) {
        await finishPart(deps, { trail, seen, applied, putBack, live: attempt.document });
        return goOn(looking, applied);
      }
      closed.push(...applied);
      const result = await finishLook(deps, {
        ...looking,
        plan,
        drafts,
        putBack,
        live: attempt.document,
      });
      await noteResource(deps, trail.look, seen, attempt.document);
      return result;
    }
    case 'blocked': {
      const { outcome, why, armRequestId, isDivisible } = attempt;
      closed.push(...closeBlocked(open, outcome, why, armRequestId, seen.memory, deps.now()));
      looking.obstacle = attempt.obstacle;
      looking.open = null;
      const full = restrictPlan(
        seen.observed.kind,
        planResource(seen.observed, deps.policy, trail.look.remediators, deps.now()),
        target,
      );
      const isReducible = isDivisible && target?.kind === 'resource';
      const next = isReducible ? reducePlan(full, seen.document, looking.steps) : null;
      if (next === null && !hasMore) {
        const result = await finishLook(deps, { ...looking, plan, drafts, live: seen.document });
        await noteResource(deps, trail.look, seen);
        return result;
      }
      if (next !== null) looking.steps = next.steps;
      else if (target !== null) looking.blocked.add(nameOfTarget(target));
      // What comes next may not come to its end.
      if (next !== null) {
        await deps.audit.write(closed);
        return null;
      }
      // What comes next may keep the look from its end; the same refusal tomorrow is the same record all the same.
      const refused = closed.filter(({ outcome }) => outcome !== 'applied');
      const recorded = rememberBlocked(seen.memory.recorded, refused);
      await deps.memory.write(trail.look.id, { ...seen.memory, recorded });
      await recordOutcome(deps, closed, trail.writeId);
      return goOn(looking, []);
    }
    case 'retry':
      looking.open = { ...open, lastError: attempt.why, isUnsure: open.isUnsure || attempt.isUnsure };
      return waitOrLeave(looking, looking.open, attempt, BACKOFF_MS * 2 ** (looking.writes - 1));
  }
}

/** On to the next part of the resource, which is another write. */
function goOn(looking: Looking, applied: readonly AuditRecord[]): null {
  looking.done.push(...applied);
  looking.open = null;
  looking.writes = 0;
  looking.trail = { ...looking.trail, writeId: randomUUID() };
  return null;
}

/** Waits here if the wait is short; otherwise the queue waits. Null after waiting. */
async function waitOrLeave(
  { deps, options, seen }: Looking,
  open: OpenWrite,
  { retryAfterMs, isTurnedDown }: Extract<WriteAttempt, { kind: 'retry' }>,
  backoffMs: number,
): Promise<LookResult | null> {
  const leave = isTurnedDown && !open.isUnsure ? giveUp : leaveOpen;
  if (retryAfterMs > LONGEST_WAIT_MS) return leave(deps, seen, open, retryAfterMs);
  try {
    await sleep(Math.max(retryAfterMs, backoffMs), options.signal);
    return null;
  } catch {
    return leave(deps, seen, open, 0);
  }
}

/** Reads the resource again and finds out what became of a write; a result only where the resource is gone. */
async function lookAgain(looking: Looking): Promise<LookResult | null> {
  const { deps, trail, options, open } = looking;
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
  if (seen === null) return reportGone(deps, trail.look, open);
  looking.seen = seen;
  if (settled !== null) {
    const { applied, putBack } = separateFromRefusal(settled, seen.memory, deps.now());
    const memory = await finishPart(deps, { trail, seen, applied, putBack, live: seen.document });
    looking.seen = { ...seen, memory };
    goOn(looking, applied);
  }
  return null;
}
