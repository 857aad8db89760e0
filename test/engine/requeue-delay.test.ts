import { expect, test } from 'vitest';
import { requeueDelay } from '../../src/engine/look/requeue-delay.js';

test.each([
  ['a failure backs off', { retryAfterMs: 0, attempt: 0, deferrals: 0 }, 1, 2000],
  ['with jitter', { retryAfterMs: 0, attempt: 0, deferrals: 0 }, 0, 1000],
  ['longer each time', { retryAfterMs: 0, attempt: 3, deferrals: 0 }, 1, 16_000],
  ['and no less than Azure said', { retryAfterMs: 17_000, attempt: 0, deferrals: 0 }, 1, 17_000],
  [
    'what was put off comes back when it is told to',
    { retryAfterMs: 17_000, attempt: 0, deferrals: 1 },
    0,
    17_000,
  ],
  ['or spread over a time after that', { retryAfterMs: 17_000, attempt: 0, deferrals: 1 }, 1, 19_000],
  ['which doubles', { retryAfterMs: 5000, attempt: 4, deferrals: 4 }, 1, 21_000],
  ['to a minute at most', { retryAfterMs: 5000, attempt: 0, deferrals: 5000 }, 1, 65_000],
])('%s', (_name, putOff, random, expected) => {
  expect(requeueDelay(putOff, random)).toBe(expected);
});
