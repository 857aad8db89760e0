import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../local-host/timer-schedule.js';

// Sunday; all times here are local, as the Functions host reckons.
const now = new Date(2025, 10, 23, 10, 2, 30);

describe('the next occurrence', () => {
  it.each<[string, string, Date]>([
    ['the top of every hour', '0 0 * * * *', new Date(2025, 10, 23, 11, 0, 0)],
    ['every five seconds', '*/5 * * * * *', new Date(2025, 10, 23, 10, 2, 35)],
    ['every 15 minutes from 5 past', '0 5/15 * * * *', new Date(2025, 10, 23, 10, 5, 0)],
    ['hours in a range, in steps', '0 0 9-17/2 * * *', new Date(2025, 10, 23, 11, 0, 0)],
    ['five fields, without the seconds', '30 9 * * *', new Date(2025, 10, 24, 9, 30, 0)],
    ['names of days', '0 30 9 * * Mon-Fri', new Date(2025, 10, 24, 9, 30, 0)],
    ['Sunday as 0', '0 0 12 * * 0', new Date(2025, 10, 23, 12, 0, 0)],
    ['names of months, in a list', '0 0 0 1 Jan,jul *', new Date(2026, 0, 1, 0, 0, 0)],
    ['both day fields, which must both match', '0 0 0 13 * Fri', new Date(2026, 1, 13, 0, 0, 0)],
    ['spaces around', '  0 0 *   * * * ', new Date(2025, 10, 23, 11, 0, 0)],
  ])('of %s', (_, expression, next) => {
    expect(parseSchedule(expression).next(now)).toEqual(next);
  });

  it('is after the moment given, never that moment', () => {
    const occurrence = new Date(2025, 10, 23, 11, 0, 0);
    expect(parseSchedule('0 0 * * * *').next(occurrence)).toEqual(new Date(2025, 10, 23, 12, 0, 0));
  });

  it('is null for a day that never comes', () => {
    expect(parseSchedule('0 0 0 30 2 *').next(now)).toBeNull();
  });
});

describe('a schedule that Azure would not take', () => {
  it.each([
    ['four fields', '* * * *'],
    ['seven fields', '0 0 0 * * * 2030'],
    ['nothing', ''],
    ['a time span', '00:05:00'],
    ['a nickname', '@hourly'],
    ['a date', '2030-01-01T00:00:00'],
    ['the last day of the month', '0 0 0 L * *'],
    ['the nearest weekday', '0 0 0 15W * *'],
    ['the second Friday', '0 0 0 * * 5#2'],
    ['a question mark', '0 0 0 ? * 1'],
    ['Sunday as 7', '0 0 0 * * 7'],
    ['a week that ends in 7', '0 0 0 * * 1-7'],
    ['a minute that does not exist', '0 60 * * * *'],
    ['a step without a start', '0 /5 * * * *'],
  ])('is refused: %s', (_, expression) => {
    expect(() => parseSchedule(expression)).toThrow(`'${expression}' is not valid NCRONTAB`);
  });
});
