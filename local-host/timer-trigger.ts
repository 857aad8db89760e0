import type { InvocationResult, TriggerInput } from './invocation.js';
import type { Listener } from './listener.js';
import type { TimerSchedule } from './timer-schedule.js';

export interface Timer extends Listener {
  /** Runs the function outside its schedule, after a run that is under way. */
  runNow(): Promise<InvocationResult>;
}

export interface TimerOptions {
  readonly schedule: TimerSchedule;
  readonly runOnStartup: boolean;
  readonly run: (input: () => TriggerInput) => Promise<InvocationResult>;
}

interface ScheduleStatus {
  readonly last: Date | null;
  readonly next: Date | null;
}

/** setTimeout cannot wait longer than this: 24 days. */
const longestWaitMs = 24 * 24 * 3600 * 1000;

/**
 * Runs a function on its schedule, one run at a time; an occurrence that falls into a run starts right after it, once
 * (Timers/Listener/TimerListener.cs of Azure/azure-webjobs-sdk-extensions). Nothing is remembered between hosts, so
 * `isPastDue` is always false.
 */
export function createTimer({ schedule, runOnStartup, run }: TimerOptions): Timer {
  let status: ScheduleStatus = { last: null, next: schedule.next(new Date()) };
  let lastRun: Promise<unknown> = Promise.resolve();
  let timeout: NodeJS.Timeout | undefined;
  let isStopped = false;

  const runAfterOthers = (): Promise<InvocationResult> => {
    const thisRun = lastRun.then(() => run(() => timerInput(status)));
    lastRun = thisRun;
    return thisRun;
  };

  const fire = async (isScheduled: boolean) => {
    const fired = new Date();
    await runAfterOthers();
    // A timer may fire a moment early; without this, the same occurrence would come twice.
    const last = isScheduled && status.next !== null && status.next > fired ? status.next : fired;
    status = { last, next: schedule.next(last) };
    wait();
  };

  const wait = () => {
    if (isStopped || status.next === null) return;
    const remaining = Math.max(1, status.next.getTime() - Date.now());
    timeout = setTimeout(
      () => {
        if (remaining > longestWaitMs) wait();
        else void fire(true);
      },
      Math.min(remaining, longestWaitMs),
    );
  };

  return {
    runNow: runAfterOthers,
    start() {
      if (runOnStartup) void fire(false);
      else wait();
      return Promise.resolve();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timeout);
      await lastRun;
    },
    release: () => Promise.resolve(),
  };
}

/** TimerInfo as the host serialises it; the library turns the names to camel case (InvocationModel.ts). */
function timerInput({ last, next }: ScheduleStatus): TriggerInput {
  // A .NET DateTime that was never set.
  const never = '0001-01-01T00:00:00';
  const lastTime = last?.toISOString() ?? never;
  const info = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: { Last: lastTime, LastUpdated: lastTime, Next: next?.toISOString() ?? never },
    IsPastDue: false,
  };
  return {
    data: { json: JSON.stringify(info) },
    metadata: { TimerTrigger: { string: new Date().toISOString() } },
  };
}
