import { setTimeout as pause } from 'node:timers/promises';
import type { ReconcileMessage, ReconcileQueue, SweepMessage } from '../../engine/ports/queue.js';

export interface InlineQueue extends ReconcileQueue {
  /** Why messages were given up. */
  readonly givenUp: readonly string[];
  /**
   * Works through the messages, also those that come in meanwhile, each when its delay is over, a few at once. Ends when
   * there is none left, or when nobody is to begin another; what was begun is always brought to its end. Rejects with
   * what the work does.
   */
  readonly drain: (work: (message: unknown) => Promise<unknown>, signal: AbortSignal) => Promise<void>;
}

/** ARM lets ten writes a second through in a subscription; more at once than this gains nothing. */
const AT_ONCE = 4;

/** The queue `reconcile` within this process: what it is sent is worked off here, or not at all. */
export function createInlineQueue(now: () => Date): InlineQueue {
  const waiting: { readonly message: ReconcileMessage | SweepMessage; readonly dueAt: number }[] = [];
  const givenUp: string[] = [];

  return {
    givenUp,

    send(message, delayMs) {
      waiting.push({ message, dueAt: now().getTime() + delayMs });
      waiting.sort((a, b) => a.dueAt - b.dueAt);
      return Promise.resolve();
    },

    poison(_message, why) {
      givenUp.push(why);
      return Promise.resolve();
    },

    async drain(work, signal) {
      const busy = new Set<Promise<unknown>>();
      const failures: unknown[] = [];
      while ((waiting.length > 0 || busy.size > 0) && failures.length === 0 && !signal.aborted) {
        const wait = (waiting[0]?.dueAt ?? Number.POSITIVE_INFINITY) - now().getTime();
        if (wait <= 0 && busy.size < AT_ONCE) {
          const next = waiting.shift();
          const task = work(next?.message)
            .catch((error: unknown) => failures.push(error))
            .finally(() => busy.delete(task));
          busy.add(task);
          continue;
        }
        const wake = Number.isFinite(wait) && wait > 0 ? [sleep(wait, signal)] : [];
        await Promise.race([...busy, ...wake]);
      }
      await Promise.all(busy);
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Never rejects: whoever waits looks again. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(Math.min(ms, 60_000), undefined, { signal }).catch(() => undefined);
}
