import type { AuditRecord } from '../types/record.js';
import { recordIntent, recordOutcome, startTrail, type Trail } from './audit-trail.js';
import { draftRecords } from './draft-records.js';
import type { EngineDeps } from './engine-deps.js';
import { finishLook } from './finish-look.js';
import type { Look, LookResult } from './look.js';
import { toLookResult } from './look-result.js';
import { isOlderThan } from './modified-at.js';
import { noteResource } from './note-resource.js';
import { observe, type Seen } from './observe.js';
import { closeBlocked, closeWrite, openWrite, separateFromRefusal, type OpenWrite } from './open-write.js';
import { planResource } from './plan-resource.js';
import { prepareWrite } from './prepare-write.js';
import { openWriteIds, rememberBlocked, rememberOpen } from './record-memory.js';
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

/**
 * Looks at one resource and does what it takes: observe, plan, record the intent, write, verify, record the
 * outcome. To be called while holding the resource's lease. Throws `ArmError` where the resource cannot be read.
 */
export async function lookAt(deps: EngineDeps, look: Look, options: LookOptions): Promise<LookResult> {
  const startedAt = deps.now();
  let seen = await observe(deps, look, options);
  if (seen !== null && openWriteIds(seen.memory.recorded).length > 0) {
    await settleLeftOpen(deps, look.id, seen.memory, options.signal);
    seen = await observe(deps, look, options);
  }
  if (seen === null) return gone(deps, look, null);
  const trail = startTrail({ ...look, id: seen.observed.id }, startedAt);
  return remediate(deps, trail, options, seen);
}

async function remediate(
  deps: EngineDeps,
  trail: Trail,
  options: LookOptions,
  first: Seen,
): Promise<LookResult> {
  const { look } = trail;
  const closed: AuditRecord[] = [];
  let seen = first;
  let open: OpenWrite | null = null;
  let isReduced = false;
  let obstacle: Extract<WriteAttempt, { kind: 'blocked' }>['obstacle'] | null = null;

  for (let writes = 0; ; writes++) {
    const planned = planResource(seen.observed, deps.policy, look.remediators, deps.now());
    const plan = prepareWrite((isReduced ? reducePlan(planned, seen.document) : null) ?? planned, seen);
    const drafts = draftRecords(plan, look);
    if (look.dryRun) return toLookResult(plan, drafts, [], null);
    const intents = drafts.filter((draft) => draft.outcome === 'pending');
    const finish = (change: { live?: Seen['document']; putBack?: readonly AuditRecord[] } = {}) =>
      finishLook(deps, { trail, seen, plan, drafts, closed, live: seen.document, obstacle, ...change });

    if (intents.length === 0 || plan.write === null) {
      closed.push(...close(deps, open, 'It was not needed any more after Azure had reported a conflict.'));
      const result = await finish();
      await noteResource(deps, look, seen);
      // The event tells of something newer: the read was stale, and is repeated once, from the queue.
      if (closed.length === 0 && isOlderThan(seen.document, look.causedAt, EVENT_TOLERANCE_MS)) {
        return later(`What Azure shows of ${look.id.id} is older than the event.`, EVENT_TOLERANCE_MS);
      }
      return result;
    }
    if (open !== null && writes >= MAX_WRITES) return giveUp(deps, seen, open, 0);

    const next = openWrite(trail, intents, plan.write.evidence, seen.memory, open, deps.now());
    if (open !== null && open.records[0]?.id !== next.records[0]?.id) {
      closed.push(...close(deps, open, 'The plan changed after Azure had reported a conflict.'));
    }
    open = next;
    await recordIntent(deps, open.records, plan.write.evidence);
    // From here on the lease must outlast the write.
    if (options.signal.aborted) return giveUp(deps, seen, open, 0);
    const attempt = await sendWrite(deps, look.id, plan.write, open);
    if (attempt.kind === 'confirmed') {
      const records = closeWrite(open, 'applied', null, attempt.armRequestId, deps.now());
      const { applied, putBack } = separateFromRefusal(records, seen.memory, deps.now());
      closed.push(...applied);
      const result = await finish({ live: attempt.document, putBack });
      await noteResource(deps, look, seen);
      return result;
    }
    if (attempt.kind === 'blocked') {
      const { outcome, why, armRequestId } = attempt;
      closed.push(...closeBlocked(open, outcome, why, armRequestId, seen.memory, deps.now()));
      obstacle = attempt.obstacle;
      open = null;
      if (isReduced || !attempt.isDivisible || reducePlan(planned, seen.document) === null) return finish();
      isReduced = true;
    } else {
      open = { ...open, lastError: attempt.why };
      if (attempt.retryAfterMs > LONGEST_WAIT_MS) {
        return attempt.isTurnedDown
          ? giveUp(deps, seen, open, attempt.retryAfterMs)
          : leaveOpen(deps, seen, open, attempt.retryAfterMs);
      }
      try {
        await sleep(Math.max(attempt.retryAfterMs, BACKOFF_MS * 2 ** writes), options.signal);
      } catch {
        return attempt.isTurnedDown ? giveUp(deps, seen, open, 0) : leaveOpen(deps, seen, open, 0);
      }
    }

    const again = await observeAgain(deps, trail, options, seen, open);
    if (again === null) return gone(deps, look, open);
    seen = again;
    if (open !== null) {
      const settled = await settleOpen(deps, open, seen.document);
      if (settled !== null) {
        closed.push(...settled);
        open = null;
      }
    }
  }
}

/** Reads the resource again; a write that is open stays findable where that fails. */
async function observeAgain(
  deps: EngineDeps,
  trail: Trail,
  options: LookOptions,
  seen: Seen,
  open: OpenWrite | null,
): Promise<Seen | null> {
  try {
    return await observe(deps, trail.look, options);
  } catch (error) {
    if (open !== null) await leaveOpen(deps, seen, open, 0);
    throw error;
  }
}

function close(deps: EngineDeps, open: OpenWrite | null, error: string): readonly AuditRecord[] {
  return open === null ? [] : closeWrite(open, 'failed', error, null, deps.now());
}

async function gone(deps: EngineDeps, look: Look, open: OpenWrite | null): Promise<LookResult> {
  await recordOutcome(deps, close(deps, open, 'The resource was deleted before it could be changed.'));
  if (look.id.kind === 'workflow' && !look.dryRun) await deps.readers.forgetWorkflow(look.id);
  return { kind: 'gone' };
}

/** Azure did not carry the write out, and waiting here is no use: the record says so, and the queue goes on. */
async function giveUp(
  deps: EngineDeps,
  seen: Seen,
  open: OpenWrite,
  retryAfterMs: number,
): Promise<LookResult> {
  const why = open.lastError ?? 'There was no time left to write.';
  const error = `${why} It was not changed; Holdfast will try again.`;
  const records = closeBlocked(open, 'failed', error, null, seen.memory, deps.now());
  await recordOutcome(deps, records);
  const recorded = rememberBlocked(seen.memory.recorded, records);
  await deps.memory.write(open.trail.look.id, { ...seen.memory, recorded });
  return { ...later(why, retryAfterMs), isRecorded: true };
}

/** Nobody knows what became of the write: the intent stays, and the next look at the resource finds out first. */
async function leaveOpen(
  deps: EngineDeps,
  seen: Seen,
  open: OpenWrite,
  retryAfterMs: number,
): Promise<LookResult> {
  const recorded = rememberOpen(seen.memory.recorded, open.trail.writeId);
  await deps.memory.write(open.trail.look.id, { ...seen.memory, recorded });
  return { ...later(open.lastError ?? 'Azure did not answer.', retryAfterMs), isRecorded: true };
}

function later(why: string, retryAfterMs: number): Extract<LookResult, { kind: 'later' }> {
  return { kind: 'later', retryAfterMs, why, isBusy: false, isRecorded: false };
}
