import { describe, expect, it } from 'vitest';
import { median } from '../../bench/median.js';
import { mostAtOnce } from '../../bench/most-at-once.js';
import type { Span } from '../../bench/span.js';

const span = (start: number, end: number): Span => ({ start, end });

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
