import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ContainerClient } from '@azure/storage-blob';
import { createArchive } from '../../src/delivery/archive.js';
import type { AuditRecord } from '../../src/types/record.js';
import { startAzurite, type Azurite } from '../state/azurite.js';
import { FORBIDDEN, FORWARD, startProxy, type Asked, type Proxy, type Verdict } from '../state/proxy.js';
import { aRecord } from '../state/records.js';
import { archiveWorld, type ArchiveWorld } from './archive-world.js';
import { failureOf, NEVER } from './over-simulator.js';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const some = (count: number): AuditRecord[] => Array.from({ length: count }, () => aRecord());
const isAppend = ({ path }: Asked): boolean => path.includes('comp=appendblock');

async function proxied(decide: (asked: Asked) => Verdict | Promise<Verdict>): Promise<Proxy> {
  const proxy = await startProxy(azurite.endpoints.blob, decide);
  onTestFinished(() => proxy.stop());
  return proxy;
}

async function expectWhole(world: ArchiveWorld, records: readonly AuditRecord[]): Promise<void> {
  expect(await world.records()).toEqual(records);
  expect((await world.verify()).breaks).toEqual([]);
}

describe('an archive', () => {
  test('has one line for each record, in order, each with the hash of the one before', async () => {
    const world = await archiveWorld(azurite);
    const records = some(3);
    await world.writer().deliver(records, NEVER);
    await expectWhole(world, records);
    const found = await world.lines();
    expect([...found.keys()]).toEqual(['audit-0000-00-00-0000.jsonl', 'audit-2026-11-26-0000.jsonl']);
    const lines = [...found.values()].flat().map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(lines[0]).toMatchObject({ prev: '0'.repeat(64), next: 'audit-2026-11-26-0000.jsonl' });
    for (const [i, line] of lines.slice(1).entries()) {
      expect(Object.keys(line)).toEqual(['seq', 'prev', 'hash', 'record']);
      expect(line.prev).toBe(lines[i]?.hash);
    }
  });

  test('has a blob for each day of appending, chained across days without any', async () => {
    const world = await archiveWorld(azurite);
    const [first, second, third, fourth] = some(4) as [AuditRecord, AuditRecord, AuditRecord, AuditRecord];
    const writer = world.writer();
    await writer.deliver([first], NEVER);
    await writer.deliver([second], NEVER);
    world.now = new Date('2026-11-26T23:59:59.999Z');
    await writer.deliver([third], NEVER);
    world.now = new Date('2026-12-03T00:00:00.000Z');
    await world.writer().deliver([fourth], NEVER);
    await expectWhole(world, [first, second, third, fourth]);
    const found = await world.lines();
    expect([...found].map(([name, lines]) => [name, lines.length])).toEqual([
      ['audit-0000-00-00-0000.jsonl', 1],
      ['audit-2026-11-26-0000.jsonl', 4],
      ['audit-2026-12-03-0000.jsonl', 1],
    ]);
  });

  test('goes on in another blob of the same day before one is full', async () => {
    const world = await archiveWorld(azurite, 3);
    const records = some(7);
    const writer = world.writer();
    for (const record of records.slice(0, 5)) await writer.deliver([record], NEVER);
    for (const record of records.slice(5)) await world.writer().deliver([record], NEVER);
    await expectWhole(world, records);
    expect([...(await world.lines()).keys()].slice(1)).toEqual([
      'audit-2026-11-26-0000.jsonl',
      'audit-2026-11-26-0001.jsonl',
      'audit-2026-11-26-0002.jsonl',
      'audit-2026-11-26-0003.jsonl',
    ]);
  });

  test('a writer whose clock is late goes on where the others are', async () => {
    const world = await archiveWorld(azurite);
    world.now = new Date('2026-11-27T00:00:01.000Z');
    const [ahead, late] = some(2) as [AuditRecord, AuditRecord];
    await world.writer().deliver([ahead], NEVER);
    world.now = new Date('2026-11-26T23:59:58.000Z');
    await world.writer().deliver([late], NEVER);
    await expectWhole(world, [ahead, late]);
  });

  test('takes a record that is larger than a block usually is, and many at once', async () => {
    const world = await archiveWorld(azurite);
    const ofSize = (mebibytes: number): AuditRecord =>
      aRecord({ error: 'e'.repeat(mebibytes * 1024 * 1024) });
    const records = [...some(50), ofSize(5), ...some(49)];
    await world.writer().deliver(records, NEVER);
    const longer = [ofSize(9)];
    await world.writer().deliver(longer, NEVER);
    // The end is read back from within that one.
    const last = some(1);
    await world.writer().deliver(last, NEVER);
    await expectWhole(world, [...records, ...longer, ...last]);
  }, 120_000);

  test('is not touched by a delivery of nothing', async () => {
    const world = await archiveWorld(azurite);
    await world.writer().deliver([], NEVER);
    expect((await world.lines()).size).toBe(0);
  });
});

describe('a state', () => {
  test('is archived once, however often it is delivered and by whom', async () => {
    const world = await archiveWorld(azurite);
    const records = some(5);
    const writer = world.writer();
    await writer.deliver(records, NEVER);
    await writer.deliver(records, NEVER);
    await world.writer().deliver([...records.slice(2), ...structuredClone(records.slice(0, 2))], NEVER);
    world.now = new Date('2026-11-27T00:00:00.000Z');
    await world.writer().deliver(records, NEVER);
    await expectWhole(world, records);
  });

  test('of the last day is known still when the new one has begun', async () => {
    const world = await archiveWorld(azurite);
    const records = some(2);
    await world.writer().deliver(records, NEVER);
    world.now = new Date('2026-11-27T00:00:00.000Z');
    const next = aRecord();
    await world.writer().deliver([next], NEVER);
    await world.writer().deliver(records, NEVER);
    await expectWhole(world, [...records, next]);
  });

  test('is archived once, also where many large ones come at once, others append meanwhile and an answer is lost', async () => {
    const world = await archiveWorld(azurite);
    const records = Array.from({ length: 12 }, () => aRecord({ error: 'e'.repeat(1024 * 1024) }));
    const others = some(1);
    let appends = 0;
    const proxy = await proxied(async (asked) => {
      if (!isAppend(asked)) return FORWARD;
      appends += 1;
      if (appends === 4) await world.writer().deliver(others, NEVER);
      return appends === 6 ? { kind: 'lose' } : FORWARD;
    });
    await world.writer({ blob: proxy.url }).deliver(records, NEVER);
    await world.writer().deliver(records, NEVER);
    const [before, after] = [records.slice(0, 6), records.slice(6)];
    await expectWhole(world, [...before, ...others, ...after]);
  }, 120_000);

  test('that changed is another line', async () => {
    const world = await archiveWorld(azurite);
    const pending = aRecord({ outcome: 'pending' });
    const applied = { ...pending, outcome: 'applied' } as const;
    await world.writer().deliver([pending, applied], NEVER);
    await world.writer().deliver([applied, pending], NEVER);
    await expectWhole(world, [pending, applied]);
  });

  test('that comes twice in one delivery is one line', async () => {
    const world = await archiveWorld(azurite);
    const record = aRecord();
    await world.writer().deliver([record, structuredClone(record)], NEVER);
    await expectWhole(world, [record]);
  });
});

describe('two who append at once', () => {
  test('make one chain of all that both have', async () => {
    const world = await archiveWorld(azurite);
    const writers = [world.writer(), world.writer(), world.writer()];
    const records = writers.map(() => some(8));
    await Promise.all(
      writers.map(async (writer, i) => {
        for (const record of records[i] ?? []) await writer.deliver([record], NEVER);
      }),
    );
    const { breaks, records: count } = await world.verify();
    expect([breaks, count]).toEqual([[], 24]);
    const found = (await world.records()).map(({ id }) => id);
    for (const own of records) {
      // Each writer's records keep their order.
      expect(found.filter((id) => own.some((record) => record.id === id))).toEqual(own.map(({ id }) => id));
    }
  });

  test('of whom one goes on to the next day, while the other is still about to append to this one', async () => {
    const world = await archiveWorld(azurite);
    const [before, early, late] = some(3) as [AuditRecord, AuditRecord, AuditRecord];
    await world.writer().deliver([before], NEVER);
    // The other one has read the end of the chain, and is held up just before it appends.
    await deliverOvertaken(world, late, early);
    await expectWhole(world, [before, early, late]);
  });

  test('to an archive that neither has begun, on two days', async () => {
    const world = await archiveWorld(azurite);
    const [early, late] = some(2) as [AuditRecord, AuditRecord];
    await deliverOvertaken(world, late, early);
    await expectWhole(world, [early, late]);
  });

  test('give up where others are always faster, and lose nothing', async () => {
    const world = await archiveWorld(azurite);
    const other = world.writer();
    let appends = 0;
    const proxy = await proxied(async (asked) => {
      if (!isAppend(asked)) return FORWARD;
      appends += 1;
      await other.deliver([aRecord()], NEVER);
      return FORWARD;
    });
    const failure = await failureOf(world.writer({ blob: proxy.url }).deliver([aRecord()], NEVER));
    expect(failure).toMatchObject({ kind: 'transient' });
    expect(failure.message).toContain('Others keep appending');
    expect(appends).toBe(10);
    expect((await world.verify()).breaks).toEqual([]);
  });
});

describe('a storage account', () => {
  test('that fails and comes back', async () => {
    const world = await archiveWorld(azurite);
    let isDown = true;
    const down: Verdict = { kind: 'answer', status: 503, headers: { 'retry-after': '4' }, body: '' };
    const proxy = await proxied(() => (isDown ? down : FORWARD));
    const writer = world.writer({ blob: proxy.url });
    const records = some(2);
    expect(await failureOf(writer.deliver(records, NEVER))).toMatchObject({
      kind: 'transient',
      retryAfterMs: 4000,
    });
    expect(proxy.asked).toHaveLength(1);
    isDown = false;
    await writer.deliver(records, NEVER);
    await expectWhole(world, records);
  });

  test('that hangs and comes back', async () => {
    const world = await archiveWorld(azurite);
    let isHanging = true;
    const proxy = await proxied(() => (isHanging ? { kind: 'swallow' } : FORWARD));
    const writer = world.writer({ blob: proxy.url });
    const record = aRecord();
    const failure = await failureOf(writer.deliver([record], AbortSignal.timeout(300)));
    expect(failure).toMatchObject({
      kind: 'transient',
      message: 'The archive was not waited for any longer.',
    });
    isHanging = false;
    await writer.deliver([record], NEVER);
    await expectWhole(world, [record]);
  });

  test.each([
    ['the genesis', 1],
    ['a new blob', 1],
    ['a line', 1],
    ['the genesis', 2],
    ['a new blob', 2],
    ['a line', 2],
  ])('whose answer to %s is lost, and to the appends after it: %d', async (what, count) => {
    const world = await archiveWorld(azurite);
    const earlier = what === 'the genesis' ? [] : [aRecord()];
    await world.writer().deliver(earlier, NEVER);
    if (what === 'a new blob') world.now = new Date('2026-11-27T00:00:00.000Z');
    let losses = count;
    const proxy = await proxied((asked) => {
      if (!isAppend(asked) || losses === 0) return FORWARD;
      losses -= 1;
      return { kind: 'lose' };
    });
    const writer = world.writer({ blob: proxy.url });
    const records = some(2);
    // The second try finds what the first one did. Where there is nothing more to append, it has no answer to lose.
    const isEnough = count === 1 || what === 'a line';
    if (isEnough) await writer.deliver(records, NEVER);
    else expect(await failureOf(writer.deliver(records, NEVER))).toMatchObject({ kind: 'transient' });
    await world.writer().deliver(records, NEVER);
    await writer.deliver(records, NEVER);
    await expectWhole(world, [...earlier, ...records]);
  });

  test.each([
    ['its policy', 409, 'BlobImmutableDueToPolicy'],
    ['the identity’s role', 403, 'UnauthorizedBlobOverwrite'],
    ['the identity’s role, in other words', 403, 'AuthorizationPermissionMismatch'],
  ])(
    'that stopped between two blobs, and where %s keeps a blob from being made twice',
    async (_what, status, code) => {
      const world = await archiveWorld(azurite);
      const records = some(2);
      let appends = 0;
      const failing = await proxied((asked) => {
        if (isAppend(asked)) appends += 1;
        return appends < 2 ? FORWARD : { kind: 'answer', status: 500, body: '' };
      });
      await failureOf(world.writer({ blob: failing.url }).deliver(records, NEVER));
      expect((await world.verify()).breaks).toMatchObject([
        { kind: 'missing', blob: 'audit-0000-00-00-0000.jsonl' },
      ]);
      const guarded = await proxied(({ method, path }) =>
        method === 'PUT' && !path.includes('comp=')
          ? { kind: 'answer', status, headers: { 'x-ms-error-code': code }, body: '' }
          : FORWARD,
      );
      await world.writer({ blob: guarded.url }).deliver(records, NEVER);
      const look = status === 403 ? ['HEAD'] : [];
      expect(guarded.asked.map(({ method }) => method)).toEqual(['GET', 'GET', 'PUT', ...look, 'PUT']);
      await expectWhole(world, records);
    },
  );

  test('that lets the identity append and make no blob: no line names one that is not there', async () => {
    const world = await archiveWorld(azurite);
    const records = some(1);
    await world.writer().deliver(records, NEVER);
    world.now = new Date('2026-11-27T00:00:00.000Z');
    const proxy = await proxied(({ method, path }) =>
      method === 'PUT' && !path.includes('comp=') ? FORBIDDEN : FORWARD,
    );
    const failure = await failureOf(world.writer({ blob: proxy.url }).deliver(some(1), NEVER));
    expect(failure.message).toContain('blobs/add/action');
    await expectWhole(world, records);
  });

  test('that does not let the identity in says which role it needs', async () => {
    const world = await archiveWorld(azurite);
    const proxy = await proxied(() => FORBIDDEN);
    const failure = await failureOf(world.writer({ blob: proxy.url }).deliver([aRecord()], NEVER));
    expect(failure.kind).toBe('transient');
    expect(failure.message).toMatch(
      /^The archive answered 403.*: the identity needs a role with the data actions blobs\/read and blobs\/add\/action/,
    );
  });

  test('without the container, which is not made: it would have no policy', async () => {
    const connection = azurite.newConnectionString();
    const container = new ContainerClient(connection, 'archive', { retryOptions: { maxTries: 1 } });
    const failure = await failureOf(createArchive(container).deliver([aRecord()], NEVER));
    expect(failure.message).toMatch(/^The archive answered 404 ContainerNotFound.*make it with its policy/);
    expect(await container.exists()).toBe(false);
  });

  test('with an end that nobody can read: nothing is appended to it', async () => {
    const world = await archiveWorld(azurite);
    await world.writer().deliver(some(2), NEVER);
    const blob = world.container.getAppendBlobClient('audit-2026-11-26-0000.jsonl');
    await blob.appendBlock('half a line', 11);
    const failure = await failureOf(world.writer().deliver([aRecord()], NEVER));
    expect(failure.kind).toBe('transient');
    expect(failure.message).toContain('audit-2026-11-26-0000.jsonl in the archive cannot be read');
    expect((await world.verify()).breaks).toMatchObject([{ kind: 'unreadable', line: 3 }]);
  });

  test('with other blobs in the container: they are not looked at', async () => {
    const world = await archiveWorld(azurite);
    await world.container.getAppendBlobClient('zzz.txt').create();
    const records = some(2);
    await world.writer().deliver(records, NEVER);
    expect((await world.verify()).breaks).toEqual([]);
    expect((await world.verify()).records).toBe(2);
  });
});

/** Delivers `late`; just before it appends, another writer goes on to the next day with `early`. */
async function deliverOvertaken(
  world: Awaited<ReturnType<typeof archiveWorld>>,
  late: AuditRecord,
  early: AuditRecord,
): Promise<void> {
  let overtake: (() => Promise<void>) | null = async () => {
    overtake = null;
    world.now = new Date('2026-11-27T00:00:00.000Z');
    await world.writer().deliver([early], NEVER);
  };
  const proxy = await proxied(async (asked) => {
    if (isAppend(asked)) await overtake?.();
    return FORWARD;
  });
  await world.writer({ blob: proxy.url }).deliver([late], NEVER);
}
