import { setTimeout as sleepFor } from 'node:timers/promises';

/** The simulator's time. A test can hand in its own and so decide when anything happens. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`; at once and quietly when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    if (ms <= 0) return;
    try {
      // A timer cannot count further than this (25 days).
      await sleepFor(Math.min(ms, 0x7fff_ffff), undefined, { signal });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
};

/** A clock that stands still until it is told to advance. */
export interface ManualClock extends Clock {
  /** Moves the time on and wakes, in order, whoever slept until then. */
  advance(ms: number): Promise<void>;
}

export function manualClock(start = Date.parse('2026-03-01T08:00:00Z')): ManualClock {
  let time = start;
  const sleepers: { readonly due: number; readonly wake: () => void }[] = [];
  return {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (ms <= 0 || signal?.aborted === true) {
          resolve();
          return;
        }
        sleepers.push({ due: time + ms, wake: resolve });
        signal?.addEventListener('abort', () => {
          resolve();
        });
      }),
    advance: async (ms) => {
      const end = time + ms;
      for (;;) {
        sleepers.sort((a, b) => a.due - b.due);
        const next = sleepers[0];
        if (next === undefined || next.due > end) break;
        sleepers.shift();
        time = next.due;
        next.wake();
        // What it woke may go to sleep again before the end: let it run first.
        await new Promise(setImmediate);
      }
      time = end;
    },
  };
}
