import { describe, expect, test } from 'vitest';
import { createRunLook } from '../../src/engine/look/run-look.js';
import type { Look, LookResult } from '../../src/engine/look/look.js';
import type { JsonObject } from '../../src/types/json.js';
import { parseResourceId, type ResourceId } from '../../src/types/resource-id.js';
import { armError, fakeWorld, SUBSCRIPTION, vaultId, workflowId } from './fake-world.js';
import { lookOf } from './look-of.js';
import { sweepAll } from './sweep-all.js';

/*
 * How connections that keep credentials are looked at and moved, and what is remembered of open actions: the order of
 * things within the engine, what it costs, and what becomes of it when time passes or Azure does not answer.
 */

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg`;
const API = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault`;
const TENANT = '99999999-0000-4000-8000-000000000009';
const PRINCIPAL = 'bbbbbbbb-0000-4000-8000-000000000001';

const connectionId = (name = 'kept'): ResourceId =>
  parseResourceId(`${GROUP}/providers/Microsoft.Web/connections/${name}`);

const kept = (id = connectionId()): JsonObject => ({
  id: id.id,
  location: 'westeurope',
  properties: {
    api: { id: API },
    authenticatedUser: { name: 'alice@contoso.com' },
    nonSecretParameterValues: { vaultName: 'kv-one', 'token:grantType': 'code' },
  },
});

const successor = (): JsonObject => ({
  id: connectionId('kept-mi').id,
  location: 'westeurope',
  properties: {
    api: { id: API },
    parameterValueType: 'Alternative',
    alternativeParameterValues: { vaultName: 'kv-one' },
  },
});

const vault = (...readers: readonly string[]): JsonObject => ({
  id: vaultId().id,
  location: 'westeurope',
  properties: {
    tenantId: TENANT,
    enablePurgeProtection: true,
    networkAcls: { bypass: 'AzureServices', defaultAction: 'Deny', ipRules: [], virtualNetworkRules: [] },
    accessPolicies: readers.map((objectId) => ({
      tenantId: TENANT,
      objectId,
      permissions: { secrets: ['get'] },
    })),
  },
});

const playbook = (id = workflowId(), isSecured = true, connection = connectionId()): JsonObject => ({
  id: id.id,
  location: 'westeurope',
  identity: { type: 'SystemAssigned', principalId: PRINCIPAL, tenantId: TENANT },
  properties: {
    state: 'Enabled',
    changedTime: '2026-11-20T00:00:00Z',
    definition: {
      triggers: { manual: { type: 'Request' } },
      actions: {
        Get_secret: {
          type: 'ApiConnection',
          inputs: {
            host: { connection: { name: "@parameters('$connections')['keyvault']['connectionId']" } },
            method: 'get',
            path: "/secrets/@{encodeURIComponent('one')}/value",
          },
          ...(isSecured ? { runtimeConfiguration: { secureData: { properties: ['outputs'] } } } : {}),
        },
      },
    },
    parameters: {
      $connections: {
        value: { keyvault: { connectionId: connection.id, connectionName: connection.name, id: API } },
      },
    },
  },
});

/** A connection that a user signed in to, and a playbook on it, all of it known already. */
async function worldWith(mode: 'off' | 'audit' | 'enforce' = 'enforce', ...readers: readonly string[]) {
  const world = fakeWorld();
  world.settings.modes['connection-managed-identity'] = mode;
  world.put(connectionId(), kept());
  world.put(workflowId(), playbook());
  world.put(vaultId(), vault(...(readers.length === 0 ? [PRINCIPAL] : readers)));
  world.vaults.set('kv-one', vaultId());
  const runLook = createRunLook(world.deps);
  const look = (id: ResourceId, change: Partial<Look> = {}): Promise<LookResult> =>
    runLook(lookOf(id, { correlationId: 'c-1', ...change }), {
      signal: AbortSignal.timeout(20_000),
      confirmReleases: true,
    });
  const sweepNow = () => sweepAll(world);
  await look(workflowId());
  world.calls.length = 0;
  world.queue.length = 0;
  return { ...world, look, sweepNow };
}

type World = Awaited<ReturnType<typeof worldWith>>;

const writes = ({ calls }: World): readonly string[] =>
  calls.filter((call) => /^(?:PUT|PATCH|POLICY|SETTING|RECOVER)/.test(call));
const queued = ({ queue }: World): readonly string[] => queue.map(({ message }) => message.resourceId);
const connectionOf = ({ propertiesOf }: World): unknown =>
  (propertiesOf(workflowId()).parameters as { $connections: { value: { keyvault: JsonObject } } })
    .$connections.value.keyvault.connectionId;

test('a connection that leads to another vault makes its playbooks readers of that vault at once', async () => {
  const world = await worldWith('off');
  const known = world.workflows.get(workflowId().key);
  if (known === undefined) throw new Error('The playbook is not known.');
  const addresses = ['52.174.88.118'];
  world.workflows.set(workflowId().key, {
    ...known,
    reads: known.reads.map((read) => ({ ...read, addresses })),
  });
  const elsewhere = JSON.parse(JSON.stringify(kept()).replaceAll('kv-one', 'kv-two')) as JsonObject;
  world.put(connectionId(), elsewhere);
  await world.look(connectionId());
  // The queue has not come to the playbook yet.
  expect(queued(world)).toContain(workflowId().id);
  const [after] = await world.deps.readers.readersOf('kv-two');
  expect(after).toMatchObject({ workflowId: workflowId().id, addresses, hasUnknownUse: true });
  expect(await world.deps.readers.readersOf('kv-one')).toHaveLength(1);
});

test.each(['rejected', 'throttled', 'unauthorized'] as const)(
  'a connection that leads to another vault: its playbook is a reader of that vault though reading the playbook is %s',
  async (kind) => {
    const world = await worldWith('audit');
    const elsewhere = JSON.parse(JSON.stringify(kept()).replaceAll('kv-one', 'kv-two')) as JsonObject;
    world.put(connectionId(), elsewhere);
    const read = world.deps.reader.read.bind(world.deps.reader);
    world.deps.reader.read = (id, signal) =>
      id.key === connectionId().key ? read(id, signal) : Promise.reject(armError(kind));
    const { kind: result } = await world.look(connectionId());
    expect(result).toBe(kind === 'throttled' ? 'later' : 'done');
    expect(world.connections.get(connectionId().key)?.vaultName).toBe('kv-two');
    expect(await world.deps.readers.readersOf('kv-two')).toHaveLength(1);
    expect(queued(world)).toContain(workflowId().id);
  },
);

test('a playbook that comes to read another vault is its reader, though Azure answers a later read of the same look with 400', async () => {
  const world = await worldWith('off');
  world.put(
    connectionId('other'),
    JSON.parse(JSON.stringify(kept(connectionId('other'))).replaceAll('kv-one', 'kv-two')) as JsonObject,
  );
  world.put(workflowId(), playbook(workflowId(), false, connectionId('other')));
  world.writeFaults.push({ error: armError('throttled', 20), isApplied: false });
  const read = world.deps.reader.read.bind(world.deps.reader);
  world.deps.reader.read = (id, signal) =>
    id.kind === 'workflow' && writes(world).length > 0
      ? Promise.reject(armError('rejected'))
      : read(id, signal);
  expect(await world.look(workflowId())).toMatchObject({ kind: 'done', outcome: 'failed' });
  expect(await world.deps.readers.readersOf('kv-two')).toHaveLength(1);
});

describe('a connection that Azure does not show for now', () => {
  /** A playbook on a connection that nobody has seen, and an open vault that was never seen shut. */
  async function worldOfUnseen() {
    const world = await worldWith('off');
    world.connections.clear();
    world.workflows.clear();
    world.memories.clear();
    const open = vault(PRINCIPAL);
    const networkAcls = {
      bypass: 'AzureServices',
      defaultAction: 'Allow',
      ipRules: [],
      virtualNetworkRules: [],
    };
    world.put(vaultId(), { ...open, properties: { ...(open.properties as JsonObject), networkAcls } });
    const read = world.deps.reader.read.bind(world.deps.reader);
    const hidden = { isHidden: true, meanwhile: (): void => undefined };
    world.deps.reader.read = (id, signal) => {
      if (id.kind !== 'connection' || !hidden.isHidden) return read(id, signal);
      hidden.meanwhile();
      return Promise.reject(armError('unavailable'));
    };
    return { ...world, hidden };
  }

  test('keeps a vault from being shut for the first time, until it is seen', async () => {
    const world = await worldOfUnseen();
    await world.look(workflowId());
    world.queue.length = 0;
    expect(await world.look(vaultId())).toMatchObject({ kind: 'later', isBusy: false });
    expect(writes(world)).toEqual([]);
    expect(queued(world)).toEqual([workflowId().id]);
    world.hidden.isHidden = false;
    await world.look(workflowId());
    expect(await world.look(vaultId())).toMatchObject({ kind: 'done', outcome: 'refused' });
    expect(await world.deps.readers.readersOf('kv-one')).toHaveLength(1);
  });

  test.each([
    ['that Azure will not show at all', armError('unauthorized')],
    ['that is not there', armError('not-found')],
  ])('is waited for, and one %s is not', async (_, error) => {
    const world = await worldOfUnseen();
    const read = world.deps.reader.read.bind(world.deps.reader);
    world.deps.reader.read = (id, signal) =>
      id.kind === 'connection' ? Promise.reject(error) : read(id, signal);
    await world.look(workflowId());
    const result = await world.look(vaultId());
    expect(result).toMatchObject({ kind: 'done', outcome: 'applied' });
    expect(JSON.stringify(result)).toContain('read a vault that could not be told');
  });

  test('and that somebody else has read meanwhile is known: its playbook stays a reader of the vault', async () => {
    const world = await worldOfUnseen();
    world.hidden.meanwhile = () =>
      void world.connections.set(connectionId().key, { apiId: API.toLowerCase(), vaultName: 'kv-one' });
    await world.look(workflowId());
    expect(await world.deps.readers.readersOf('kv-one')).toHaveLength(1);
    expect(await world.deps.readers.unresolvedReaders()).toEqual([]);
  });
});

test('a sweep that finds a connection for another vault makes its playbooks readers of it before they are listed', async () => {
  const world = await worldWith('off');
  const elsewhere = JSON.parse(JSON.stringify(kept()).replaceAll('kv-one', 'kv-two')) as JsonObject;
  world.put(connectionId(), elsewhere);
  world.deps.reader.listWorkflows = () => {
    throw armError('unauthorized');
  };
  await world.sweepNow().catch(() => undefined);
  expect(await world.deps.readers.readersOf('kv-two')).toHaveLength(1);
});

describe('a connection that keeps credentials', () => {
  test('gets a successor, and every workflow on it is looked at next', async () => {
    const world = await worldWith();
    await world.look(connectionId());
    expect(writes(world)).toEqual(['PUT kept-mi']);
    expect(queued(world)).toContain(workflowId().id);
    expect(world.connections.get(connectionId('kept-mi').key)?.signIn).toBe('managed-identity');
    expect(connectionOf(world)).toBe(connectionId().id);
    await world.look(workflowId());
    expect(connectionOf(world)).toBe(connectionId('kept-mi').id);
    expect(world.resources.get(connectionId().key)).toEqual(kept());
  });

  test('whose successor becomes known by its own event first: every workflow on it is looked at next all the same', async () => {
    const world = await worldWith();
    const putConnection = world.deps.writer.putConnection.bind(world.deps.writer);
    world.deps.writer.putConnection = async (...given) => {
      const written = await putConnection(...given);
      await world.look(connectionId('kept-mi'));
      world.queue.length = 0;
      return written;
    };
    await world.look(connectionId());
    expect(world.connections.get(connectionId('kept-mi').key)?.signIn).toBe('managed-identity');
    expect(queued(world)).toEqual([workflowId().id]);
  });

  test('gets none where a workflow that was there has gone: nobody is to be moved', async () => {
    const world = await worldWith();
    world.resources.delete(workflowId().key);
    await world.look(connectionId());
    expect(writes(world)).toEqual([]);
  });

  test.each(['unauthorized', 'rejected'] as const)(
    'gets none while Azure does not show a workflow on it: %s',
    async (kind) => {
      const world = await worldWith();
      const read = world.deps.reader.read.bind(world.deps.reader);
      world.deps.reader.read = (id, signal) =>
        id.kind === 'workflow' ? Promise.reject(armError(kind)) : read(id, signal);
      await world.look(connectionId());
      expect(writes(world)).toEqual([]);
      const [finding] = world.standings.get(connectionId().key)?.findings ?? [];
      expect(finding?.reason).toContain('does not show the workflow');
    },
  );

  test('gets none while a successor stands there that Azure does not show', async () => {
    const world = await worldWith();
    const read = world.deps.reader.read.bind(world.deps.reader);
    world.deps.reader.read = (id, signal) =>
      id.key === connectionId('kept-mi').key ? Promise.reject(armError('unauthorized')) : read(id, signal);
    await world.look(connectionId());
    expect(writes(world)).toEqual([]);
  });

  test.each(['unavailable', 'throttled'] as const)(
    'is looked at again later where a workflow on it is %s',
    async (kind) => {
      const world = await worldWith();
      const read = world.deps.reader.read.bind(world.deps.reader);
      world.deps.reader.read = (id, signal) =>
        id.kind === 'workflow' ? Promise.reject(armError(kind)) : read(id, signal);
      expect((await world.look(connectionId())).kind).toBe('later');
      expect(writes(world)).toEqual([]);
    },
  );

  test('whose successor was made without an answer: it is not made twice, and nothing is claimed', async () => {
    const world = await worldWith();
    world.writeFaults.push({ error: armError('unavailable'), isApplied: true });
    await world.look(connectionId());
    expect(writes(world)).toEqual(['PUT kept-mi']);
    // ARM does not say who wrote a connection last.
    const outcomes = world.records().map(({ outcome, warnings }) => [outcome, warnings]);
    expect(outcomes).toEqual([['failed', expect.arrayContaining(['unconfirmed'])]]);
    expect(queued(world)).toContain(workflowId().id);
    await world.look(workflowId());
    expect(connectionOf(world)).toBe(connectionId('kept-mi').id);
  });

  test('whose successor was made without an answer and deleted at once: it is made again, in a record of its own', async () => {
    const world = await worldWith();
    world.writeFaults.push({ error: armError('unavailable'), isApplied: true });
    const putConnection = world.deps.writer.putConnection.bind(world.deps.writer);
    world.deps.writer.putConnection = (...given) =>
      putConnection(...given).finally(() => {
        if (writes(world).length === 1) world.resources.delete(connectionId('kept-mi').key);
      });
    expect(await world.look(connectionId())).toMatchObject({ kind: 'later' });
    world.settings.now = new Date(world.settings.now.getTime() + 10_000);
    await world.look(connectionId());
    expect(writes(world)).toEqual(['PUT kept-mi', 'PUT kept-mi']);
    const records = world.records();
    expect(records.map(({ outcome }) => outcome)).toEqual(['failed', 'applied']);
    expect(records[0]?.warnings).toContain('unconfirmed');
    expect(new Set(records.map(({ writeId }) => writeId)).size).toBe(2);
  });

  test('is only previewed by a dry run, which remembers nothing', async () => {
    const world = await worldWith();
    const known = structuredClone([...world.connections]);
    expect(await world.look(connectionId(), { dryRun: true })).toMatchObject({ outcome: 'planned' });
    expect(writes(world)).toEqual([]);
    expect([...world.connections]).toEqual(known);
    expect(world.queue).toEqual([]);
    expect(world.history).toEqual([]);
  });

  test.each(['off', 'audit'] as const)('is not moved where the remediator is %s', async (mode) => {
    const world = await worldWith(mode);
    world.put(connectionId('kept-mi'), successor());
    await world.sweepNow();
    for (const id of [connectionId(), workflowId(), connectionId()]) await world.look(id);
    expect(writes(world)).toEqual([]);
    expect(world.standings.get(connectionId().key)?.findings).toHaveLength(1);
  });

  test('costs a workflow nothing where the remediator is off', async () => {
    const world = await worldWith('off');
    await world.look(workflowId());
    expect(world.calls).toEqual(['GET play']);
  });

  test('is found by a sweep, with who uses it, and put on the queue; a second sweep does no more', async () => {
    const world = await worldWith();
    await world.sweepNow();
    expect(queued(world)).toEqual([connectionId().id]);
    await world.look(connectionId());
    await world.look(workflowId());
    world.queue.length = 0;
    world.calls.length = 0;
    await world.sweepNow();
    expect(world.queue).toEqual([]);
    expect(writes(world)).toEqual([]);
    expect(world.standings.get(connectionId().key)?.findings.map(({ about }) => about)).toEqual(['unused']);
  });

  test('of which it cannot be told how it signs in is found by a sweep, too', async () => {
    const world = await worldWith('off');
    const properties = {
      api: { id: API },
      authenticatedUser: {},
      nonSecretParameterValues: { vaultName: 'kv-one' },
    };
    world.put(connectionId(), { ...kept(), properties });
    await world.sweepNow();
    const standing = await world.deps.standings.read(connectionId());
    expect(standing?.findings.map(({ reason }) => reason)).toEqual([
      'It cannot be told how the connection signs in.',
    ]);
    expect(writes(world)).toEqual([]);
  });

  test('that is gone is no failure of a sweep; one that is hidden is', async () => {
    const gone = await worldWith();
    gone.resources.delete(connectionId().key);
    await gone.sweepNow();
    const hidden = await worldWith();
    const read = hidden.deps.reader.read.bind(hidden.deps.reader);
    hidden.deps.reader.read = (id, signal) =>
      id.kind === 'connection' ? Promise.reject(armError('unauthorized')) : read(id, signal);
    await expect(hidden.sweepNow()).rejects.toThrow('The sweep is not complete');
  });
});

describe('a workflow whose connection has a successor', () => {
  test('stays where the vault does not let its identity read, and a finding says so', async () => {
    const world = await worldWith('enforce', 'somebody-else');
    world.put(connectionId('kept-mi'), successor());
    await world.sweepNow();
    await world.look(workflowId());
    expect(writes(world)).toEqual([]);
    const found = world.standings.get(workflowId().key)?.findings ?? [];
    expect(found.map(({ about }) => about)).toEqual(['move:keyvault']);
    expect(found[0]?.reason).toContain(PRINCIPAL);
  });

  test('stays where the vault cannot be read', async () => {
    const world = await worldWith();
    world.put(connectionId('kept-mi'), successor());
    await world.sweepNow();
    world.resources.delete(vaultId().key);
    await world.look(workflowId());
    expect(writes(world)).toEqual([]);
  });

  test('stays where the successor has come to be for another vault since', async () => {
    const world = await worldWith();
    world.put(connectionId('kept-mi'), successor());
    await world.sweepNow();
    world.put(connectionId('kept-mi'), {
      ...successor(),
      properties: {
        api: { id: API },
        parameterValueType: 'Alternative',
        alternativeParameterValues: { vaultName: 'kv-two' },
      },
    });
    await world.look(workflowId());
    expect(writes(world)).toEqual([]);
  });
});

describe('an action that stood open', () => {
  const exposures = ({ memories }: World) => memories.get(workflowId().key)?.exposures ?? [];
  const openWorld = async (): Promise<World> => {
    const world = await worldWith('off');
    world.put(workflowId(), playbook(workflowId(), false));
    return world;
  };
  const later = (world: World, minutes: number): void => {
    world.settings.now = new Date(world.settings.now.getTime() + minutes * 60_000);
  };

  test('is remembered before it is shut', async () => {
    const world = await openWorld();
    const remembered: unknown[] = [];
    const put = world.deps.writer.putWorkflow.bind(world.deps.writer);
    world.deps.writer.putWorkflow = (...args) => {
      remembered.push(...exposures(world));
      return put(...args);
    };
    await world.look(workflowId());
    expect(remembered).toEqual([
      expect.objectContaining({ action: 'Get_secret', secretName: 'one', repairedAt: null }),
    ]);
    expect(exposures(world)).toEqual([
      expect.objectContaining({
        openSince: '2026-11-20T00:00:00.000Z',
        repairedAt: world.settings.now.toISOString(),
        runs: null,
      }),
    ]);
  });

  test('is forgotten where no run was counted, but not while the list of runs may lag', async () => {
    const world = await openWorld();
    world.deps.reader.countRuns = () => Promise.resolve({ count: 0, isAtLeast: false, first: null });
    await world.look(workflowId());
    later(world, 1);
    await world.look(workflowId());
    expect(exposures(world)).toEqual([expect.objectContaining({ runs: null })]);
    later(world, 10);
    await world.look(workflowId());
    await world.look(workflowId());
    expect(exposures(world)).toEqual([]);
    expect(world.standings.get(workflowId().key)?.findings).toEqual([]);
  });

  test('has its runs counted once, up to when it was shut', async () => {
    const world = await openWorld();
    await world.look(workflowId());
    const shutAt = world.settings.now;
    const asked: (Date | null)[] = [];
    world.deps.reader.countRuns = (_id, _from, to) => {
      asked.push(to);
      return Promise.resolve({ count: 3, isAtLeast: false, first: '2026-11-01T00:00:00Z' });
    };
    for (let i = 0; i < 3; i += 1) {
      later(world, 10);
      await world.look(workflowId());
    }
    expect(asked).toEqual([shutAt]);
    expect(exposures(world)).toEqual([
      expect.objectContaining({ runs: expect.objectContaining({ count: 3 }) as unknown }),
    ]);
  });

  test('is not opened again by a read that is older than the write which shut it', async () => {
    const world = await openWorld();
    await world.look(workflowId());
    const before = exposures(world);
    const systemData = { lastModifiedBy: 'x', lastModifiedAt: '2026-11-20T00:00:00Z' };
    world.resources.set(workflowId().key, { ...playbook(workflowId(), false), systemData });
    later(world, 1);
    expect((await world.look(workflowId())).kind).toBe('later');
    expect(exposures(world).map(({ repairedAt }) => repairedAt)).toEqual(
      before.map(({ repairedAt }) => repairedAt),
    );
  });

  test('is not remembered by a dry run', async () => {
    const world = await openWorld();
    await world.look(workflowId(), { dryRun: true });
    expect(exposures(world)).toEqual([]);
  });
});
