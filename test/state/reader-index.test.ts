import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ReaderIndex } from '../../src/engine/ports/reader-index.js';
import { chunkedRows } from '../../src/state/chunked-row.js';
import { hashedKey } from '../../src/state/hashed-key.js';
import { createReaderIndex } from '../../src/state/reader-index.js';
import type { StorageAccount } from '../../src/state/storage-account.js';
import type { WorkflowReads } from '../../src/types/observation.js';
import { parseResourceId, type ResourceId } from '../../src/types/resource-id.js';
import { connect, startAzurite, type Azurite } from './azurite.js';
import { FORWARD, startProxy } from './proxy.js';
import { SUBSCRIPTION, vaultIdOf } from './records.js';

let azurite: Azurite;
let account: StorageAccount;
let index: ReaderIndex;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
beforeEach(() => {
  account = azurite.newAccount();
  index = createReaderIndex(account);
});

function workflow(name: string): ResourceId {
  return parseResourceId(
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/Rg/providers/Microsoft.Logic/workflows/${name}`,
  );
}

function connection(name: string): ResourceId {
  return parseResourceId(
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/Rg/providers/Microsoft.Web/connections/${name}`,
  );
}

function readsOf(id: ResourceId, about: Partial<WorkflowReads>): WorkflowReads {
  return {
    workflowId: id.id,
    connectionIds: [],
    reads: [],
    isEnabled: true,
    returnsSecret: false,
    handsSecretTo: [],
    calls: [],
    listed: true,
    ...about,
  };
}

async function knownIds(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const id of index.knownIds()) found.push(id);
  return found;
}

const SIGNED_IN = {
  signIn: { kind: 'managed-identity', principalId: 'principal', userAssignedId: null },
  uses: ['secrets/get'],
  hasUnknownUse: false,
} as const;
const VIA_CONNECTOR = {
  vaultName: 'kv-one',
  via: 'connector',
  ...SIGNED_IN,
  addresses: ['13.69.64.208/28', '1.2.3.4'],
} as const;
const VIA_HTTP = { vaultName: 'kv-one', via: 'http', ...SIGNED_IN, addresses: ['20.0.0.1'] } as const;
const UNKNOWN = { vaultName: null, via: 'http', ...SIGNED_IN, addresses: ['20.0.0.1'] } as const;

describe('an index that knows nothing', () => {
  test('answers so, and creates nothing', async () => {
    expect(await index.readersOf('kv-one')).toEqual([]);
    expect(await index.unresolvedReaders()).toEqual([]);
    expect(await index.workflow(workflow('one'))).toBeNull();
    expect(await index.workflowAt(hashedKey(workflow('one').key))).toBeNull();
    expect(await knownIds()).toEqual([]);
    expect(await index.callersOf(workflow('one'))).toEqual([]);
    expect(await index.workflowsOn(connection('c'))).toEqual([]);
    expect(await index.connections([connection('c').key])).toEqual(new Map());
    expect(await index.connectionAt(hashedKey(connection('c').key))).toBeNull();
    expect(await index.vaultId('kv-one')).toBeNull();
    expect(await index.learned([{ subscriptionId: SUBSCRIPTION, resourceGroup: null }])).toEqual([
      { at: null, failedAt: null },
    ]);
    await expect(account.table('HoldfastReaders').getEntity('a', 'b')).rejects.toMatchObject({
      details: { errorCode: 'TableNotFound' },
    });
  });

  test('forgets what it does not know', async () => {
    await expect(index.forgetWorkflow(workflow('one'))).resolves.toBeUndefined();
  });
});

describe('a workflow', () => {
  const one = workflow('One');

  test('is a reader of each vault it reads, once for each way and sign-in', async () => {
    const more = { ...VIA_CONNECTOR, addresses: ['1.2.3.4', '5.6.7.8'] };
    const other = { ...VIA_HTTP, vaultName: 'kv-two' };
    await index.saveWorkflow(one, readsOf(one, { reads: [VIA_CONNECTOR, VIA_HTTP, other, more] }));
    expect(await index.readersOf('KV-One')).toEqual([
      {
        workflowId: one.id,
        via: 'connector',
        ...SIGNED_IN,
        addresses: ['13.69.64.208/28', '1.2.3.4', '5.6.7.8'],
        isEnabled: true,
        listed: true,
      },
      {
        workflowId: one.id,
        via: 'http',
        ...SIGNED_IN,
        addresses: ['20.0.0.1'],
        isEnabled: true,
        listed: true,
      },
    ]);
    const asUser = { ...VIA_HTTP, signIn: { kind: 'user' } } as const;
    await index.saveWorkflow(one, readsOf(one, { reads: [VIA_HTTP, asUser] }));
    expect((await index.readersOf('kv-one')).map(({ signIn }) => signIn.kind)).toEqual([
      'managed-identity',
      'user',
    ]);
    await index.saveWorkflow(one, readsOf(one, { reads: [VIA_CONNECTOR, VIA_HTTP, other, more] }));
    expect(await index.readersOf('kv-two')).toHaveLength(1);
    expect(await index.readersOf('kv-three')).toEqual([]);
  });

  test('comes back as it was saved, alone and with all others', async () => {
    const two = workflow('two');
    const saved = [
      readsOf(one, { reads: [VIA_CONNECTOR, UNKNOWN], connectionIds: [connection('c').key] }),
      readsOf(two, { listed: false, reads: [VIA_CONNECTOR] }),
    ] as const;
    await index.saveWorkflow(one, saved[0]);
    await index.saveWorkflow(two, saved[1]);
    expect(await index.workflow(workflow('oNE'))).toStrictEqual(saved[0]);
    expect(await index.workflowAt(hashedKey(two.key))).toStrictEqual(saved[1]);
    expect((await knownIds()).toSorted()).toEqual([one.id, two.id].sort());
    const readers = await index.readersOf('kv-one');
    expect(new Map(readers.map((reader) => [reader.workflowId, reader.listed]))).toEqual(
      new Map([
        [one.id, true],
        [two.id, false],
      ]),
    );
  });

  test('without reads is known too', async () => {
    await index.saveWorkflow(one, readsOf(one, {}));
    expect(await index.workflow(one)).toStrictEqual(readsOf(one, {}));
  });

  test('is found by its connections, in any case', async () => {
    const ids = [connection('A').key, connection('b').key];
    await index.saveWorkflow(one, readsOf(one, { connectionIds: ids }));
    expect(await index.workflowsOn(connection('a'))).toEqual([one.id]);
    expect(await index.workflowsOn(connection('c'))).toEqual([]);
  });

  test('with a read whose vault cannot be told is unresolved, until it can', async () => {
    await index.saveWorkflow(one, readsOf(one, { reads: [UNKNOWN, VIA_HTTP] }));
    expect(await index.unresolvedReaders()).toEqual([one.id]);
    await index.saveWorkflow(one, readsOf(one, { reads: [VIA_HTTP] }));
    expect(await index.unresolvedReaders()).toEqual([]);
  });

  test('that reads something else is no reader of what it read before', async () => {
    const before = { reads: [VIA_CONNECTOR, UNKNOWN], connectionIds: [connection('a').key] };
    const after = {
      reads: [{ ...VIA_CONNECTOR, vaultName: 'kv-two' }],
      connectionIds: [connection('b').key],
    };
    await index.saveWorkflow(one, readsOf(one, before));
    await index.saveWorkflow(one, readsOf(one, after));
    expect(await index.readersOf('kv-one')).toEqual([]);
    expect(await index.readersOf('kv-two')).toHaveLength(1);
    expect(await index.workflowsOn(connection('a'))).toEqual([]);
    expect(await index.workflowsOn(connection('b'))).toEqual([one.id]);
    expect(await index.unresolvedReaders()).toEqual([]);
    expect(await index.workflow(one)).toStrictEqual(readsOf(one, after));
  });

  test('that is forgotten leaves nothing, and others alone', async () => {
    const two = workflow('two');
    const reads = { reads: [VIA_CONNECTOR, UNKNOWN], connectionIds: [connection('a').key] };
    await index.saveWorkflow(one, readsOf(one, reads));
    await index.saveWorkflow(two, readsOf(two, reads));
    await index.forgetWorkflow(one);
    expect(await index.workflow(one)).toBeNull();
    expect((await index.readersOf('kv-one')).map((reader) => reader.workflowId)).toEqual([two.id]);
    expect(await index.workflowsOn(connection('a'))).toEqual([two.id]);
    expect(await index.unresolvedReaders()).toEqual([two.id]);
  });

  test('is not written again where nothing is different, and read with one query per question', async () => {
    const proxy = await startProxy(azurite.endpoints.table, () => FORWARD);
    const own = createReaderIndex(connect(azurite.newConnectionString({ table: proxy.url })));
    const reads = readsOf(one, { reads: [VIA_CONNECTOR, UNKNOWN], connectionIds: [connection('a').key] });
    await own.saveWorkflow(one, reads);
    const before = proxy.asked.length;
    await own.saveWorkflow(one, structuredClone(reads));
    await own.readersOf('kv-one');
    await own.workflowsOn(connection('a'));
    await own.unresolvedReaders();
    expect(proxy.asked.slice(before).map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'GET']);
    await proxy.stop();
  });

  test('with very many reads is stored whole', async () => {
    const reads = Array.from({ length: 500 }, (_, i) => ({
      vaultName: `kv-${i % 5}`,
      via: 'connector' as const,
      ...SIGNED_IN,
      addresses: Array.from({ length: 100 }, (_, address) => `10.${i % 256}.${address}.0/24`),
    }));
    await index.saveWorkflow(one, readsOf(one, { reads }));
    expect(await index.workflow(one)).toStrictEqual(readsOf(one, { reads }));
    expect((await index.readersOf('kv-3'))[0]?.addresses).toHaveLength(10_000);
  });
});

describe('a connection', () => {
  const facts = { apiId: `/subscriptions/${SUBSCRIPTION}/managedApis/keyvault`, vaultName: 'kv-one' };

  test('comes back by its id in lower case; one that was not seen is not there', async () => {
    await index.saveConnection(connection('A'), facts);
    await index.saveConnection(connection('b'), { apiId: null, vaultName: null });
    const asked = [connection('A').id, connection('a').key, connection('c').key];
    expect(await index.connections(asked)).toEqual(new Map([[connection('a').key, facts]]));
    const b = { id: connection('b').key, facts: { apiId: null, vaultName: null } };
    expect(await index.connectionAt(hashedKey(b.id))).toEqual(b);
    expect((await knownIds()).toSorted()).toEqual([connection('a').key, b.id]);
  });

  test('that changes is known as it is now', async () => {
    await index.saveConnection(connection('a'), facts);
    await index.saveConnection(connection('a'), { ...facts, vaultName: 'kv-two' });
    const { key } = connection('a');
    expect((await index.connections([key])).get(key)?.vaultName).toBe('kv-two');
  });

  test('may be asked for with many others', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => connection(`c-${i}`));
    await Promise.all(ids.map((id) => index.saveConnection(id, facts)));
    expect((await index.connections(ids.map((id) => id.key))).size).toBe(40);
  });
});

describe('a vault', () => {
  test('is found by its name, in any case', async () => {
    const id = parseResourceId(vaultIdOf('KV-One'));
    await index.saveVault(id);
    expect(await index.vaultId('kv-ONE')).toEqual(id);
    expect(await index.vaultId('kv-two')).toBeNull();
  });

  test('that was made anew elsewhere is found there', async () => {
    await index.saveVault(parseResourceId(vaultIdOf('kv-one')));
    const moved = parseResourceId(vaultIdOf('kv-one').replace('/Rg/', '/Other/'));
    await index.saveVault(moved);
    expect(await index.vaultId('kv-one')).toEqual(moved);
  });
});

describe('a scope that was read', () => {
  const at = new Date('2026-03-04T05:06:07.890Z');
  const failedAt = new Date('2026-03-04T06:06:07.890Z');
  const a = { subscriptionId: SUBSCRIPTION, resourceGroup: null };
  const b = { subscriptionId: SUBSCRIPTION, resourceGroup: 'rg' };
  const NEVER = { at: null, failedAt: null };

  test('is known by itself, in any case and whatever else is asked for', async () => {
    await index.noteLearned(b, { at, failedAt: null });
    expect(await index.learned([a, { ...b, resourceGroup: 'RG' }])).toEqual([NEVER, { at, failedAt: null }]);
    expect(await index.learned([])).toEqual([]);
  });

  test('stays so where it is tried in vain, which is known too', async () => {
    await index.noteLearned(a, { at, failedAt: null });
    await index.noteLearned(a, { at, failedAt });
    expect(await index.learned([a])).toEqual([{ at, failedAt }]);
  });

  test('among many is taken to be known for some seconds, and what is not known is asked for each time', async () => {
    const many = ['a', 'b', 'c', 'd'].map((resourceGroup) => ({ ...a, resourceGroup }));
    const [first = a, ...others] = many;
    const other = createReaderIndex(account);
    const known = { at, failedAt: null };
    for (const scope of others) await other.noteLearned(scope, known);
    expect(await index.learned(many)).toEqual([NEVER, known, known, known]);
    await other.noteLearned(first, known);
    expect(await index.learned(many)).toEqual([known, known, known, known]);

    await other.noteLearned(first, { at, failedAt });
    expect(await index.learned(many)).toEqual([known, known, known, known]);
    const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 21_000);
    expect(await index.learned(many)).toEqual([{ at, failedAt }, known, known, known]);
    // What it notes itself it knows at once.
    await index.noteLearned(first, known);
    expect(await index.learned(many)).toEqual([known, known, known, known]);
    now.mockRestore();
  });

  test('counts as read where an earlier version noted it of exactly these scopes together', async () => {
    // What it stored: a time, by the hash of the scopes' names.
    const rowKey = hashedKey(JSON.stringify([`${SUBSCRIPTION}/`, `${SUBSCRIPTION}/rg`]));
    const table = account.table('HoldfastReaders');
    await index.saveVault(parseResourceId(vaultIdOf('kv-one')));
    const [row] = chunkedRows({ partitionKey: 'completed', rowKey }, at.toISOString());
    await table.upsertEntity({ ...row, partitionKey: 'completed', rowKey });
    expect(await index.learned([b, a])).toEqual([
      { at, failedAt: null },
      { at, failedAt: null },
    ]);
    expect(await index.learned([a])).toEqual([NEVER]);
    await index.noteLearned(a, { at: failedAt, failedAt: null });
    expect(await index.learned([a, b])).toEqual([
      { at: failedAt, failedAt: null },
      { at, failedAt: null },
    ]);
  });
});

describe('rows of a newer version', () => {
  test('are left out and left as they are', async () => {
    const one = workflow('one');
    const reads = readsOf(one, { reads: [VIA_CONNECTOR] });
    await index.saveWorkflow(one, reads);
    await index.saveConnection(connection('a'), { apiId: 'x', vaultName: null });
    await index.saveVault(parseResourceId(vaultIdOf('kv-one')));
    const table = account.table('HoldfastReaders');
    for await (const { partitionKey = '', rowKey = '' } of table.listEntities()) {
      await table.updateEntity({ partitionKey, rowKey, v: 2 }, 'Merge');
    }
    const etags = async () => {
      const found: string[] = [];
      for await (const row of table.listEntities()) found.push(row.etag);
      return found;
    };
    const before = await etags();

    expect(await index.readersOf('kv-one')).toEqual([]);
    expect(await index.workflow(one)).toBeNull();
    expect(await knownIds()).toEqual([]);
    expect(await index.connections([connection('a').key])).toEqual(new Map());
    expect(await index.vaultId('kv-one')).toBeNull();
    await expect(index.saveWorkflow(one, reads)).rejects.toMatchObject({ name: 'NewerVersionError' });
    await index.saveConnection(connection('a'), { apiId: 'y', vaultName: null });
    await index.saveVault(parseResourceId(vaultIdOf('kv-one').replace('/Rg/', '/Other/')));
    expect(await etags()).toEqual(before);
  });
});
