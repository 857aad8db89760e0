import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSweepTotals } from '../../src/state/sweep-totals.js';
import { startAzurite, type Azurite } from './azurite.js';
import { SUBSCRIPTION } from './records.js';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const OTHER = SUBSCRIPTION.replace('0001', '0002');

test('a subscription that was swept completely is remembered with its resources, and with when that was', async () => {
  let now = Date.parse('2026-11-26T12:00:00Z');
  const totals = createSweepTotals(azurite.newAccount(), () => now);
  expect(await totals.completedAt()).toEqual(new Map());
  await totals.save(SUBSCRIPTION.toUpperCase(), 5);
  now += 3_600_000;
  await totals.save(OTHER, 7);
  await totals.save(SUBSCRIPTION, 6);
  expect(await totals.read()).toEqual(
    new Map([
      [SUBSCRIPTION, 6],
      [OTHER, 7],
    ]),
  );
  const one = new Date('2026-11-26T13:00:00Z');
  expect(await totals.completedAt()).toEqual(
    new Map([
      [SUBSCRIPTION, one],
      [OTHER, one],
    ]),
  );
});
