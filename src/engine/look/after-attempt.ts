import type { AuditRecord } from '../../types/record.js';
import { recordOutcome } from '../record/audit-trail.js';
import type { Draft } from '../record/draft-records.js';
import { finishLook } from './finish-look.js';
import { finishWritten, keepLeft, lookAtHistory } from './finish-written.js';
import { leave } from './leave-look.js';
import type { LookResult } from './look.js';
import { block, goOn, noteClosed, planFully, renewWriteId, type Looking, type Planned } from './looking.js';
import { noteResource } from '../readers/note-resource.js';
import { closeBlocked, closeWrite, separateFromRefusal, type OpenWrite } from '../write/open-write.js';
import type { PreparedWrite } from '../write/prepare-write.js';
import { rememberBlocked } from '../record/record-memory.js';
import { reducePlan } from '../write/reduce-plan.js';
import { withoutTurnedDown } from '../../vault/temporary-rules.js';
import type { WriteAttempt } from '../write/send-write.js';
import { sleep } from '../sleep.js';
import { restrictPlan } from '../write/write-target.js';

/** A named wait longer than this goes to the queue. */
const LONGEST_WAIT_MS = 5000;
const BACKOFF_MS = 300;

/** A plan with a write in it, and the intents recorded before. */
export interface Intended extends Planned {
  readonly write: PreparedWrite;
  readonly drafts: readonly Draft[];
}

type Attempt<K extends WriteAttempt['kind']> = Extract<WriteAttempt, { kind: K }>;

/** What comes after a write was sent; null where the resource has to be looked at again. */
export async function afterAttempt(
  looking: Looking,
  intended: Intended,
  open: OpenWrite,
  attempt: WriteAttempt,
): Promise<LookResult | null> {
  switch (attempt.kind) {
    case 'confirmed':
      return afterConfirmed(looking, intended, open, attempt);
    case 'blocked':
      return afterBlocked(looking, intended, open, attempt);
    case 'retry':
      looking.open = {
        ...open,
        lastError: attempt.why,
        mayStand: open.mayStand || !attempt.isTurnedDown,
        isTaken: open.isTaken || attempt.isTaken === true,
      };
      looking.isThrottled = attempt.isThrottled === true;
      return markThrottled(await waitOrLeave(looking, looking.open, attempt, intended.hasMore), attempt);
  }
}

async function afterConfirmed(
  looking: Looking,
  { plan, drafts, hasMore }: Intended,
  open: OpenWrite,
  { document: live, armRequestId }: Attempt<'confirmed'>,
): Promise<LookResult | null> {
  const { deps, trail, seen, options } = looking;
  const records = closeWrite(open, 'applied', null, armRequestId, deps.now());
  const { applied: written, putBack } = separateFromRefusal(records, seen.memory, deps.now());
  const history = await lookAtHistory(looking, open, written, live);
  const { applied } = history;
  if (hasMore || history.left?.kind === 'take-up') {
    await finishWritten(looking, history, putBack, live);
    // What was taken out of this write, Azure has refused.
    if (looking.steps > 0 && looking.target?.kind === 'resource') block(looking);
    return goOn(looking, applied);
  }
  noteClosed(looking, applied);
  looking.seen = { ...seen, memory: await keepLeft(looking, history) };
  const result = await finishLook(deps, { ...looking, plan, drafts, putBack, live });
  await noteResource(deps, trail.look, seen, options.signal, live);
  return looking.unfinished ?? result;
}

/** Azure will not take it: without the part of it that may be to blame, or on to the next, or that is all. */
async function afterBlocked(
  looking: Looking,
  { plan, drafts, target, hasMore }: Intended,
  open: OpenWrite,
  attempt: Attempt<'blocked'>,
): Promise<LookResult | null> {
  const { deps, trail, seen, options } = looking;
  const { outcome, obstacle, why, armRequestId, isDivisible } = attempt;
  // An attempt before this one may have been carried out: what Azure says of this one is said again in the next look.
  if (open.mayStand) return leavePart(looking, { ...open, lastError: why }, hasMore);
  const refused = closeBlocked(open, outcome, why, armRequestId, seen.memory, deps.now());
  const { closed, putBack } = withShown(looking, open, refused, attempt);
  noteClosed(looking, closed);
  looking.obstacle = obstacle;
  looking.open = null;
  const full = planFully(looking);
  const part = restrictPlan(seen.observed.kind, full, target);
  const isReducible = isDivisible && target?.kind === 'resource';
  const next = isReducible ? reducePlan(part, looking.steps) : null;
  if (next === null && !hasMore) {
    if (attempt.missing === undefined)
      looking.seen = { ...seen, memory: withoutTurnedDown(seen.memory, open.records) };
    const result = await finishLook(deps, { ...looking, plan, drafts, putBack, live: seen.document });
    await noteResource(deps, trail.look, seen, options.signal);
    return looking.unfinished ?? result;
  }
  await keepRefusal(looking, closed);
  if (putBack.length > 0) await deps.audit.write(putBack);
  if (next === null) {
    block(looking);
    return goOn(looking, []);
  }
  looking.steps = next.steps;
  renewWriteId(looking);
  return null;
}

/** What Azure's answer shows of a write that it took in part is applied, whatever it does not show. */
function withShown(
  { deps, seen }: Looking,
  open: OpenWrite,
  refused: readonly AuditRecord[],
  { missing, armRequestId }: Attempt<'blocked'>,
): { readonly closed: readonly AuditRecord[]; readonly putBack: readonly AuditRecord[] } {
  if (missing === undefined) return { closed: refused, putBack: [] };
  const isShown = ({ edits }: AuditRecord): boolean =>
    edits.length > 0 && !edits.some((edit) => missing.includes(edit));
  const shown = closeWrite(open, 'applied', null, armRequestId, deps.now()).filter(isShown);
  const { applied, putBack } = separateFromRefusal(shown, seen.memory, deps.now());
  return { closed: [...applied, ...refused.filter((record) => !isShown(record))], putBack };
}

/** What comes next may not come to its end: the log and the memory have this already. */
async function keepRefusal({ deps, trail, seen }: Looking, closed: readonly AuditRecord[]): Promise<void> {
  await recordOutcome(deps, closed, trail.writeId);
  const refused = closed.filter(({ outcome }) => outcome !== 'applied');
  const recorded = rememberBlocked(seen.memory.recorded, refused);
  await deps.memory.write(trail.look.id, { ...seen.memory, recorded });
}

/** A resource is not given up because Azure has much to do. */
function markThrottled(left: LookResult | null, { isThrottled }: Attempt<'retry'>): LookResult | null {
  return left?.kind === 'later' && isThrottled === true ? { ...left, isThrottled } : left;
}

/** Waits here if the wait is short; otherwise the queue waits. Null after waiting. */
async function waitOrLeave(
  looking: Looking,
  open: OpenWrite,
  { retryAfterMs, isTaken }: Attempt<'retry'>,
  hasMore: boolean,
): Promise<LookResult | null> {
  const { deps, options, seen, writes } = looking;
  // Azure has taken it, and named no time to wait for: the other parts need not wait until it shows.
  if (isTaken === true) return leavePart(looking, open, hasMore, retryAfterMs);
  if (retryAfterMs > LONGEST_WAIT_MS) return leave(deps, seen, open, retryAfterMs);
  const until = deps.now().getTime() + retryAfterMs;
  try {
    await sleep(Math.max(retryAfterMs, BACKOFF_MS * 2 ** (writes - 1)), options.signal);
    return null;
  } catch {
    return leave(deps, seen, open, Math.max(0, until - deps.now().getTime()));
  }
}

/** Azure does not carry this part out, however often it is sent: the queue tries again, and here the others come first. */
export async function leavePart(
  looking: Looking,
  open: OpenWrite,
  hasMore: boolean,
  retryAfterMs = 0,
): Promise<LookResult | null> {
  const { deps, seen } = looking;
  const left = await leave(deps, seen, open, retryAfterMs);
  if (!hasMore || looking.isThrottled) return left;
  if (left.kind === 'later') looking.unfinished ??= left;
  block(looking);
  return goOn(looking, []);
}
