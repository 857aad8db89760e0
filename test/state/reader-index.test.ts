import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ReaderIndex } from '../../src/engine/ports.js';
import { createReaderIndex } from '../../src/state/reader-index.js';
import type { StorageAccount } from '../../src/state/storage-account.js';
import type { ConnectionFacts, WorkflowReads } from '../../src/types/observation.js';
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
    listed: true,
    ...about,
  };
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
    expect(await index.workflows()).toEqual([]);
    expect(await index.workflowsOn(connection('c'))).toEqual([]);
    expect(await index.connections([connection('c').key])).toEqual(new Map());
    expect(await index.allConnections()).toEqual(new Map());
    expect(await index.vaultId('kv-one')).toBeNull();
    expect(await index.allVaults()).toEqual(new Map());
    expect(await index.completedAt([])).toBeNull();
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
    const all = await index.workflows();
    expect(all).toHaveLength(2);
    expect(all).toEqual(expect.arrayContaining([...saved]));
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
    expect(await index.workflows()).toStrictEqual([readsOf(one, {})]);
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
    expect(await index.allConnections()).toEqual(
      new Map<string, ConnectionFacts>([
        [connection('a').key, facts],
        [connection('b').key, { apiId: null, vaultName: null }],
      ]),
    );
  });

  test('that changes is known as it is now', async () => {
    await index.saveConnection(connection('a'), facts);
    await index.saveConnection(connection('a'), { ...facts, vaultName: 'kv-two' });
    expect((await index.allConnections()).get(connection('a').key)?.vaultName).toBe('kv-two');
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
    expect(await index.allVaults()).toEqual(new Map([['kv-one', id.id]]));
  });

  test('that was made anew elsewhere is found there', async () => {
    await index.saveVault(parseResourceId(vaultIdOf('kv-one')));
    const moved = parseResourceId(vaultIdOf('kv-one').replace('/Rg/', '/Other/'));
    await index.saveVault(moved);
    expect(await index.vaultId('kv-one')).toEqual(moved);
  });
});

describe('a complete sweep', () => {
  const at = new Date('2026-03-04T05:06:07.890Z');
  const a = { subscriptionId: SUBSCRIPTION, resourceGroup: null };
  const b = { subscriptionId: SUBSCRIPTION, resourceGroup: 'rg' };

  test.each([
    ['the same scopes', [a, b], true],
    ['the same scopes in another order', [b, a], true],
    ['the same scopes in another case', [a, { ...b, resourceGroup: 'RG' }], true],
    ['one scope more', [a, b, { ...b, resourceGroup: 'rg2' }], false],
    ['one scope less', [a], false],
    ['no scope', [], false],
  ])('counts for %s: %#', async (_name, scopes, counts) => {
    await index.markCompleted([a, b], at);
    expect(await index.completedAt(scopes)).toEqual(counts ? at : null);
  });

  test('is replaced by a later one', async () => {
    await index.markCompleted([a], at);
    const later = new Date(at.getTime() + 1);
    await index.markCompleted([a], later);
    expect(await index.completedAt([a])).toEqual(later);
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
    expect(await index.workflows()).toEqual([]);
    expect(await index.connections([connection('a').key])).toEqual(new Map());
    expect(await index.vaultId('kv-one')).toBeNull();
    await expect(index.saveWorkflow(one, reads)).rejects.toMatchObject({ name: 'NewerVersionError' });
    await index.saveConnection(connection('a'), { apiId: 'y', vaultName: null });
    await index.saveVault(parseResourceId(vaultIdOf('kv-one').replace('/Rg/', '/Other/')));
    expect(await etags()).toEqual(before);
  });
});
