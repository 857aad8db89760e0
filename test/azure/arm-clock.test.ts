import { createHttpHeaders, createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { createArmClock } from '../../src/azure/arm-clock.js';

/** ARM, whose clock is so far ahead of ours, and whose answers take their time. */
function armThatIs(aheadMs: number) {
  let elapsed = 5000;
  const start = Date.parse('2026-11-26T12:00:00Z');
  const clock = createArmClock(() => elapsed);
  const answers: { date: string | undefined; tookMs: number }[] = [];
  const http: HttpClient = {
    sendRequest: (request) => {
      const { date, tookMs } = answers.shift() ?? { date: undefined, tookMs: 0 };
      elapsed += tookMs;
      const headers = createHttpHeaders(date === undefined ? {} : { date });
      return Promise.resolve({ request, status: 200, headers });
    },
  };
  const watched = clock.watch(http);
  const send = (answer: { date?: string; tookMs?: number }) => {
    answers.push({ date: answer.date, tookMs: answer.tookMs ?? 0 });
    return watched.sendRequest(createPipelineRequest({ url: 'https://arm.example' }));
  };
  return {
    clock,
    send,
    /** An answer as ARM gives it: its date has no milliseconds, and was made before the answer came in. */
    ask: (tookMs = 0) => send({ date: new Date(start + elapsed + aheadMs).toUTCString(), tookMs }),
    pass: (ms: number) => {
      elapsed += ms;
    },
    isBehind: () => {
      const earliest = clock.earliest();
      return earliest === null ? null : start + elapsed + aheadMs - earliest.getTime();
    },
  };
}

describe('how late it is at least by the clock of ARM', () => {
  test('is not known before it has answered, or where its answers do not say', async () => {
    const arm = armThatIs(0);
    expect(arm.clock.earliest()).toBeNull();
    await arm.send({});
    await arm.send({ date: 'yesterday' });
    expect(arm.clock.earliest()).toBeNull();
  });

  test.each([0, 90_000, -90_000])(
    'is never too late, and behind by no more than an answer takes: %i ms',
    async (ahead) => {
      const arm = armThatIs(ahead);
      await arm.ask(400);
      expect(arm.isBehind()).toBe(400);
      arm.pass(1300);
      expect(arm.isBehind()).toBe(400);
    },
  );

  test('is told by the quickest answer, and not by one that took long', async () => {
    const arm = armThatIs(5000);
    await arm.ask(100);
    await arm.ask(15_000);
    expect(arm.isBehind()).toBeLessThanOrEqual(1000);
  });

  test('is forgotten after some minutes: clocks drift apart', async () => {
    const arm = armThatIs(0);
    await arm.ask();
    arm.pass(11 * 60_000);
    expect(arm.clock.earliest()).toBeNull();
    await arm.ask(2000);
    expect(arm.isBehind()).toBe(2000);
  });
});
