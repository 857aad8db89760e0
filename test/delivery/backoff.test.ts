import { expect, test } from 'vitest';
import { backoffMs } from '../../src/delivery/backoff.js';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

test.each<[string, number, number | null, number, number]>([
  ['the first failure', 1, null, 0, 10 * SECOND],
  ['the second', 2, null, 0, 20 * SECOND],
  ['the fifth', 5, null, 0, 160 * SECOND],
  ['chance adds up to a fifth', 1, null, 1, 12 * SECOND],
  ['never more than an hour', 50, null, 1, HOUR],
  ['the target asks for more', 1, 90 * SECOND, 0, 90 * SECOND],
  ['the target asks for less than it has earned', 5, SECOND, 0, 160 * SECOND],
  ['the target asks for a day', 1, 24 * HOUR, 0, HOUR],
])('%s', (_name, failures, retryAfterMs, random, expected) => {
  expect(backoffMs(failures, retryAfterMs, random)).toBe(expected);
});
