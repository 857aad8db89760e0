import { describe, expect, it } from 'vitest';
import { median } from '../../bench/median.js';
import { mostAtOnce } from '../../bench/most-at-once.js';
import { outsideOf, roundTripsInSequence, type Span } from '../../bench/round-trips.js';

const span = (start: number, end: number): Span => ({ start, end });

describe('round trips in sequence', () => {
  it.each<[string, readonly Span[], number]>([
    ['none', [], 0],
    ['one', [span(0, 5)], 1],
    ['two that are under way together', [span(0, 5), span(1, 4)], 1],
    ['two, one after the other', [span(0, 5), span(5, 9)], 2],
    ['in any order', [span(6, 9), span(0, 5)], 2],
    ['a long one beside two short ones', [span(0, 10), span(0, 4), span(5, 9)], 2],
    ['three pairs', [span(0, 3), span(0, 4), span(4, 7), span(5, 8), span(9, 12), span(9, 11)], 3],
  ])('%s', (_name, spans, count) => {
    expect(roundTripsInSequence(spans)).toBe(count);
  });
});

describe('what a write had to wait for beside the read', () => {
  const read = span(10, 110);
  it.each<[string, Span, boolean]>([
    ['over before the read began', span(0, 9), true],
    ['begun before the read, answered during it', span(5, 20), false],
    ['within the read', span(20, 100), false],
    ['answered after the read', span(100, 120), true],
    ['begun after the read', span(111, 115), true],
  ])('%s: %s', (_name, asked, counts) => {
    expect(outsideOf([read], [asked])).toEqual(counts ? [asked] : []);
  });

  it('is everything where nothing was read', () => {
    expect(outsideOf([], [span(0, 1)])).toHaveLength(1);
  });
});

describe('most at once', () => {
  it.each<[string, readonly Span[], number]>([
    ['none', [], 0],
    ['one after the other', [span(0, 5), span(5, 9)], 1],
    ['three that overlap, and a later one', [span(0, 10), span(2, 8), span(7, 9), span(20, 21)], 3],
  ])('%s', (_name, spans, most) => {
    expect(mostAtOnce(spans)).toBe(most);
  });
});

describe('median', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[7], 7],
    [[], NaN],
  ])('of %j is %d', (values, middle) => {
    expect(median(values)).toBe(middle);
  });
});
