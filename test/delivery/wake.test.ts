import { expect, test } from 'vitest';
import type { DeliverMessage } from '../../src/delivery/outbox.js';
import { createWake } from '../../src/delivery/wake.js';

function setUp() {
  const clock = { now: 1_000_000, isDown: false };
  const sent: { message: DeliverMessage; delayMs: number }[] = [];
  const queue = {
    send: (message: DeliverMessage, delayMs: number) => {
      if (clock.isDown) return Promise.reject(new Error('down'));
      sent.push({ message, delayMs });
      return Promise.resolve();
    },
  };
  return { clock, sent, wake: createWake(queue, () => new Date(clock.now)) };
}

test('many records within some seconds are one message, and it comes after the last of them', async () => {
  const { clock, sent, wake } = setUp();
  for (const after of [0, 1000, 3999]) {
    clock.now = 1_000_000 + after;
    await wake.soon();
  }
  expect(sent).toEqual([{ message: { v: 1, target: null, wakeAt: null }, delayMs: 5000 }]);
  clock.now = 1_005_000;
  await wake.soon();
  expect(sent).toHaveLength(2);
});

test('a message that could not be sent is sent for the next record, and nobody is told', async () => {
  const { clock, sent, wake } = setUp();
  clock.isDown = true;
  await wake.soon();
  await wake.now();
  clock.isDown = false;
  await wake.soon();
  expect(sent).toHaveLength(1);
});

test('a clock that was put back holds nothing up', async () => {
  const { clock, sent, wake } = setUp();
  await wake.soon();
  clock.now -= 60_000;
  await wake.soon();
  expect(sent).toHaveLength(2);
});

test('a sweep asks at once', async () => {
  const { sent, wake } = setUp();
  await wake.soon();
  await wake.now();
  expect(sent.map(({ delayMs }) => delayMs)).toEqual([5000, 0]);
});
