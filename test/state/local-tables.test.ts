import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAuditLog } from '../../src/state/audit-log.js';
import { overlaid, tablesInMemory } from '../../src/state/local/overlay.js';
import { openStateDirectory, readStateDirectory } from '../../src/state/local/state-directory.js';
import { openTableFile } from '../../src/state/local/table-file.js';
import { createTable, type Row, type StoredRow, type Table } from '../../src/state/table.js';
import { recordId } from '../../src/engine/record/record-id.js';
import { startAzurite, type Azurite } from './azurite.js';
import { aRecord } from './records.js';

let azurite: Azurite;
let directory: string;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'state-'));
});

// ── The same as Table Storage ────────────────────────────────────────────────────────────────────────────────

const keys = fc.record({
  partitionKey: fc.constantFrom('a', 'b', 'B'),
  rowKey: fc.constantFrom('1', '2', '10'),
});
const row = fc
  .tuple(
    keys,
    fc.record(
      {
        v: fc.constantFrom(1, 2),
        text: fc.constantFrom("it's", 'x and y', ''),
        parts: fc.constantFrom(0, 1),
      },
      { requiredKeys: ['v'] },
    ),
  )
  .map(([at, columns]): Row => ({ ...at, ...columns }));
type Call = (table: Table, etags: Map<string, string>) => Promise<unknown>;
const nameOf = (at: { readonly partitionKey: string; readonly rowKey: string }): string =>
  `${at.partitionKey}/${at.rowKey}`;

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(row, fc.constantFrom('Merge' as const, 'Replace' as const)).map(
    ([one, mode]): Call =>
      (table) =>
        table.put([one], mode),
  ),
  row.map((one): Call => async (table) => {
    await table.put([one, { ...one, rowKey: 'other' }], 'Replace');
  }),
  fc.tuple(row, fc.boolean()).map(([one, isBlind]): Call => async (table, etags) => {
    const etag = isBlind ? null : (etags.get(nameOf(one)) ?? null);
    const written = await table.putIfUnchanged(one, etag);
    if (written !== null) etags.set(nameOf(one), written);
    return written === null;
  }),
  keys.map(
    (at): Call =>
      (table) =>
        table.remove(at),
  ),
  keys.map(
    (at): Call =>
      (table, etags) =>
        table.removeIfUnchanged(at, etags.get(nameOf(at)) ?? '*'),
  ),
  keys.map((at): Call => async (table, etags) => {
    const found = await table.get(at);
    if (found !== null) etags.set(nameOf(at), found.etag);
    return plain(found === null ? [] : [found]);
  }),
  fc
    .constantFrom(
      'v le 1 and parts ge 1',
      "PartitionKey eq 'a'",
      "PartitionKey ge 'B' and PartitionKey lt 'b'",
      "text eq 'it''s' and v le 2",
      "text eq 'x and y'",
      "PartitionKey eq 'b' and RowKey gt '1' and parts lt 1",
    )
    .map((filter): Call => async (table) => {
      const found: StoredRow[] = [];
      for await (const one of table.rows(filter)) found.push(one);
      const pages: StoredRow[] = [];
      let token: string | null = null;
      do {
        const page = await table.page(filter, 2, token);
        pages.push(...page.rows);
        token = page.continuationToken;
      } while (token !== null);
      expect(plain(pages)).toEqual(plain(found));
      return plain(found);
    }),
);

/** Without what each keeps in its own way. */
function plain(rows: readonly StoredRow[]): readonly unknown[] {
  return rows.map(({ partitionKey, rowKey, v, text, parts }) => ({ partitionKey, rowKey, v, text, parts }));
}

const newFile = (): string => join(mkdtempSync(join(tmpdir(), 'table-')), 'table.jsonl');
const HOMES: readonly (readonly [string, () => Table])[] = [
  ['a file', () => openTableFile(newFile())],
  ['memory', () => createTable(tablesInMemory(), 'rows')],
  ['an overlay', () => createTable(overlaid(tablesInMemory()), 'rows')],
];

describe.each(HOMES)('%s', (_name, open) => {
  test('comes to the same as Table Storage, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 12 }), async (calls) => {
        const table = open();
        const real = createTable(azurite.newAccount(), 'rows');
        const [here, there] = [new Map<string, string>(), new Map<string, string>()];
        for (const one of calls) expect(await one(table, here)).toEqual(await one(real, there));
      }),
      { numRuns: 25 },
    );
  });
});

async function all(table: Table): Promise<readonly unknown[]> {
  const found: StoredRow[] = [];
  for await (const one of table.rows('v ge 0')) found.push(one);
  return plain(found);
}

describe('an overlay', () => {
  test('comes to the same as writing to what lies below it, which stays as it was', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { maxLength: 8 }),
        fc.array(call, { maxLength: 8 }),
        async (before, calls) => {
          const base = tablesInMemory();
          const other = createTable(tablesInMemory(), 'rows');
          const [below, beside] = [new Map<string, string>(), new Map<string, string>()];
          for (const one of before) {
            await one(createTable(base, 'rows'), below);
            await one(other, beside);
          }
          const stored = await all(createTable(base, 'rows'));
          const overlay = createTable(overlaid(base), 'rows');
          for (const one of calls) expect(await one(overlay, below)).toEqual(await one(other, beside));
          expect(await all(createTable(base, 'rows'))).toEqual(stored);
        },
      ),
    );
  });
});

// ── What outlasts the process ────────────────────────────────────────────────────────────────────────────────

describe('a table in a file', () => {
  test('is the same when it is opened anew', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 20 }), async (calls) => {
        const path = newFile();
        const table = openTableFile(path);
        for (const one of calls) await one(table, new Map());
        expect(await all(openTableFile(path))).toEqual(await all(table));
      }),
    );
  });

  test('is written anew where most of its lines have been gone over, and stays the same', async () => {
    const path = newFile();
    const table = openTableFile(path);
    for (let i = 0; i < 1100; i += 1) await table.put([{ partitionKey: 'a', rowKey: '1', v: i }], 'Replace');
    const before = readFileSync(path, 'utf8').length;
    expect(await all(openTableFile(path))).toEqual(await all(table));
    expect(readFileSync(path, 'utf8').length).toBeLessThan(before / 100);
    expect(await all(openTableFile(path))).toEqual(await all(table));
  });

  test('what a crash left half-written at its end does not count, and what comes after it does', async () => {
    const path = newFile();
    await openTableFile(path).put([{ partitionKey: 'a', rowKey: '1', v: 1 }], 'Replace');
    appendFileSync(path, '{"v":1,"put":[{"partitionKey":"a","row');
    const table = openTableFile(path);
    expect(await all(table)).toHaveLength(1);
    await table.put([{ partitionKey: 'a', rowKey: '2', v: 1 }], 'Replace');
    expect(await all(openTableFile(path))).toHaveLength(2);
  });

  test.each([
    ['is no JSON', 'nonsense', /table\.jsonl, line 1 was changed by something else/],
    ['is no change', '{"v":1}', /line 1 was changed by something else/],
    ['is of a newer version', '{"v":2,"put":"?"}', /line 1 is of version 2; this Holdfast knows 1/],
  ])('a line that %s is said, with where', (_name, line, message) => {
    const path = newFile();
    writeFileSync(path, `${line}\n`);
    expect(() => openTableFile(path)).toThrow(message);
  });
});

// ── A directory for one process at a time ────────────────────────────────────────────────────────────────────

describe('a state directory', () => {
  test('keeps records for the next process, and shows them to who only reads', async () => {
    const now = new Date();
    const record = aRecord({ id: recordId(now), time: now.toISOString() });
    const first = openStateDirectory(join(directory, 'deep', 'down'));
    await createAuditLog(first.tables).write([record]);
    const readers = createAuditLog(readStateDirectory(join(directory, 'deep', 'down')));
    expect((await readers.query({ limit: 10 })).records).toEqual([record]);
    first.close();
    const second = openStateDirectory(join(directory, 'deep', 'down'));
    expect(await createAuditLog(second.tables).find(record.id)).toEqual(record);
    second.close();
  });

  test('is nobody else’s while it is open, and free again when it is closed', () => {
    const first = openStateDirectory(directory);
    expect(() => openStateDirectory(directory)).toThrow(`Process ${process.pid} on ${hostname()}`);
    first.close();
    openStateDirectory(directory).close();
    expect(existsSync(join(directory, 'lock'))).toBe(false);
  });

  test.each([
    ['that has ended', { pid: endedProcess(), host: hostname(), since: new Date().toISOString() }, true],
    [
      'from before the machine was started',
      { pid: process.pid, host: hostname(), since: '2001-01-01T00:00:00Z' },
      true,
    ],
    [
      'of another machine',
      { pid: endedProcess(), host: 'elsewhere', since: new Date().toISOString() },
      false,
    ],
    ['that runs', { pid: process.ppid, host: hostname(), since: new Date().toISOString() }, false],
  ])('a lock of a process %s: is it taken away?', (_name, holder, isTaken) => {
    writeFileSync(join(directory, 'lock'), JSON.stringify({ ...holder, id: 'x' }));
    const open = (): void => {
      openStateDirectory(directory).close();
    };
    if (isTaken) open();
    else expect(open).toThrow(/is using the state directory/);
  });

  test('that cannot be made says so, and that nothing is written to Azure', () => {
    writeFileSync(join(directory, 'file'), '');
    expect(() => openStateDirectory(join(directory, 'file', 'state'))).toThrow(
      /cannot be written \((?:ENOTDIR|EEXIST)\), so nothing is written to Azure/,
    );
  });

  test('with a damaged file is closed again', () => {
    writeFileSync(join(directory, 'HoldfastMemory.jsonl'), 'nonsense\n');
    expect(() => openStateDirectory(directory)).toThrow(/HoldfastMemory\.jsonl, line 1/);
    expect(existsSync(join(directory, 'lock'))).toBe(false);
  });
});

function endedProcess(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}
