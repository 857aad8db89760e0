import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  InvalidContinuationTokenError,
  type AuditLog,
  type AuditQuery,
} from '../../src/engine/ports/audit-log.js';
import { recordId } from '../../src/engine/record/record-id.js';
import { createAuditLog } from '../../src/state/audit-log.js';
import { auditKeys } from '../../src/state/audit-keys.js';
import type { StorageAccount } from '../../src/state/storage-account.js';
import { REMEDIATOR_IDS } from '../../src/types/remediator-id.js';
import { RECORD_OUTCOMES, TRIGGERS, type AuditRecord } from '../../src/types/record.js';
import { connect, startAzurite, type Azurite } from './azurite.js';
import { FORWARD, startProxy } from './proxy.js';
import { aRecord, vaultIdOf } from './records.js';

let azurite: Azurite;
let account: StorageAccount;
let log: AuditLog;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
beforeEach(() => {
  account = azurite.newAccount();
  log = createAuditLog(account);
});

/** Objects as `JSON.parse` makes them. */
const PLAIN = { noNullPrototype: true } as const;
const DAY_MS = 86_400_000;

/** Times from today backwards, a few per day, so that they fill several partitions. */
function timesBack(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => new Date(Date.now() - i * (DAY_MS / 3)).toISOString());
}

async function write(records: readonly AuditRecord[]): Promise<void> {
  for (const record of records) await log.write([record]);
}

/** All pages, and how many records each of them had. */
async function pages(from: AuditLog, query: AuditQuery) {
  const records: AuditRecord[] = [];
  const sizes: number[] = [];
  let continuationToken: string | null = null;
  do {
    const page = await from.query({ ...query, ...(continuationToken === null ? {} : { continuationToken }) });
    records.push(...page.records);
    sizes.push(page.records.length);
    continuationToken = page.continuationToken;
  } while (continuationToken !== null);
  return { records, sizes };
}

async function found(query: Partial<AuditQuery>): Promise<readonly string[]> {
  return (await pages(log, { limit: 1000, ...query })).records.map((record) => record.id);
}

describe('a record', () => {
  const codeUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  const text = fc.oneof(fc.string(), fc.string({ unit: codeUnit }), fc.string({ unit: 'grapheme' }));
  const json = fc
    .jsonValue({ stringUnit: 'binary' })
    .map((value) => JSON.parse(JSON.stringify(value)) as AuditRecord['edits'][number]['after']);
  const reason = text;
  const path = text;
  const edit: fc.Arbitrary<AuditRecord['edits'][number]> = fc.oneof(
    fc.record({ op: fc.constant('set' as const), path, before: json, after: json, reason }, PLAIN),
    fc.record(
      { op: fc.constant('add' as const), path, before: fc.constant(null), after: json, reason },
      PLAIN,
    ),
    fc.record(
      { op: fc.constant('remove' as const), path, before: json, after: fc.constant(null), reason },
      PLAIN,
    ),
  );
  const records: fc.Arbitrary<AuditRecord> = fc.record(
    {
      id: fc.oneof(fc.uuid(), text),
      writeId: text,
      time: fc
        .date({ min: new Date(0), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
        .map((time) => time.toISOString()),
      correlationId: text,
      trigger: fc.constantFrom(...TRIGGERS),
      actor: fc.option(fc.record({ id: fc.option(text), name: fc.option(text), ip: fc.option(text) }, PLAIN)),
      resourceId: text,
      remediator: fc.constantFrom(...REMEDIATOR_IDS),
      mode: fc.constantFrom('audit' as const, 'enforce' as const),
      outcome: fc.constantFrom(...RECORD_OUTCOMES),
      edits: fc.array(edit, { maxLength: 5 }),
      warnings: fc.array(text, { maxLength: 5 }),
      error: fc.option(text),
      armRequestId: fc.option(text),
      durationMs: fc.nat(),
    },
    PLAIN,
  );

  test('comes back whole, found by what it is about, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (record) => {
        const own = createAuditLog(azurite.newAccount());
        await own.write([record]);
        const { correlationId, resourceId, remediator, outcome, time: since } = record;
        const page = await own.query({ correlationId, resourceId, remediator, outcome, since, limit: 1 });
        expect(page.records).toStrictEqual([record]);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['80 KB', 300],
    ['more than 64 KiB', 1000],
    ['more than 1 MiB', 8000],
  ])(
    'with a list of edits of %s comes back whole, in a query and among the pending',
    async (_name, count) => {
      const edits = Array.from({ length: count }, (_, i) => ({
        op: 'add' as const,
        path: '/properties/networkAcls/ipRules',
        before: null,
        after: { value: `13.${i % 256}.${(i >> 8) % 256}.0/24` },
        reason: `${vaultIdOf(`reader-${i}`)} reads it; ключ ${i}`,
      }));
      const record = aRecord({ edits, outcome: 'pending', time: '2026-01-02T03:04:05.678Z' });
      await log.write([record, aRecord({ time: record.time })], { digest: 'd' });
      expect((await log.query({ outcome: 'pending', limit: 10 })).records).toStrictEqual([record]);
      expect(await log.pending(new Date())).toStrictEqual([{ record, evidence: { digest: 'd' } }]);
    },
  );

  test('keeps what its intent remembered beside it, whatever comes of it', async () => {
    const intent = aRecord({ outcome: 'pending', time: '2026-01-02T03:04:05.678Z' });
    const other = aRecord({ time: intent.time });
    await log.write([intent], { digest: 'd', basedOn: '2026-01-02T03:00:00Z' });
    await log.write([{ ...intent, outcome: 'applied' }, other]);
    expect(await log.evidenceOf(intent)).toStrictEqual({ digest: 'd', basedOn: '2026-01-02T03:00:00Z' });
    expect(await log.evidenceOf(other)).toBeNull();
    expect(await log.evidenceOf(aRecord())).toBeNull();
  });

  test('is one record however often it is written', async () => {
    const intent = aRecord({ outcome: 'pending', time: '2026-01-02T03:04:05Z' });
    await log.write([intent]);
    await log.write([{ ...intent, outcome: 'applied', armRequestId: 'x' }]);
    expect((await log.query({ limit: 10 })).records).toStrictEqual([
      { ...intent, outcome: 'applied', armRequestId: 'x' },
    ]);
    expect(await found({ outcome: 'pending' })).toEqual([]);
  });

  test('of a write with many others is there, over all the transactions they need', async () => {
    const records = Array.from({ length: 230 }, (_, i) =>
      aRecord({ time: i % 2 === 0 ? '2026-01-02T23:59:59Z' : '2026-01-03T00:00:00Z' }),
    );
    await log.write(records);
    expect(new Set(await found({}))).toEqual(new Set(records.map((record) => record.id)));
  });
});

describe('query', () => {
  test('of a log that nobody has written to finds nothing, and creates nothing', async () => {
    await expect(log.query({ limit: 10 })).resolves.toEqual({ records: [], continuationToken: null });
    await expect(account.table('HoldfastAudit').getEntity('a', 'b')).rejects.toMatchObject({
      details: { errorCode: 'TableNotFound' },
    });
  });

  test('gives the newest first, over days, in pages of exactly the limit', async () => {
    const records = timesBack(20).map((time) => aRecord({ time }));
    await write([...records].sort((a, b) => (a.id < b.id ? -1 : 1)));
    const { records: all, sizes } = await pages(log, { limit: 6 });
    expect(all).toStrictEqual(records);
    expect(sizes).toEqual([6, 6, 6, 2]);
  });

  const since = timesBack(5)[2] ?? '';
  const about: readonly [string, Partial<AuditRecord>, Partial<AuditQuery>][] = [
    [
      'the resource, in any case',
      { resourceId: vaultIdOf('KV-Two') },
      { resourceId: vaultIdOf('kv-two').toUpperCase() },
    ],
    ['the remediator', { remediator: 'workflow-secure-outputs' }, { remediator: 'workflow-secure-outputs' }],
    ['the outcome', { outcome: 'refused' }, { outcome: 'refused' }],
    ['the correlation', { correlationId: 'c-1' }, { correlationId: 'c-1' }],
    ['the time', { time: new Date().toISOString() }, { since }],
    [
      'a quote in it',
      { correlationId: "a' or 1 eq 1 or 'b' eq 'b" },
      { correlationId: "a' or 1 eq 1 or 'b' eq 'b" },
    ],
    ['a long text in it', { correlationId: 'c'.repeat(70_000) }, { correlationId: 'c'.repeat(70_000) }],
    ['half a character in it', { correlationId: 'c\ud800' }, { correlationId: 'c\ud800' }],
  ];
  test.each(about)('finds by %s, and nothing else', async (_name, its, asked) => {
    const wanted = aRecord({ time: timesBack(1)[0] ?? '', ...its });
    const others = timesBack(9)
      .slice(4)
      .map((time) => aRecord({ time, correlationId: 'c\ud801' }));
    await write([...others, wanted]);
    expect(await found(asked)).toEqual([wanted.id]);
  });

  test.each([
    "' or 1 eq 1 or '",
    "'",
    "x' or PartitionKey ne '",
    "'' or true",
    '%27 or 1 eq 1',
    "') or ('1' eq '1",
  ])('takes %s for a value that nothing has', async (value) => {
    await write([aRecord()]);
    expect(await found({ correlationId: value })).toEqual([]);
    expect(await found({ resourceId: value })).toEqual([]);
  });

  test('all filters hold at once', async () => {
    const wanted = aRecord({ outcome: 'refused', correlationId: 'c' });
    await write([wanted, aRecord({ outcome: 'refused' }), aRecord({ correlationId: 'c' })]);
    expect(await found({ outcome: 'refused', correlationId: 'c' })).toEqual([wanted.id]);
  });

  test('`since` includes its own moment, and may be in another time zone', async () => {
    const [before, at, after] = ['09:59:59.999', '10:00:00.000', '10:00:00.001'].map((time) =>
      aRecord({ time: `2026-05-06T${time}Z` }),
    );
    if (before === undefined || at === undefined || after === undefined) throw new Error('There are three.');
    await write([before, at, after]);
    expect(await found({ since: '2026-05-06T12:00:00+02:00' })).toEqual([after.id, at.id]);
  });

  test('`until` includes its own moment, also at the end of a day', async () => {
    const [at, after, next] = ['06T23:59:59.999', '07T00:00:00.000', '07T00:00:00.001'].map((time) =>
      aRecord({ time: `2026-05-${time}Z` }),
    );
    if (at === undefined || after === undefined || next === undefined) throw new Error('There are three.');
    await write([at, after, next]);
    expect(await found({ until: '2026-05-06T23:59:59.999Z' })).toEqual([at.id]);
    expect(await found({ since: after.time, until: after.time })).toEqual([after.id]);
  });

  test('leaves rows of a newer version out', async () => {
    const record = aRecord();
    await log.write([record]);
    const newer = { ...auditKeys(aRecord()), v: 2, parts: 1, chunks: 1, text0: '{}', outcome: 'applied' };
    await account.table('HoldfastAudit').createEntity(newer);
    expect(await found({})).toEqual([record.id]);
    expect(await found({ outcome: 'applied' })).toEqual([record.id]);
  });

  test.each(['garbage', '', Buffer.from('{}').toString('base64url')])(
    'refuses the continuation token "%s"',
    async (continuationToken) => {
      await expect(log.query({ limit: 1, continuationToken })).rejects.toThrow(InvalidContinuationTokenError);
    },
  );

  test('refuses a token of the right form that the service does not take', async () => {
    const proxy = await startProxy(azurite.endpoints.table, ({ path }) =>
      path.includes('NextPartitionKey') ? { kind: 'answer', status: 400, body: '' } : FORWARD,
    );
    const own = createAuditLog(azurite.newAccount({ table: proxy.url }));
    await own.write([aRecord(), aRecord()]);
    const { continuationToken } = await own.query({ limit: 1 });
    await expect(own.query({ limit: 1, continuationToken: continuationToken ?? '' })).rejects.toThrow(
      InvalidContinuationTokenError,
    );
    await proxy.stop();
  });

  test('fills its pages though the service gives short and empty ones', async () => {
    // Azure returns what it found in its time, with a continuation; Azurite never does.
    const start = Buffer.from('0').toString('base64');
    const proxy = await startProxy(azurite.endpoints.table, ({ method, path }) => {
      if (method !== 'GET') return FORWARD;
      if (path.includes('NextPartitionKey')) {
        const shorter = path.replace(/top=(\d+)/, (_all, top) => `top=${Math.min(2, Number(top))}`);
        return { kind: 'forward', path: shorter };
      }
      return {
        kind: 'answer',
        status: 200,
        headers: {
          'content-type': 'application/json',
          'x-ms-continuation-NextPartitionKey': start,
          'x-ms-continuation-NextRowKey': start,
        },
        body: '{"value":[]}',
      };
    });
    const own = createAuditLog(azurite.newAccount({ table: proxy.url }));
    const records = timesBack(12).map((time) => aRecord({ time }));
    for (const record of records) await own.write([record]);
    const { records: all, sizes } = await pages(own, { limit: 5 });
    expect(all).toStrictEqual(records);
    expect(sizes).toEqual([5, 5, 2]);
    await proxy.stop();
  });
});

describe('pending', () => {
  const now = Date.now();
  const ago = (ms: number): string => new Date(now - ms).toISOString();

  test('gives what is pending and older, with its evidence', async () => {
    const old = aRecord({ outcome: 'pending', time: ago(DAY_MS) });
    const bare = aRecord({ outcome: 'pending', time: ago(600_001) });
    const young = aRecord({ outcome: 'pending', time: ago(600_000) });
    const done = aRecord({ time: ago(DAY_MS) });
    await log.write([old], { digest: 'abc' });
    await write([bare, young, done]);
    expect(await log.pending(new Date(now - 600_000))).toStrictEqual([
      { record: bare, evidence: null },
      { record: old, evidence: { digest: 'abc' } },
    ]);
  });

  test('the evidence stays when the outcome is written', async () => {
    const intent = aRecord({ outcome: 'pending', time: ago(DAY_MS) });
    await log.write([intent], { digest: 'abc' });
    await log.write([{ ...intent, outcome: 'failed' }]);
    expect(await log.pending(new Date())).toEqual([]);
    await log.write([intent]);
    expect(await log.pending(new Date())).toStrictEqual([{ record: intent, evidence: { digest: 'abc' } }]);
  });

  test('a second look does not read again what was settled long ago', async () => {
    const proxy = await startProxy(azurite.endpoints.table, () => FORWARD);
    const own = createAuditLog(azurite.newAccount({ table: proxy.url }));
    await own.write([aRecord({ time: ago(30 * DAY_MS) })]);
    await own.pending(new Date());
    await own.pending(new Date());
    const looks = proxy.asked
      .filter(({ method, path }) => method === 'GET' && path.includes('filter'))
      .map(({ path }) => decodeURIComponent(path));
    expect(looks).toHaveLength(2);
    expect(looks[0]).not.toContain('PartitionKey le');
    expect(looks[1]).toContain('PartitionKey le');
    await proxy.stop();
  });

  test('what stays pending is found again and again, however old it gets', async () => {
    const old = aRecord({ outcome: 'pending', time: ago(30 * DAY_MS) });
    await log.write([old]);
    for (let look = 0; look < 3; look += 1) {
      expect((await log.pending(new Date())).map(({ record }) => record.id)).toEqual([old.id]);
    }
  });

  test('an old record that becomes pending again is found', async () => {
    const refused = aRecord({ outcome: 'refused', time: ago(30 * DAY_MS) });
    await log.write([refused]);
    expect(await log.pending(new Date())).toEqual([]);
    await log.write([{ ...refused, outcome: 'pending' }]);
    expect((await log.pending(new Date())).map(({ record }) => record.id)).toEqual([refused.id]);
  });

  test('a look from a clock that is ahead hides nothing that is pending today', async () => {
    await log.write([aRecord()]);
    expect(await log.pending(new Date(now + 365 * DAY_MS))).toEqual([]);
    const today = aRecord({ outcome: 'pending' });
    await log.write([today]);
    expect((await log.pending(new Date(now + DAY_MS))).map(({ record }) => record.id)).toEqual([today.id]);
  });

  test('old records that become pending again at once are all found', async () => {
    const old = Array.from({ length: 8 }, (_, i) =>
      aRecord({ outcome: 'pending', time: ago((20 + i) * DAY_MS) }),
    );
    await log.pending(new Date());
    await Promise.all(old.map((record) => createAuditLog(account).write([record])));
    const seen = (await log.pending(new Date())).map(({ record }) => record.id);
    expect(seen).toEqual(old.map((record) => record.id));
  });

  test.each([0, 1])(
    'an old record that becomes pending again during a look is found by the next (%i looks before)',
    async (looksBefore) => {
      const refused = aRecord({ outcome: 'refused', time: ago(30 * DAY_MS) });
      let isBetween = false;
      // The look's rows are read just before the record becomes pending, and arrive after.
      const proxy = await startProxy(azurite.endpoints.table, async ({ path }) => {
        if (!isBetween || !path.includes('filter')) return FORWARD;
        isBetween = false;
        await writer.write([{ ...refused, outcome: 'pending' }]);
        return {
          kind: 'answer',
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: '{"value":[]}',
        };
      });
      const connectionString = azurite.newConnectionString({ table: proxy.url });
      const writer = createAuditLog(connect(connectionString));
      const looker = createAuditLog(connect(connectionString));
      await writer.write([refused]);
      for (let look = 0; look < looksBefore; look += 1) await looker.pending(new Date());
      isBetween = true;
      expect(await looker.pending(new Date())).toEqual([]);
      expect((await looker.pending(new Date())).map(({ record }) => record.id)).toEqual([refused.id]);
      await proxy.stop();
    },
  );
});

describe('one record by its id', () => {
  const recordAt = (time: string): AuditRecord => aRecord({ id: recordId(new Date(time)), time });

  test('is found on any day, also where it is too long for one row', async () => {
    const warnings = Array.from({ length: 40_000 }, (_, i) => `${Math.sin(i)} ${i}`);
    const records = [...timesBack(7).map(recordAt), { ...recordAt(new Date().toISOString()), warnings }];
    await write(records);
    for (const record of records) expect(await log.find(record.id)).toEqual(record);
    expect(await log.find(records[0]?.id.toUpperCase() ?? '')).toEqual(records[0]);
  });

  test('is the latest state of it', async () => {
    const record = recordAt('2026-03-04T05:06:07.008Z');
    await log.write([{ ...record, outcome: 'pending' }]);
    await log.write([record]);
    expect(await log.find(record.id)).toEqual(record);
  });

  test.each([
    ['of which there is none', recordId(new Date())],
    ['that is no UUIDv7', '11111111-1111-4111-8111-111111111111'],
    ['of a time that no record has', 'ffffffff-ffff-7fff-bfff-ffffffffffff'],
    ['that is another text', "x' or 1 eq 1"],
  ])('is null for an id %s', async (_what, id) => {
    expect(await log.find(id)).toBeNull();
  });
});
