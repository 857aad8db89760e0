import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNcrontab } from '../src/ncrontab.js';
import { previousFirings } from '../src/previous-firings.js';

const NOW = new Date('2026-11-26T16:30:15.500Z');

describe('when a timer last fired', () => {
  test.each([
    ['every hour', '0 0 * * * *', ['2026-11-26T16:00:00.000Z', '2026-11-26T15:00:00.000Z']],
    ['this very second', '15 30 16 * * *', ['2026-11-26T16:30:15.000Z', '2026-11-25T16:30:15.000Z']],
    ['a second later it has not', '16 30 16 * * *', ['2026-11-25T16:30:16.000Z', '2026-11-24T16:30:16.000Z']],
    ['every twenty minutes', '0 */20 * * * *', ['2026-11-26T16:20:00.000Z', '2026-11-26T16:00:00.000Z']],
    [
      'every fifteen minutes from five past',
      '0 5/15 * * * *',
      ['2026-11-26T16:20:00.000Z', '2026-11-26T16:05:00.000Z'],
    ],
    ['on Sundays', '0 0 3 * * sun', ['2026-11-22T03:00:00.000Z', '2026-11-15T03:00:00.000Z']],
    ['on weekdays', '0 0 3 * * MON-fri', ['2026-11-26T03:00:00.000Z', '2026-11-25T03:00:00.000Z']],
    ['on a Friday the 13th', '0 0 0 13 * 5', ['2026-11-13T00:00:00.000Z', '2026-03-13T00:00:00.000Z']],
    ['twice a year', '0 0 0 1 jan,jul *', ['2026-07-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z']],
    ['on leap days', '0 0 12 29 2 *', ['2024-02-29T12:00:00.000Z', '2020-02-29T12:00:00.000Z']],
    ['on a day that there is not', '0 0 0 30 2 *', []],
  ])('%s', (_name, schedule, expected) => {
    expect(isNcrontab(schedule)).toBe(true);
    expect(previousFirings(schedule, NOW, 2).map((time) => time.toISOString())).toEqual(expected);
  });

  test('a timer that fires next at a time has fired at no other since', () => {
    const field = (min: number, max: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min, max }).map(String),
        fc.integer({ min: 1, max: Math.min(20, max) }).map((step) => `*/${step}`),
        fc
          .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
          .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
        fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => `${a},${b}`),
      );
    const schedules = fc
      .tuple(field(0, 59), field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
      .map((fields) => fields.join(' '));
    const times = fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(schedules, times, (schedule, until) => {
        // Another implementation reckons forwards.
        const cron = new Cron(schedule, {
          paused: true,
          mode: '6-part',
          domAndDow: true,
          sloppyRanges: true,
          timezone: 'UTC',
        });
        const [last, before] = previousFirings(schedule, until, 2);
        if (last === undefined || before === undefined) return;
        expect(last <= until).toBe(true);
        expect(cron.nextRun(before)).toEqual(last);
        expect((cron.nextRun(last)?.getTime() ?? Infinity) > until.getTime()).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
