import { describe, expect, test } from 'vitest';
import { editKey, isOver, MOST_TIMES, pauseFor, withApplied } from '../../src/engine/contested/contested.js';
import type { EditHistory, EditPause } from '../../src/engine/ports/memory.js';
import type { Edit } from '../../src/types/edit.js';

/** Minutes after noon. */
const at = (minutes: number): string => new Date(Date.UTC(2026, 10, 26, 12, minutes)).toISOString();
const HOUR = 60;
const pause = (since: number, minutes: number, count: number): EditPause => ({
  since: at(since),
  until: at(since + minutes),
  count,
  recordId: 'r',
});
const history = (applied: readonly number[], paused: EditPause | null = null): EditHistory => ({
  edit: 'e',
  appliedAt: applied.map(at),
  revertedBy: null,
  pause: paused,
});
const until = (entry: EditHistory, now: number, times = 3): string | null =>
  pauseFor(entry, times, new Date(at(now)))?.until ?? null;

describe('an edit that is planned again', () => {
  test.each<[string, EditHistory, number, string | null]>([
    ['after it was applied once may be made', history([0]), 5, null],
    ['after it was applied twice may be made', history([0, 5]), 10, null],
    [
      'after it was applied three times within an hour is left alone for an hour',
      history([0, 5, 10]),
      15,
      at(75),
    ],
    ['three times, but the first more than an hour ago, may be made', history([0, 30, 59]), 60, null],
    ['three times, just within the hour, is not', history([0, 30, 59]), 59, at(119)],
    [
      'within its pause stays alone, and the pause stays as it was',
      history([0, 5, 10], pause(15, HOUR, 1)),
      74,
      at(75),
    ],
    ['when the pause is over is tried once more', history([0, 5, 10], pause(15, HOUR, 1)), 75, null],
    [
      'soon after that try is left alone for twice as long',
      history([0, 5, 10, 76], pause(15, HOUR, 1)),
      80,
      at(80 + 2 * HOUR),
    ],
    [
      'soon after the next is left alone for four hours',
      history([76, 210], pause(80, 2 * HOUR, 2)),
      211,
      at(211 + 4 * HOUR),
    ],
    [
      'as long after the try as the pause lasted may be made: it was quiet',
      history([0, 5, 10, 76], pause(15, HOUR, 1)),
      136,
      null,
    ],
    [
      'after the sixth pause is left alone for a day, and never for longer',
      history([3000], pause(1000, 24 * HOUR, 6)),
      3001,
      at(3001 + 24 * HOUR),
    ],
    [
      'that somebody had made by name within the pause is left alone until it ends, and no longer',
      history([0, 5, 10, 20], pause(15, HOUR, 1)),
      21,
      at(75),
    ],
    [
      'that somebody had made by name within the pause is tried once more when it is over',
      history([0, 5, 10, 70], pause(15, HOUR, 1)),
      76,
      null,
    ],
  ])('%s', (_name, entry, now, expected) => {
    expect(until(entry, now)).toBe(expected);
  });

  test('may be made as often as is set', () => {
    expect(until(history([0]), 1, 1)).toBe(at(61));
    expect(until(history([0, 1, 2, 3]), 4, 5)).toBeNull();
    expect(until(history([0, 1, 2, 3, 4]), 5, 5)).toBe(at(65));
  });
});

describe('the history', () => {
  test('keeps no more than the most that may be set', () => {
    let entry = history([]);
    for (let i = 0; i < 50; i += 1) entry = withApplied(entry, new Date(at(i)));
    expect(entry.appliedAt).toHaveLength(MOST_TIMES);
    expect(entry.appliedAt.at(-1)).toBe(at(49));
  });

  test.each<[string, EditHistory, number, EditPause | null]>([
    ['the pause of a try', history([10], pause(15, HOUR, 1)), 76, pause(15, HOUR, 1)],
    [
      'the pause of what was made by name meanwhile',
      history([10], pause(15, HOUR, 1)),
      20,
      pause(15, HOUR, 1),
    ],
    ['no pause once it was quiet for as long', history([10, 76], pause(15, HOUR, 1)), 140, null],
  ])('keeps %s', (_name, entry, now, expected) => {
    expect(withApplied(entry, new Date(at(now))).pause).toEqual(expected);
  });

  test.each<[string, EditHistory, number, boolean]>([
    ['of what was applied within the hour counts', history([0]), 59, false],
    ['of what was applied before is over', history([0]), 60, true],
    ['of what is paused counts', history([0], pause(1, HOUR, 1)), 60, false],
    ['of a pause that has just ended counts', history([0], pause(1, HOUR, 1)), 62, false],
    ['of a pause that ended as long ago as it lasted is over', history([0], pause(1, HOUR, 1)), 121, true],
    ['of a try counts for as long as the pause lasted', history([250], pause(1, 4 * HOUR, 3)), 480, false],
  ])('%s', (_name, entry, now, expected) => {
    expect(isOver(entry, new Date(at(now)))).toBe(expected);
  });
});

describe('an edit is known again', () => {
  const set = (after: string, before: string | null = null): Edit => ({
    op: 'set',
    path: '/p',
    before,
    after,
    reason: 'r',
  });
  const remove = (before: string): Edit => ({ op: 'remove', path: '/p', before, after: null, reason: 'r' });

  test.each<[string, Edit, Edit, boolean]>([
    ['by what it sets', set('a'), set('a'), true],
    ['whatever was there before, and whyever', set('a', 'b'), { ...set('a'), reason: 'other' }, true],
    ['not where it sets something else', set('a'), set('b'), false],
    ['not at another place', set('a'), { ...set('a'), path: '/q' }, false],
    ['by what it takes out', remove('a'), remove('a'), true],
    ['not where it takes out something else', remove('a'), remove('b'), false],
  ])('%s', (_name, one, other, isSame) => {
    expect(editKey('vault-firewall', one) === editKey('vault-firewall', other)).toBe(isSame);
  });

  test('not of another remediator, and never by the value itself', () => {
    const key = editKey('vault-firewall', set('a-value'));
    expect(editKey('vault-logic-app-ips', set('a-value'))).not.toBe(key);
    expect(key).toMatch(/^[0-9a-f]{24}$/);
  });
});
