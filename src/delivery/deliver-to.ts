import type { DeliveryBacklog } from '../engine/ports/health.js';
import type { Leases } from '../engine/ports/leases.js';
import { backoffMs } from './backoff.js';
import { callsFor } from './calls.js';
import { NEW_TARGET, type DeliveryQueue, type OutboxEntry, type TargetState } from './outbox.js';
import { sendCall, type CallDeps } from './send-call.js';
import { DeliveryError, type DeliveryTarget } from './target.js';

export interface DeliveryDeps extends CallDeps {
  readonly leases: Pick<Leases, 'whileHeld'>;
  readonly queue: DeliveryQueue;
  /** Is shown, after each run, what still waits for a target. */
  readonly observe: (backlog: DeliveryBacklog) => void;
}

/** What waits beyond these is seen when they are gone. */
const MOST_ENTRIES = 10_000;
/** Whoever comes at this time by his clock comes in time. */
const SLACK_MS = 2000;

/** What was left when a run ended: nothing new is to be done with it before somebody comes for it. */
interface Left {
  readonly entries: readonly OutboxEntry[];
  /** The target is left alone, or its lease or the time is over: what waits, waits. */
  readonly isStopped: boolean;
}

/**
 * Delivers what waits for one target, unless somebody else is at it. `cameFor` is the `wakeAt` that this run was sent for.
 * Never rejects for what the target does; storage errors are the caller's.
 */
export async function deliverTo(
  deps: DeliveryDeps,
  target: DeliveryTarget,
  cameFor: Date | null,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const held = await deps.leases.whileHeld(`deliver-${target.name}`, (lease) =>
      deliverHeld(deps, target, cameFor, AbortSignal.any([signal, lease])),
    );
    if (held.kind === 'busy' || held.value.isStopped) return;
    // What came in after the last look, and was announced to somebody who found the lease held, is seen here.
    const seen = new Set(held.value.entries.map(({ etag }) => etag));
    const now = await deps.outbox.oldest(target.name, MOST_ENTRIES);
    if (now.every(({ etag }) => seen.has(etag))) return;
  }
}

async function deliverHeld(
  deps: DeliveryDeps,
  target: DeliveryTarget,
  cameFor: Date | null,
  signal: AbortSignal,
): Promise<Left> {
  const state = await deps.outbox.state(target.name);
  const isQuiet = state.notBefore !== null && state.notBefore.getTime() > deps.now().getTime() + SLACK_MS;
  if (isQuiet) {
    await goOnAt(deps, target, state, state.notBefore, cameFor);
    return { entries: [], isStopped: true };
  }
  let isProgressing = false;
  for (;;) {
    const entries = await deps.outbox.oldest(target.name, MOST_ENTRIES);
    const round = await oneRound(deps, target, entries, signal);
    isProgressing ||= round.done > 0;
    if (round.failure !== null) {
      await backOff(deps, target, isProgressing ? NEW_TARGET : state, round.failure);
      return { entries, isStopped: true };
    }
    if (round.done > 0 && !signal.aborted) continue;
    const after = isProgressing ? await recovered(deps, target, state) : state;
    const nextAt = signal.aborted ? deps.now().getTime() : round.nextAt;
    if (nextAt !== null) await goOnAt(deps, target, after, new Date(nextAt), cameFor);
    return { entries, isStopped: signal.aborted };
  }
}

interface Round {
  readonly done: number;
  readonly nextAt: number | null;
  /** Why the target is to be left alone; null where it is not. */
  readonly failure: DeliveryError | null;
}

/** Each call that is due, once. */
async function oneRound(
  deps: DeliveryDeps,
  target: DeliveryTarget,
  entries: readonly OutboxEntry[],
  signal: AbortSignal,
): Promise<Round> {
  const { due, nextAt } = callsFor(entries, target, deps.now().getTime());
  const times = nextAt === null ? [] : [nextAt];
  let done = 0;
  let failure: DeliveryError | null = null;
  const isOver = (): boolean => signal.aborted || failure !== null;
  for (const call of due) {
    if (isOver()) break;
    try {
      const result = await sendCall(deps, target, call, signal);
      done += result.done;
      if (result.nextAt !== null) times.push(result.nextAt);
    } catch (error) {
      if (error instanceof DeliveryError) failure = error;
      else if (!isOver()) throw error;
    }
  }
  return { done, nextAt: times.length === 0 ? null : Math.min(...times), failure };
}

/** Leaves the target alone for a time that grows; what waits for it stays where it is. */
async function backOff(
  deps: DeliveryDeps,
  target: DeliveryTarget,
  before: TargetState,
  failure: DeliveryError,
): Promise<void> {
  const failures = before.failures + 1;
  const pause = backoffMs(failures, failure.retryAfterMs, Math.random());
  const notBefore = new Date(deps.now().getTime() + pause);
  deps.tell({ failed: failure.message, target: target.name, failures, nextTry: notBefore.toISOString() });
  const state = {
    failures,
    failingSince: before.failingSince ?? deps.now(),
    lastError: failure.message,
    notBefore,
    wakeAt: null,
  };
  await deps.outbox.saveState(target.name, state);
  await goOnAt(deps, target, state, notBefore, null);
}

/** The target's state once it has taken something. */
async function recovered(
  { outbox }: DeliveryDeps,
  target: DeliveryTarget,
  state: TargetState,
): Promise<TargetState> {
  if (state.failures === 0) return state;
  const healthy = { ...NEW_TARGET, wakeAt: state.wakeAt };
  await outbox.saveState(target.name, healthy);
  return healthy;
}

/** Has somebody go on with the target at this time, unless a message that does so, or sooner, is on its way. */
async function goOnAt(
  { queue, outbox, now }: DeliveryDeps,
  { name }: DeliveryTarget,
  state: TargetState,
  at: Date,
  cameFor: Date | null,
): Promise<void> {
  const { wakeAt } = state;
  const isOnItsWay =
    wakeAt !== null &&
    wakeAt.getTime() > now().getTime() &&
    wakeAt.getTime() <= at.getTime() + SLACK_MS &&
    wakeAt.getTime() !== cameFor?.getTime();
  if (isOnItsWay) return;
  await queue.send(
    { v: 1, target: name, wakeAt: at.toISOString() },
    Math.max(0, at.getTime() - now().getTime()),
  );
  await outbox.saveState(name, { ...state, wakeAt: at });
}
