import type { AuditRecord } from '../types/record.js';
import { recordIntent, startTrail, type Trail } from './audit-trail.js';
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
import { planResource } from './plan-resource.js';
import { prepareWrite, type PreparedPlan, type PreparedWrite } from './prepare-write.js';
import { openWriteIds } from './record-memory.js';
import { reducePlan } from './reduce-plan.js';
import { sendWrite, type WriteAttempt } from './send-write.js';
import { settleOpen } from './settle-open.js';
import { settleLeftOpen } from './settle-pending.js';
import { sleep } from './sleep.js';

export interface LookOptions {
  /** Aborts reading and waiting; a write that was sent is always waited for. */
  readonly signal: AbortSignal;
  /** Whether there is time to ask the workflows of rules that nobody seems to need any more. */
  readonly confirmReleases: boolean;
}

/** How often a write that Azure did not carry out is planned anew within one look. */
const MAX_WRITES = 3;
/** A named wait longer than this goes to the queue. */
const LONGEST_WAIT_MS = 5000;
const BACKOFF_MS = 300;
/** An event that is newer than what was read by more than this announced something that the read did not show. */
const EVENT_TOLERANCE_MS = 10_000;

/** One look under way: what it has come to so far. */
interface Looking {
  readonly deps: EngineDeps;
  readonly trail: Trail;
  readonly options: LookOptions;
  /** The resource as it was read last. */
  seen: Seen;
  /** A write that was sent and whose outcome is not known, or that Azure turned down for now. */
  open: OpenWrite | null;
  /** The records of what was tried, each with its outcome. */
  readonly closed: AuditRecord[];
  /** Earlier refusals that were written over. */
  readonly putBack: AuditRecord[];
  /** What Azure had against a write, where it had something. */
  obstacle: Obstacle['kind'] | null;
  /** How many of the steps of `reduce-plan.ts` the plan has been reduced by, because Azure rejected it. */
  steps: number;
}

/** A plan with a write in it, and the intents to record before. */
interface Intended {
  readonly plan: PreparedPlan;
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
    putBack: [],
    obstacle: null,
    steps: 0,
  };
  for (let writes = 0; ; writes++) {
    const result = await planAndWrite(looking, writes);
    if (result !== null) return result;
    const gone = await lookAgain(looking);
    if (gone !== null) return gone;
  }
}

/** Plans from what was read, and writes; null where the resource has to be looked at again. */
async function planAndWrite(looking: Looking, writes: number): Promise<LookResult | null> {
  const { deps, trail, options, seen, open } = looking;
  const { look } = trail;
  const plan = planNow(looking);
  const drafts = draftRecords(plan, look);
  if (look.dryRun) return toLookResult(plan, drafts, [], null);
  const intents = drafts.filter((draft) => draft.outcome === 'pending');
  if (intents.length === 0 || plan.write === null) return finishUnwritten(looking, plan, drafts);
  if (open !== null && writes >= MAX_WRITES) return (open.isUnsure ? leaveOpen : giveUp)(deps, seen, open, 0);
  // The event tells of something newer than the read: a write planned from it might take that back.
  if (writes === 0 && isBehindEvent(looking)) {
    return later(`What Azure shows of ${look.id.id} is older than the event.`, EVENT_TOLERANCE_MS);
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
  return afterAttempt(looking, { plan, write: plan.write, drafts }, next, attempt, writes);
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

function planNow({ deps, trail, seen, steps }: Looking): PreparedPlan {
  const plan = planResource(seen.observed, deps.policy, trail.look.remediators, deps.now());
  return prepareWrite((steps > 0 ? reducePlan(plan, seen.document, steps - 1)?.plan : null) ?? plan, seen);
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
  if (closed.length === 0 && isBehindEvent(looking)) {
    return later(`What Azure shows of ${trail.look.id.id} is older than the event.`, EVENT_TOLERANCE_MS);
  }
  return result;
}

async function afterAttempt(
  looking: Looking,
  { plan, drafts }: Intended,
  open: OpenWrite,
  attempt: WriteAttempt,
  writes: number,
): Promise<LookResult | null> {
  const { deps, trail, seen, closed } = looking;
  switch (attempt.kind) {
    case 'confirmed': {
      const records = closeWrite(open, 'applied', null, attempt.armRequestId, deps.now());
      const { applied, putBack } = separateFromRefusal(records, seen.memory, deps.now());
      closed.push(...applied);
      const result = await finishLook(deps, {
        ...looking,
        plan,
        drafts,
        putBack: [...looking.putBack, ...putBack],
        live: attempt.document,
      });
      await noteResource(deps, trail.look, seen);
      return result;
    }
    case 'blocked': {
      const { outcome, why, armRequestId, isDivisible } = attempt;
      closed.push(...closeBlocked(open, outcome, why, armRequestId, seen.memory, deps.now()));
      looking.obstacle = attempt.obstacle;
      looking.open = null;
      const full = planResource(seen.observed, deps.policy, trail.look.remediators, deps.now());
      const next = isDivisible ? reducePlan(full, seen.document, looking.steps) : null;
      if (next === null) {
        const result = await finishLook(deps, { ...looking, plan, drafts, live: seen.document });
        await noteResource(deps, trail.look, seen);
        return result;
      }
      looking.steps = next.steps;
      // What comes next may not come to its end.
      await deps.audit.write(closed);
      return null;
    }
    case 'retry':
      looking.open = { ...open, lastError: attempt.why, isUnsure: open.isUnsure || attempt.isUnsure };
      return waitOrLeave(looking, looking.open, attempt, BACKOFF_MS * 2 ** writes);
  }
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
  try {
    seen = await observe(deps, trail.look, options);
  } catch (error) {
    if (open !== null) await leaveOpen(deps, looking.seen, open, 0);
    throw error;
  }
  if (seen === null) return reportGone(deps, trail.look, open);
  looking.seen = seen;
  const settled = open === null ? null : await settleOpen(deps, open, seen.document);
  if (settled !== null) {
    const { applied, putBack } = separateFromRefusal(settled, seen.memory, deps.now());
    looking.closed.push(...applied);
    looking.putBack.push(...putBack);
    looking.open = null;
  }
  return null;
}
