import type { DeliverMessage, DeliveryQueue } from './outbox.js';

/** Has what waits delivered. Never rejects: what no message announces is delivered at the start of the next sweep. */
export interface Wake {
  /** Within some seconds; many calls are one message. */
  soon(): Promise<void>;
  now(): Promise<void>;
}

/** Long enough for the records of one write to go together, short enough for whoever waits for them. */
const SOON_MS = 5000;

const ALL: DeliverMessage = { v: 1, target: null, wakeAt: null };

export function createWake(queue: DeliveryQueue, now: () => Date): Wake {
  // A message that was sent less than its delay ago comes after this call, and sees what it announces.
  let sentAt = -Infinity;

  async function send(delayMs: number): Promise<boolean> {
    try {
      await queue.send(ALL, delayMs);
      return true;
    } catch {
      return false;
    }
  }

  return {
    async soon() {
      const before = sentAt;
      const at = now().getTime();
      if (at >= before && at - before < SOON_MS) return;
      sentAt = at;
      if (!(await send(SOON_MS))) sentAt = before;
    },
    async now() {
      await send(0);
    },
  };
}
