import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packTransactions } from '../../src/state/pack-transactions.js';
import type { Row } from '../../src/state/table.js';

function group(partitionKey: string, rows: number, characters: number): readonly Row[] {
  return Array.from({ length: rows }, (_, i) => ({
    partitionKey,
    rowKey: `${i}`,
    text: 'x'.repeat(characters),
  }));
}

describe('packTransactions', () => {
  test.each([
    ['nothing needs no transaction', [], []],
    ['a few rows of one partition go together', [group('a', 1, 10), group('a', 2, 10)], [3]],
    ['another partition needs another transaction', [group('a', 1, 10), group('b', 1, 10)], [1, 1]],
    ['100 rows fit', Array.from({ length: 100 }, () => group('a', 1, 10)), [100]],
    ['the 101st does not', Array.from({ length: 101 }, () => group('a', 1, 10)), [100, 1]],
    ['a group is not split', [group('a', 99, 10), group('a', 2, 10)], [99, 2]],
    ['4 MiB is not passed', Array.from({ length: 5 }, () => group('a', 1, 900_000)), [4, 1]],
  ])('%s', (_name, groups, expected) => {
    expect(packTransactions(groups).map((rows) => rows.length)).toEqual(expected);
  });

  test('every row is in one transaction, in its order', () => {
    const groups = fc.array(
      fc.tuple(
        fc.constantFrom('a', 'b'),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 400_000 }),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(groups, (sizes) => {
        const all = sizes.map((size) => group(...size));
        const packed = packTransactions(all);
        expect(packed.flat()).toEqual(all.flat());
        for (const rows of packed) expect(new Set(rows.map((row) => row.partitionKey)).size).toBe(1);
      }),
      { numRuns: 30 },
    );
  });
});
