import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InvocationResult, TriggerInput } from '../../local-host/invocation.js';
import { parseSchedule } from '../../local-host/timer-schedule.js';
import { createTimer, type Timer } from '../../local-host/timer-trigger.js';

const succeeded: InvocationResult = { kind: 'succeeded', response: {} };

interface Run {
  readonly at: string;
  readonly status: unknown;
  readonly end: () => void;
}

/** A timer whose runs end when the test says so. */
function startTimer(expression: string, runOnStartup = false): { timer: Timer; runs: Run[] } {
  const runs: Run[] = [];
  const run = (input: () => TriggerInput) =>
    new Promise<InvocationResult>((resolve) => {
      runs.push({
        at: new Date().toISOString(),
        status: readStatus(input()),
        end: () => {
          resolve(succeeded);
        },
      });
    });
  const timer = createTimer({ schedule: parseSchedule(expression), runOnStartup, run });
  void timer.start();
  return { timer, runs };
}

function readStatus({ data }: TriggerInput): unknown {
  return 'json' in data ? (JSON.parse(data.json) as { ScheduleStatus: unknown }).ScheduleStatus : data;
}

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2025-11-23T10:00:00.250Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a timer', () => {
  it('runs at each occurrence and tells the last and the next', async () => {
    const { runs } = startTimer('*/10 * * * * *');
    await vi.advanceTimersByTimeAsync(9_749);
    expect(runs).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs[0]).toMatchObject({
      at: '2025-11-23T10:00:10.000Z',
      status: { Last: '0001-01-01T00:00:00', Next: '2025-11-23T10:00:10.000Z' },
    });
    runs[0]?.end();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs[1]).toMatchObject({
      at: '2025-11-23T10:00:20.000Z',
      status: {
        Last: '2025-11-23T10:00:10.000Z',
        LastUpdated: '2025-11-23T10:00:10.000Z',
        Next: '2025-11-23T10:00:20.000Z',
      },
    });
  });

  it('never runs twice at once; what fell into a run starts after it, once', async () => {
    const { runs } = startTimer('*/10 * * * * *');
    await vi.advanceTimersByTimeAsync(45_000);
    expect(runs).toHaveLength(1);
    runs[0]?.end();
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toHaveLength(2);
    runs[1]?.end();
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(runs.map(({ at }) => at.slice(17, 19))).toEqual(['10', '45', '50']);
  });

  it('runs by hand only after the run that is under way', async () => {
    const { timer, runs } = startTimer('*/10 * * * * *');
    await vi.advanceTimersByTimeAsync(10_000);
    const byHand = timer.runNow();
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toHaveLength(1);
    runs[0]?.end();
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toHaveLength(2);
    runs[1]?.end();
    expect(await byHand).toEqual(succeeded);
  });

  it('runs at start if it is told to, and then on its schedule', async () => {
    const { runs } = startTimer('*/10 * * * * *', true);
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toHaveLength(1);
    runs[0]?.end();
    await vi.advanceTimersByTimeAsync(9_750);
    expect(runs.map(({ at }) => at.slice(17))).toEqual(['00.250Z', '10.000Z']);
  });

  it('waits longer than setTimeout can', async () => {
    const { runs } = startTimer('0 0 0 1 1 *');
    await vi.advanceTimersByTimeAsync(new Date(2026, 0, 1).getTime() - Date.now() - 1);
    expect(runs).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toHaveLength(1);
  });

  it('starts nothing once it is stopped, and is stopped when its run has ended', async () => {
    const { timer, runs } = startTimer('*/10 * * * * *');
    await vi.advanceTimersByTimeAsync(10_000);
    let isStopped = false;
    const stopped = timer.stop().then(() => (isStopped = true));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(isStopped).toBe(false);
    runs[0]?.end();
    await stopped;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(runs).toHaveLength(1);
  });
});
