import type { DeliveryBacklog } from '../engine/ports/health.js';
import type { Outbox } from './outbox.js';
import type { TargetName } from './target.js';

/** As many as one page of a table has: whether there are more is all that matters beyond. */
const MOST_COUNTED = 1000;

/** What was put aside before that somebody has seen, or does not look. */
const SET_ASIDE_MS = 86_400_000;

/** What waits for a target, and how it has fared: three transactions, whatever waits. */
export async function readBacklogOf(
  outbox: Pick<Outbox, 'oldest' | 'state' | 'countSetAside'>,
  target: TargetName,
  now: Date,
): Promise<DeliveryBacklog> {
  const [entries, state, setAside] = await Promise.all([
    outbox.oldest(target, MOST_COUNTED),
    outbox.state(target),
    outbox.countSetAside(target, new Date(now.getTime() - SET_ASIDE_MS), MOST_COUNTED),
  ]);
  const times = entries.map(({ putAt }) => putAt.getTime());
  const { failures, failingSince, lastError, notBefore } = state;
  return {
    target,
    waiting: entries.length,
    isMore: entries.length === MOST_COUNTED,
    oldestAt: times.length === 0 ? null : new Date(times.reduce((a, b) => Math.min(a, b))),
    failures,
    failingSince,
    lastError,
    nextTry: notBefore,
    setAside,
  };
}
