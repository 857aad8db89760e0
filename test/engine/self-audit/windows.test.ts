import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  firstProgress,
  isFarBehind,
  nextWindow,
  PASSES,
  type Pass,
} from '../../../src/engine/self-audit/windows.js';

const NOW = new Date('2026-11-23T12:00:00.000Z');
const HOUR = 3_600_000;
const hoursAgo = (hours: number): Date => new Date(NOW.getTime() - hours * HOUR);

describe('what is compared next', () => {
  test.each<[string, Pass, number | null, [number, number] | null]>([
    ['the hour that ended an hour ago', 'soon', 2, [2, 1]],
    ['nothing before an hour has passed', 'soon', 1, null],
    ['nothing of what lies ahead of that', 'soon', 0.5, null],
    ['what is left of an hour', 'soon', 1.5, [1.5, 1]],
    ['after a failure, from where it stopped', 'soon', 9, [9, 8]],
    ['the first time, a day back', 'soon', null, [25, 24]],
    ['once more a day later', 'settled', 27, [27, 26]],
    ['not before', 'settled', 25, null],
    ['a day back, where a clock that was ahead has noted it', 'soon', -48, [25, 24]],
  ])('%s (%s)', (_name, pass, until, expected) => {
    const next = nextWindow(until === null ? null : hoursAgo(until), NOW, pass);
    const [from, to] = expected ?? [0, 0];
    expect(next).toEqual(expected === null ? null : { from: hoursAgo(from), to: hoursAgo(to), lost: null });
  });

  it('is as far back as Azure has events, and what is lost is said', () => {
    const until = hoursAgo(100 * 24);
    const oldest = hoursAgo(89 * 24);
    expect(nextWindow(until, NOW, 'soon')).toEqual({
      from: oldest,
      to: hoursAgo(89 * 24 - 1),
      lost: { from: until, to: oldest },
    });
  });

  it('leaves out no moment and takes none twice, whenever it is asked', () => {
    const waits = fc.array(fc.integer({ min: 1, max: 3 * 24 * HOUR }), { maxLength: 20 });
    fc.assert(
      fc.property(waits, fc.constantFrom<Pass>('soon', 'settled'), (times, pass) => {
        let now = NOW.getTime();
        let until = hoursAgo(30);
        for (const wait of times) {
          now += wait;
          for (let next = nextWindow(until, new Date(now), pass); next !== null;) {
            expect(next.from).toEqual(until);
            expect(next.to > next.from && next.to.getTime() <= now - PASSES[pass].lagMs).toBe(true);
            until = next.to;
            next = nextWindow(until, new Date(now), pass);
          }
        }
      }),
    );
  });
});

test.each<[number | null, number | null, boolean]>([
  [null, null, true],
  [2, 26, false],
  [6.5, 30.5, false],
  [8, 26, true],
  [2, 32, true],
  [2, null, true],
])('compared until %s hours ago, and once more until %s, is far behind: %s', (soon, settled, expected) => {
  const at = (hours: number | null): Date | null => (hours === null ? null : hoursAgo(hours));
  expect(isFarBehind({ comparedUntil: at(soon), settledUntil: at(settled) }, NOW)).toBe(expected);
});

it('begins where it would have begun the first time, however late that is looked at again', () => {
  const { comparedUntil, settledUntil } = firstProgress(NOW);
  expect([comparedUntil, settledUntil]).toEqual([hoursAgo(25), hoursAgo(49)]);
});
