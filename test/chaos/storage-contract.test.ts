import { TableClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStorageAccount } from '../../chaos/storage/storage-account.js';
import { StorageState } from '../../chaos/storage/storage-state.js';
import { startAzurite, type Azurite } from '../../local-host/azurite.js';
import type { StorageAccount } from '../../src/state/storage-account.js';

/*
 * The storage account of tier one is in memory. Each of these calls is made to it and to Azurite, and must come to the
 * same: the same values, the same errors.
 */

let azurite: Azurite;
let real: StorageAccount;

beforeAll(async () => {
  azurite = await startAzurite();
  const { connectionString } = azurite;
  const blobs = BlobServiceClient.fromConnectionString(connectionString);
  const queues = QueueServiceClient.fromConnectionString(connectionString);
  real = {
    table: (name) =>
      TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true }),
    container: (name) => blobs.getContainerClient(name),
    queue: (name) => queues.getQueueClient(name),
  };
});

afterAll(() => azurite.close());

let count = 0;

/** Makes the same calls to both, each on names of its own, and compares what each came to. */
async function same(calls: (account: StorageAccount, name: string) => readonly (() => Promise<unknown>)[]) {
  count += 1;
  const state = new StorageState(() => Date.now());
  let leases = 0;
  const memory = createStorageAccount(
    state,
    (_, apply) => Promise.resolve().then(apply),
    () => `0000000${(leases += 1)}-0000-4000-8000-000000000000`.slice(-36),
  );
  const [mine, theirs] = [
    await outcomes(calls(memory, `test${count}`)),
    await outcomes(calls(real, `test${count}`)),
  ];
  expect(mine).toEqual(theirs);
}

async function outcomes(calls: readonly (() => Promise<unknown>)[]): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (const call of calls) {
    try {
      found.push(await call());
    } catch (error) {
      found.push(errorOf(error));
    }
  }
  return found;
}

/** As much of an error as `src/state/storage-error.ts` looks at. */
function errorOf(error: unknown): unknown {
  const { statusCode, code, details } = error as {
    statusCode?: number;
    code?: string;
    details?: { errorCode?: string };
  };
  return { statusCode, code: code ?? details?.errorCode };
}

const row = (rowKey: string, more: object = {}, partitionKey = 'p') => ({ partitionKey, rowKey, ...more });
/** What was asked for, without what each service makes of its own. */
const plain = async (promise: Promise<object>): Promise<unknown> =>
  Object.fromEntries(
    Object.entries(await promise).filter(
      ([name]) => !/^(?:etag|timestamp|odata\.metadata|date|version|.*[rR]equestId)$/.test(name),
    ),
  );

describe('a table', () => {
  test('that is not there', () =>
    same((account, name) => {
      const table = account.table(name);
      return [
        () => table.getEntity('p', 'r'),
        () => table.upsertEntity(row('r'), 'Merge'),
        () => table.createEntity(row('r')),
        () => table.deleteEntity('p', 'r'),
        () => table.submitTransaction([['upsert', row('r'), 'Merge']]),
        () => table.listEntities().byPage().next(),
      ];
    }));

  test('writes and reads', () =>
    same((account, name) => {
      const table = account.table(name);
      const done = (promise: Promise<unknown>) => promise.then(() => 'done');
      return [
        () => done(table.createTable()),
        () => done(table.createTable()),
        () => table.getEntity('p', 'r'),
        () => done(table.createEntity(row('r', { a: 1, b: 'two', c: true }))),
        () => table.createEntity(row('r')),
        () => plain(table.getEntity('p', 'r')),
        () => done(table.upsertEntity(row('r', { b: 'three' }), 'Merge')),
        () => plain(table.getEntity('p', 'r')),
        () => done(table.upsertEntity(row('r', { d: 4 }), 'Replace')),
        () => plain(table.getEntity('p', 'r')),
        () => table.updateEntity(row('missing'), 'Replace', { etag: '*' }),
        () =>
          table.updateEntity(row('r', { e: 5 }), 'Replace', {
            etag: `W/"datetime'2020-01-01T00%3A00%3A00.0000000Z'"`,
          }),
        async () => {
          const { etag } = await table.getEntity('p', 'r');
          return done(table.updateEntity(row('r', { e: 5 }), 'Replace', { etag }));
        },
        () => plain(table.getEntity('p', 'r')),
        () => table.deleteEntity('p', 'r', { etag: `W/"datetime'2020-01-01T00%3A00%3A00.0000000Z'"` }),
        () => done(table.deleteEntity('p', 'r', { etag: '*' })),
        () => table.deleteEntity('p', 'r', { etag: '*' }),
      ];
    }));

  test('transactions, all or none', () =>
    same((account, name) => {
      const table = account.table(name);
      const keys = async () => {
        const found: string[] = [];
        for (const { rowKey } of ((await table.listEntities().byPage().next()).value ?? []) as {
          rowKey: string;
        }[])
          found.push(rowKey);
        return found;
      };
      const done = (promise: Promise<unknown>) => promise.then(() => 'done');
      return [
        () => done(table.createTable()),
        () =>
          done(
            table.submitTransaction([
              ['upsert', row('1', { a: 1 }), 'Merge'],
              ['upsert', row('2'), 'Merge'],
            ]),
          ),
        keys,
        () =>
          table.submitTransaction([
            ['upsert', row('3'), 'Merge'],
            ['create', row('1')],
          ]),
        keys,
        () =>
          table.submitTransaction([
            ['upsert', row('4'), 'Merge'],
            ['upsert', row('4'), 'Merge'],
          ]),
        () =>
          done(
            table.submitTransaction([
              ['delete', row('1')],
              ['upsert', row('5'), 'Replace'],
            ]),
          ),
        keys,
      ];
    }));

  test.each([
    ["PartitionKey eq 'p'"],
    ["PartitionKey ge 'p' and PartitionKey lt 'q'"],
    ["RowKey ge '2' and RowKey le '3'"],
    ["outcome eq 'pending' and v le 1 and parts ge 1"],
    ["text eq 'it''s'"],
    ["missing eq 'x'"],
    ["v ge 1 and time lt '2026-03-02T00:00:00.000Z'"],
  ])('the filter %s', (filter) =>
    same((account, name) => {
      const table = account.table(name);
      return [
        () => table.createTable().then(() => 'done'),
        async () => {
          await table.upsertEntity(
            row('1', { v: 1, parts: 1, outcome: 'pending', time: '2026-03-01T00:00:00.000Z' }),
          );
          await table.upsertEntity(row('2', { v: 2, parts: 1, outcome: 'pending', text: "it's" }));
          await table.upsertEntity(row('3', { v: 1, outcome: 'applied' }));
          await table.upsertEntity(row('1', { v: 1, parts: 2, outcome: 'pending' }, 'q'));
          const { value } = (await table
            .listEntities({ queryOptions: { filter } })
            .byPage({ maxPageSize: 10 })
            .next()) as IteratorResult<unknown, unknown>;
          return ((value ?? []) as { partitionKey: string; rowKey: string }[]).map(
            ({ partitionKey, rowKey }) => `${partitionKey}/${rowKey}`,
          );
        },
      ];
    }),
  );

  test('pages', () =>
    same((account, name) => {
      const table = account.table(name);
      const page = async (continuationToken?: string) => {
        const settings = {
          maxPageSize: 2,
          ...(continuationToken === undefined ? {} : { continuationToken }),
        };
        const { value } = (await table
          .listEntities({ queryOptions: { filter: '' } })
          .byPage(settings)
          .next()) as IteratorResult<unknown, unknown>;
        const rows = value as { rowKey: string }[] & { continuationToken?: string };
        return { keys: rows.map(({ rowKey }) => rowKey), token: rows.continuationToken };
      };
      return [
        () => table.createTable().then(() => 'done'),
        async () => {
          for (const key of ['3', '1', '5', '2', '4']) await table.upsertEntity(row(key));
          const first = await page();
          const second = await page(first.token);
          const third = await page(second.token);
          return [first.keys, second.keys, third.keys, third.token ?? 'no more'];
        },
      ];
    }));

  test('what is too large', () =>
    same((account, name) => {
      const table = account.table(name);
      return [
        () => table.createTable().then(() => 'done'),
        () => table.upsertEntity(row('r', { text: 'x'.repeat(32_000) })).then(() => 'done'),
        () => table.upsertEntity(row('r', { text: 'x'.repeat(40_000) })),
      ];
    }));
});

describe('a leased blob', () => {
  test('its leases', () =>
    same((account, name) => {
      const container = account.container(name);
      const blob = container.getBlockBlobClient('one');
      const first = blob.getBlobLeaseClient();
      const second = blob.getBlobLeaseClient();
      const upload = () => blob.upload('', 0, { conditions: { ifNoneMatch: '*' } }).then(() => 'done');
      const done = (promise: Promise<unknown>) => promise.then(() => 'done');
      return [
        () => done(first.acquireLease(60)),
        upload,
        () => done(container.createIfNotExists()),
        () => done(first.acquireLease(60)),
        upload,
        upload,
        () => done(first.acquireLease(60)),
        () => done(first.acquireLease(60)),
        () => second.acquireLease(60),
        () => second.releaseLease(),
        upload,
        () => done(first.renewLease()),
        () => done(first.releaseLease()),
        () => done(second.acquireLease(60)),
        () => first.releaseLease(),
        () => done(second.releaseLease()),
      ];
    }));
});

describe('a queue', () => {
  test('its messages', () =>
    same((account, name) => {
      const queue = account.queue(name);
      const send = (visibilityTimeout: number) =>
        queue.sendMessage('b25l', { visibilityTimeout, messageTimeToLive: -1 }).then(() => 'done');
      const done = (promise: Promise<unknown>) => promise.then(() => 'done');
      return [
        () => send(0),
        () => done(queue.createIfNotExists()),
        () => done(queue.createIfNotExists()),
        () => send(0),
        () => send(8 * 86_400),
      ];
    }));
});

test('whatever else is called throws', () => {
  const state = new StorageState(() => 0);
  const account = createStorageAccount(
    state,
    (_, apply) => Promise.resolve(apply()),
    () => 'lease',
  );
  expect(() => account.table('t').getAccessPolicy()).toThrow('has no getAccessPolicy');
  expect(() => account.container('c').listBlobsFlat()).toThrow('has no listBlobsFlat');
  expect(() => account.queue('q').receiveMessages()).toThrow('has no receiveMessages');
  expect(() => account.table('t').listEntities({ queryOptions: { select: ['a'] } })).toThrow(
    'knows no select',
  );
});
