import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DamagedRowError, NewerVersionError } from '../../src/engine/ports/stored.js';
import { chunkedRows, readValue } from '../../src/state/chunked-row.js';
import type { Row, StoredRow, Table } from '../../src/state/table.js';
import { oddJson } from './odd-json.js';
import { oddText } from './odd-text.js';
import { run } from './run.js';

/*
 * What lies in the tables, after somebody else has been at it: the value that was stored, or an error that names the row
 * and says nothing of what stands in it.
 */

const KEYS = { partitionKey: 'part', rowKey: 'row' };
const CANARY = 'c4n4ry-p4ssw0rd';

/** The rows of one value; nothing is written. */
function tableOf(rows: readonly Row[]): Table {
  const stored = rows.map((row): StoredRow => ({ ...row, etag: 'e' }));
  const missing = () => Promise.reject(new Error('not here'));
  return {
    get: () => Promise.resolve(stored[0] ?? null),
    rows: async function* () {
      yield* await Promise.resolve(stored);
    },
    page: missing,
    put: missing,
    putIfUnchanged: missing,
    remove: missing,
    removeIfUnchanged: missing,
  };
}

type Stored = Row[string];
const cell: fc.Arbitrary<Stored> = fc.oneof(
  oddText,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom<Stored>(1e9, -1, NaN, CANARY),
);
const column = fc.constantFrom('v', 'parts', 'chunks', 'encoding', 'digest', 'text0', 'text1');

async function isKeptOrNamed(value: unknown, rows: readonly Row[]): Promise<void> {
  try {
    expect((await readValue(tableOf(rows), KEYS))?.value).toEqual(value);
  } catch (error) {
    if (error instanceof NewerVersionError) return;
    if (!(error instanceof DamagedRowError)) throw error;
    expect(error.message).toContain('part/row');
    expect(error.message).not.toContain(CANARY);
    expect(error.message.length).toBeLessThan(300);
  }
}

const stored = oddJson.map((value) => JSON.parse(JSON.stringify({ [CANARY]: value })) as unknown);
const long = fc.constant({
  [CANARY]: Array.from({ length: 60_000 }, (_, i) => (i * 2654435761) % 4294967296),
});

describe('a stored value', () => {
  test('with any column changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        stored,
        fc.dictionary(column, cell, { minKeys: 1, maxKeys: 3 }),
        async (value, changes) => {
          const rows = chunkedRows(KEYS, value).map((row) => ({ ...row, ...changes }));
          await isKeptOrNamed(value, rows);
        },
      ),
      run(1000),
    );
  });

  test('with any column missing', async () => {
    await fc.assert(
      fc.asyncProperty(
        stored,
        fc.constantFrom('parts', 'chunks', 'encoding', 'text0'),
        async (value, name) => {
          const rows = chunkedRows(KEYS, value).map(
            (row) => Object.fromEntries(Object.entries(row).filter(([key]) => key !== name)) as Row,
          );
          await isKeptOrNamed(value, rows);
        },
      ),
      run(200),
    );
  });

  test('of several rows, with some of them lost, doubled or in another order', async () => {
    await fc.assert(
      fc.asyncProperty(long, fc.array(fc.nat(3), { maxLength: 4 }), async (value, order) => {
        const rows = chunkedRows(KEYS, value);
        const [head] = rows;
        const mixed = order.flatMap((at) => rows[at] ?? []);
        if (head !== undefined) await isKeptOrNamed(value, [head, ...mixed]);
      }),
      run(10),
    );
  });
});
