import type { EngineDeps } from './engine-deps.js';
import { createJoinLooks } from './look/join-looks.js';
import type { Look, LookResult } from './look/look.js';
import { queueLook } from './look/queue-look.js';
import { createQueuedLooks } from './look/queued-looks.js';
import { requeueDelay } from './look/requeue-delay.js';
import { within } from './within.js';

/** What became of an event. */
export type Handled = { readonly kind: 'handled' } | { readonly kind: 'queued'; readonly why: string };

/** Event Grid waits 30 seconds for an answer; this leaves ten for a storage account that is slow to take a message. */
const ANSWER_MS = 20_000;
/** Whatever takes longer than an event may take is over by then. */
const AFTERWARDS_MS = 15_000;

export type LookNow = (look: Look, begin: () => Look) => Promise<LookResult | 'out-of-scope'>;

/**
 * Looks at once, and puts on the queue what cannot be finished now. Events of one resource that come in while the look
 * for another one waits are handled with that. Throws only where what is left could not be queued.
 */
export function createHandleEvent(
  deps: Pick<EngineDeps, 'queue' | 'now'>,
  lookNow: LookNow,
): (look: Look) => Promise<Handled> {
  const join = createJoinLooks<Handled>();
  const now = (): number => deps.now().getTime();
  const queued = createQueuedLooks(now);

  async function handle(look: Look, begin: () => Look): Promise<Handled> {
    const { delayMs, deferrals, why } = await lookNow(look, begin).then(afterLook, afterThrow);
    if (why === null) return { kind: 'handled' };
    await queue(begin(), delayMs, deferrals);
    return { kind: 'queued', why };
  }

  async function queue(look: Look, delayMs: number, deferrals: number): Promise<void> {
    const until = now() + delayMs;
    await queueLook(deps, look, delayMs, 0, deferrals);
    queued.note(look, until);
  }

  return async (look) => {
    if (queued.covers(look)) return { kind: 'queued', why: 'An event before it is on the queue already.' };
    const inTime = await within(
      join(look, (begin) => handle(look, begin)),
      ANSWER_MS,
    );
    if (inTime !== null) return inTime;
    await queue(look, AFTERWARDS_MS, 0);
    return { kind: 'queued', why: 'It takes longer than Event Grid waits.' };
  };
}

interface Unfinished {
  readonly delayMs: number;
  /** 1 where it was put off for what is no failure of the resource. */
  readonly deferrals: number;
  /** Null where there is nothing left to do. */
  readonly why: string | null;
}

function afterLook(result: LookResult | 'out-of-scope'): Unfinished {
  if (result === 'out-of-scope' || result.kind !== 'later') return { delayMs: 0, deferrals: 0, why: null };
  const { retryAfterMs, why, isBusy, isThrottled } = result;
  if (!isBusy && isThrottled !== true) return { delayMs: retryAfterMs, deferrals: 0, why };
  const delayMs = requeueDelay({ retryAfterMs, attempt: 0, deferrals: 1 }, Math.random());
  return { delayMs, deferrals: 1, why };
}

/** Whatever went wrong, a retry may cure it; the queue keeps it until then. */
function afterThrow(error: unknown): Unfinished {
  return {
    delayMs: 0,
    deferrals: 0,
    why: error instanceof Error ? `${error.name}: ${error.message}` : 'an unknown failure',
  };
}
