import { describe, expect, test } from 'vitest';
import { changeLimit, overLimit } from '../../src/engine/budget/change-limit.js';
import type { MaxChanges } from '../../src/types/max-changes.js';

const count = (n: number): MaxChanges => ({ kind: 'count', count: n });
const percentage = (percent: number): MaxChanges => ({ kind: 'percentage', percent });
const HOUR = { kind: 'hour' } as const;
const SWEEP = { kind: 'sweep', correlationId: 'c' } as const;

describe('the limit', () => {
  test.each<[string, MaxChanges, number | null, number | null]>([
    ['a number is that number, whatever was seen', count(50), null, 50],
    ['nothing is nothing', count(0), 1000, 0],
    ['a share of what was seen', percentage(10), 470, 47],
    ['a share is rounded down', percentage(10), 479, 47],
    ['a share of little allows one change', percentage(10), 3, 1],
    ['a share of nothing seen allows one change, too: something new', percentage(10), 0, 1],
    ['a share of what nobody has seen cannot be told', percentage(10), null, null],
    ['no share is nothing, though nobody has seen anything', percentage(0), null, 0],
    ['all of it', percentage(100), 12, 12],
    ['a fraction of a percent', percentage(0.5), 1000, 5],
  ])('%s', (_name, max, seen, limit) => {
    expect(changeLimit(max, seen)).toBe(limit);
  });
});

describe('what is said beyond it', () => {
  test.each([
    ['in a sweep', overLimit(count(50), null, SWEEP, 50), ['is 50', 'this sweep has made 50', 'next sweep']],
    [
      'of events',
      overLimit(count(2), null, HOUR, 2),
      ['is 2', 'led to 2 changes within an hour', 'hour has passed'],
    ],
    [
      'of a share',
      overLimit(percentage(10), 47, SWEEP, 4),
      ['is 10%', '47 resources', 'which is 4', 'made 4'],
    ],
    ['of a share of nobody knows what', overLimit(percentage(10), null, HOUR, 0), ['10%', 'complete yet']],
    [
      'where nothing may be changed',
      overLimit(count(0), null, HOUR, 0),
      ['is 0', 'changes nothing by itself'],
    ],
  ])('%s names the limit, how many were made, and every way out', (_name, text, parts) => {
    for (const part of [...parts, 'POST /api/remediate']) expect(text).toContain(part);
  });
});
