import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NewerVersionError } from '../../src/engine/ports/stored.js';
import { READABLE_VALUES, chunkedRows, readValue, valueOf } from '../../src/state/chunked-row.js';
import { createTable, type Row, type StoredRow, type Table } from '../../src/state/table.js';
import { startAzurite, type Azurite } from './azurite.js';

let azurite: Azurite;
let table: Table;
beforeAll(async () => {
  azurite = await startAzurite();
  table = createTable(azurite.newAccount(), 'Chunks');
});
afterAll(() => azurite.stop());

const KEYS = { partitionKey: 'p', rowKey: 'r' };

/** Text that does not get shorter when it is packed. */
function noise(characters: number): string {
  return randomBytes(Math.ceil(characters / 2))
    .toString('hex')
    .slice(0, characters);
}

/** As the service counts it, see "Understanding the Table service data model": two bytes per character. */
function entityBytes(row: Row): number {
  return Object.entries(row).reduce(
    (sum, [name, value]) =>
      sum + 8 + 2 * name.length + (typeof value === 'string' ? 4 + 2 * value.length : 4),
    4,
  );
}

describe('chunkedRows', () => {
  test.each([
    ['nothing', null, 1],
    ['a little', { a: 1 }, 1],
    ['a little over one property', noise(32_001), 1],
    ['a little less than one row', noise(447_000), 1],
    ['more than one row, which shrinks into one', 'abc'.repeat(500_000), 1],
    ['more than one row, which does not', noise(1_200_000), 2],
    ['quotes, which are sent as three characters each', '"'.repeat(220_000), 1],
  ])('%s comes back, within the limits of an entity', async (_name, value, rows) => {
    const written = chunkedRows(KEYS, value);
    expect(written).toHaveLength(rows);
    for (const row of written) {
      expect(entityBytes(row)).toBeLessThan(1024 * 1024);
      expect(Object.keys(row).length).toBeLessThanOrEqual(252);
      for (const text of Object.values(row)) expect(String(text).length).toBeLessThanOrEqual(32 * 1024);
    }
    await table.put(written, 'Replace');
    expect((await readValue(table, KEYS))?.value).toEqual(value);
  });

  test('any JSON comes back', async () => {
    // Through JSON once, because that knows no -0.
    const json = fc
      .jsonValue({ stringUnit: 'binary' })
      .map((value) => JSON.parse(JSON.stringify(value)) as unknown);
    const codeUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    await fc.assert(
      fc.asyncProperty(json, fc.string({ unit: codeUnit }), async (value, text) => {
        const whole = { value, text, [text]: value };
        await table.put(chunkedRows(KEYS, whole), 'Replace');
        expect((await readValue(table, KEYS))?.value).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ['half of a character', '\ud83d'],
    ['the other half', '\ude00'],
    ['line separators, which end a line in some parsers', '\u2028\u2029'],
    ['control characters', '\u0000\u0007\u007f\u0085'],
    ['what looks like a transaction', '\r\n--changeset_1\r\nDELETE http://127.0.0.1/x HTTP/1.1\r\n'],
    ['a key that JavaScript has a meaning for', JSON.parse('{"__proto__":{"a":1}}') as unknown],
  ])('%s comes back, alone and in a transaction', async (_name, value) => {
    await table.put(chunkedRows(KEYS, [value]), 'Replace');
    expect((await readValue(table, KEYS))?.value).toStrictEqual([value]);
    await table.put(
      [...chunkedRows(KEYS, { value }), ...chunkedRows({ ...KEYS, rowKey: 's' }, value)],
      'Replace',
    );
    expect((await readValue(table, KEYS))?.value).toStrictEqual({ value });
  });

  test('a shorter value takes the place of a longer one, replaced or merged', async () => {
    for (const mode of ['Replace', 'Merge'] as const) {
      await table.put(chunkedRows(KEYS, noise(1_200_000)), mode);
      await table.put(chunkedRows(KEYS, noise(100_000)), mode);
      await table.put(chunkedRows(KEYS, 'short'), mode);
      expect((await readValue(table, KEYS))?.value).toBe('short');
    }
  });

  test('a value that no transaction takes is refused before it is sent', () => {
    expect(() => chunkedRows(KEYS, noise(9_000_000))).toThrow('does not fit into a table transaction (p/r)');
  });
});

describe('valueOf', () => {
  async function headOf(value: unknown): Promise<StoredRow> {
    await table.put(chunkedRows(KEYS, value), 'Replace');
    const head = await table.get(KEYS);
    if (head === null) throw new Error('It was just written.');
    return head;
  }

  test('a value that was written anew between two reads is read as it is now', async () => {
    const earlier = await headOf(noise(1_200_000));
    await table.put(chunkedRows(KEYS, 'now'), 'Replace');
    await expect(valueOf(table, earlier)).resolves.toBe('now');
  });

  test('rows of two values are never put together', async () => {
    const head = await headOf(noise(1_200_000));
    const [, other] = chunkedRows(KEYS, noise(1_200_000));
    if (other === undefined) throw new Error('It needs two rows.');
    await table.put([other], 'Replace');
    await expect(valueOf(table, head)).rejects.toThrow('do not belong together');
  });
});

describe('versions', () => {
  const newer: Row = { partitionKey: 'newer', rowKey: 'r', v: 2, parts: 1, chunks: 1, text0: '"?"' };

  test('a newer row is an error to who asks for it, and names it', async () => {
    await table.put([newer], 'Replace');
    await expect(readValue(table, newer)).rejects.toThrow(NewerVersionError);
    await expect(readValue(table, newer)).rejects.toThrow('newer/r is of version 2');
  });

  test('queries leave out newer rows and rows that only go on', async () => {
    await table.put([newer], 'Replace');
    await table.put(chunkedRows({ partitionKey: 'newer', rowKey: 'long' }, noise(1_200_000)), 'Replace');
    const found: string[] = [];
    for await (const row of table.rows(`PartitionKey eq 'newer' and ${READABLE_VALUES}`))
      found.push(row.rowKey);
    expect(found).toEqual(['long']);
  });
});
