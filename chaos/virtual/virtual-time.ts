import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../simulator/clock.js';
import { createTimerQueue, type Due } from './timer-queue.js';

/** Whose code runs: an instance of the app has a clock that may be wrong, and can be dead. */
export interface Process {
  /** What its clock is ahead of the true time, in milliseconds. */
  readonly skewMs: number;
  readonly isDead: boolean;
}

/** Node's own, before anything is replaced. */
const realImmediate = setImmediate;
const RealDate = Date;

/** What is set to happen; answers to as much of Node's `Timeout` as anybody uses. */
export class VirtualTimer implements Due {
  isCleared = false;

  constructor(
    readonly at: number,
    readonly order: number,
    readonly process: Process | undefined,
    readonly fire: () => void,
  ) {}

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  close(): this {
    this.isCleared = true;
    return this;
  }

  [Symbol.dispose](): void {
    this.isCleared = true;
  }
}

/** A run takes some ten thousand. */
const MOST_STEPS = 2_000_000;

/** Nothing can happen any more, although what was waited for has not; or what happens has no end. */
export class StandstillError extends Error {
  override readonly name = 'StandstillError';
}

export interface VirtualTime {
  /** The true time, in milliseconds since 1970. */
  now(): number;
  /** The time as the code that asks has it. */
  localNow(): number;
  set(callback: () => void, ms: number): VirtualTimer;
  sleep(ms: number): Promise<void>;
  /** Runs `work` as that process; its timers are its own, and end with it. */
  as<T>(process: Process, work: () => T): T;
  /** Runs `work` as nobody's: a service outside. */
  outside<T>(work: () => T): T;
  /** Lets time pass until `work` is over: from timer to timer, each when nothing else runs any more. */
  run<T>(work: () => Promise<T>): Promise<T>;
  readonly clock: Clock;
}

/** A time of its own, in which hours pass in milliseconds. The same work takes the same course each time. */
export function createVirtualTime(start = RealDate.parse('2026-03-02T08:00:00Z')): VirtualTime {
  const timers = createTimerQueue<VirtualTimer>();
  const processes = new AsyncLocalStorage<Process | undefined>();
  let now = start;
  let order = 0;

  function set(callback: () => void, ms: number): VirtualTimer {
    order += 1;
    const wait = Number.isFinite(ms) ? Math.max(0, ms) : 0;
    const timer = new VirtualTimer(now + wait, order, processes.getStore(), callback);
    timers.add(timer);
    return timer;
  }

  function step(): boolean {
    for (let timer = timers.take(); timer !== undefined; timer = timers.take()) {
      if (timer.isCleared || timer.process?.isDead === true) continue;
      now = Math.max(now, timer.at);
      processes.run(timer.process, timer.fire);
      return true;
    }
    return false;
  }

  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      set(resolve, ms);
    });

  return {
    now: () => now,
    localNow: () => now + (processes.getStore()?.skewMs ?? 0),
    set,
    sleep,
    as: (process, work) => processes.run(process, work),
    outside: (work) => processes.run(undefined, work),
    run: async (work) => {
      let isOver = false;
      let steps = 0;
      const result = processes.run(undefined, work).finally(() => {
        isOver = true;
      });
      // Its failure is for whoever awaits `result` below.
      result.catch(() => undefined);
      for (;;) {
        // Whatever can run now has run when an immediate does: nothing here waits for the outside.
        await new Promise<void>((resolve) => {
          realImmediate(resolve);
        });
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- the work sets it
        if (isOver) return result;
        if (!step()) throw new StandstillError('Everybody waits for somebody else.');
        steps += 1;
        if (steps > MOST_STEPS)
          throw new StandstillError(`It does not come to an end (${new RealDate(now).toISOString()}).`);
      }
    },
    clock: {
      now: () => now,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (ms <= 0 || signal?.aborted === true) {
            resolve();
            return;
          }
          // Longer than any run: it ends by its signal alone.
          if (ms < Number.MAX_SAFE_INTEGER) set(resolve, ms);
          signal?.addEventListener('abort', () => {
            resolve();
          });
        }),
    },
  };
}
