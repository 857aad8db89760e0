import { describe, expect, test } from 'vitest';
import { createEngine } from '../../src/engine/engine.js';
import { settlePending } from '../../src/engine/settle/settle-pending.js';
import { NO_MEMORY } from '../../src/engine/ports/memory.js';
import type { JsonObject } from '../../src/types/json.js';
import type { AuditRecord } from '../../src/types/record.js';
import { tryParseResourceId } from '../../src/types/resource-id.js';
import { armError, fakeWorld, OWN_ID, SUBSCRIPTION, vaultId, workflowId } from './fake-world.js';
import { sweepAll } from './sweep-all.js';

const DAY_MS = 86_400_000;
const firewall = (defaultAction: string, ...rules: string[]): JsonObject => ({
  location: 'westeurope',
  tags: {},
  properties: {
    enableSoftDelete: true,
    enablePurgeProtection: true,
    networkAcls: {
      bypass: 'AzureServices',
      defaultAction,
      ipRules: rules.map((value) => ({ value })),
      virtualNetworkRules: [],
    },
  },
});
const CONNECTION = workflowId().id.replace('Microsoft.Logic/workflows/play', 'Microsoft.Web/connections/kv');
const reader = (...addresses: string[]): JsonObject => ({
  location: 'westeurope',
  properties: {
    definition: { actions: {} },
    parameters: { $connections: { value: { keyvault: { connectionId: CONNECTION } } } },
    endpointsConfiguration: { connector: { outgoingIpAddresses: addresses.map((address) => ({ address })) } },
  },
});
const KEY_VAULT_CONNECTION: JsonObject = {
  properties: {
    api: {
      id: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault`,
    },
    parameterValueType: 'Alternative',
    alternativeParameterValues: { vaultName: 'kv-one' },
  },
};

const PENDING: AuditRecord = {
  id: 'r-1',
  writeId: 'w-1',
  time: '2026-11-23T11:50:00.000Z',
  correlationId: 'c',
  trigger: 'event',
  actor: null,
  resourceId: vaultId().id,
  remediator: 'vault-firewall',
  mode: 'enforce',
  outcome: 'pending',
  edits: [
    {
      op: 'set',
      path: '/properties/networkAcls/defaultAction',
      before: 'Allow',
      after: 'Deny',
      reason: 'open',
    },
  ],
  warnings: [],
  error: null,
  armRequestId: null,
  durationMs: 5,
};

function sweptWorld() {
  const world = fakeWorld();
  const connection = tryParseResourceId(CONNECTION);
  if (connection !== null) world.put(connection, KEY_VAULT_CONNECTION);
  const engine = createEngine(world.deps);
  const drain = async () => {
    for (const { message } of world.queue.splice(0)) await engine.reconcile(message);
  };
  return { ...world, engine, drain, sweep: () => sweepAll(world, engine) };
}
const rulesOf = (world: ReturnType<typeof sweptWorld>) =>
  ((world.propertiesOf(vaultId()).networkAcls as JsonObject).ipRules as JsonObject[]).map(
    ({ value }) => value,
  );

describe('a sweep', () => {
  test('lists, and enqueues only what has to be written', async () => {
    const world = sweptWorld();
    world.put(vaultId('kv-one'), firewall('Deny', '52.174.88.118/32'));
    world.put(vaultId('kv-two'), firewall('Allow'));
    world.put(workflowId(), reader('52.174.88.118'));
    expect(await world.sweep()).toMatchObject({ vaults: 2, workflows: 1, queued: 1 });
    expect(world.calls).toEqual(['LIST connection', 'LIST workflow', 'LIST vault', 'DELETED']);
    expect(world.queue.map(({ message }) => message.resourceId)).toEqual([vaultId('kv-two').id]);
  });

  test('in audit mode records from the list and enqueues nothing', async () => {
    const world = sweptWorld();
    world.settings.modes = { 'vault-firewall': 'audit', 'vault-logic-app-ips': 'audit' };
    world.put(vaultId(), firewall('Allow'));
    await world.sweep();
    await world.sweep();
    expect(world.queue).toEqual([]);
    expect(world.records().map(({ remediator, outcome, trigger }) => [remediator, outcome, trigger])).toEqual(
      [['vault-firewall', 'planned', 'sweep']],
    );
  });

  test("follows a change of the connectors' addresses: adds at once, removes when nobody has needed it for a week", async () => {
    const world = sweptWorld();
    world.put(vaultId(), firewall('Deny', '198.51.100.7/32'));
    world.put(workflowId(), reader('52.174.88.118'));
    await world.sweep();
    await world.drain();
    expect(rulesOf(world)).toEqual(['198.51.100.7/32', '52.174.88.118/32']);

    world.put(workflowId(), reader('20.1.2.0/28'));
    await world.sweep();
    await world.drain();
    expect(rulesOf(world)).toEqual(['198.51.100.7/32', '52.174.88.118/32', '20.1.2.0/28']);

    world.settings.now = new Date(world.settings.now.getTime() + 6 * DAY_MS);
    await world.sweep();
    await world.drain();
    expect(rulesOf(world)).toContain('52.174.88.118/32');

    world.settings.now = new Date(world.settings.now.getTime() + 2 * DAY_MS);
    await world.sweep();
    await world.drain();
    expect(rulesOf(world)).toEqual(['198.51.100.7/32', '20.1.2.0/28']);
  });

  test('keeps the rule of a workflow that a list leaves out, until a read of it answers 404', async () => {
    const world = sweptWorld();
    world.put(vaultId(), firewall('Deny'));
    world.put(workflowId(), reader('52.174.88.118'));
    await world.sweep();
    await world.drain();
    const listWorkflows = world.deps.reader.listWorkflows.bind(world.deps.reader);
    world.deps.reader.listWorkflows = async function* () {
      yield await Promise.resolve({ items: [], next: null });
    };
    await world.sweep();
    world.settings.now = new Date(world.settings.now.getTime() + 30 * DAY_MS);
    await world.sweep();
    await world.drain();
    expect(rulesOf(world)).toEqual(['52.174.88.118/32']);

    world.resources.delete(workflowId().key);
    world.deps.reader.listWorkflows = listWorkflows;
    await world.sweep();
    await world.drain();
    expect(rulesOf(world)).toEqual([]);
  });

  test('never takes a workflow without listed addresses for one that needs none', async () => {
    const world = sweptWorld();
    world.put(vaultId(), firewall('Deny'));
    world.put(workflowId(), reader('52.174.88.118'));
    await world.sweep();
    await world.drain();
    world.put(workflowId(), reader());
    await world.sweep();
    world.settings.now = new Date(world.settings.now.getTime() + 30 * DAY_MS);
    await world.sweep();
    await world.drain();
    expect(rulesOf(world)).toEqual(['52.174.88.118/32']);
  });

  test('that cannot list the workflows fails, shuts nothing and does not count as complete', async () => {
    const world = sweptWorld();
    world.completed.at = null;
    world.put(vaultId(), firewall('Allow'));
    world.deps.reader.listWorkflows = () => {
      throw armError('unauthorized');
    };
    await expect(world.sweep()).rejects.toThrow('unauthorized');
    expect(world.queue).toEqual([]);
    expect(await world.deps.readers.learned(world.deps.policy.scopes)).toEqual([
      { at: null, failedAt: world.settings.now },
    ]);
  });
});

describe('one bad item does not stop the sweep', () => {
  test('a connection id that ARM refuses', async () => {
    const world = sweptWorld();
    world.completed.at = null;
    world.put(vaultId(), firewall('Allow'));
    world.put(
      workflowId(),
      JSON.parse(JSON.stringify(reader('52.174.88.118')).replaceAll('/kv"', '/odd"')) as JsonObject,
    );
    const read = world.deps.reader.read.bind(world.deps.reader);
    world.deps.reader.read = (id, signal) =>
      id.name === 'odd' ? Promise.reject(armError('rejected')) : read(id, signal);
    expect(await world.sweep()).toMatchObject({ vaults: 1, queued: 1 });
  });

  test('a pending record whose resource cannot be read', async () => {
    const world = sweptWorld();
    world.put(vaultId('kv-two'), firewall('Allow'));
    world.deps.audit.pending = () =>
      Promise.resolve([{ evidence: null, record: { ...PENDING, resourceId: vaultId('kv-one').id } }]);
    world.deps.audit.query = () => Promise.resolve({ records: [PENDING], continuationToken: null });
    world.deps.reader.read = () => Promise.reject(armError('unavailable'));
    expect(await world.sweep()).toMatchObject({ queued: 1 });
  });

  test('a workflow in a shape that ARM never gives', async () => {
    const world = sweptWorld();
    world.put(workflowId(), { properties: [] });
    world.put(vaultId('kv-one'), { properties: 'x' });
    world.put(vaultId('kv-two'), firewall('Allow'));
    await world.sweep();
    expect(world.queue.map(({ message }) => message.resourceId)).toContain(vaultId('kv-two').id);
  });

  test('a scope that may not be listed: the others are swept, and the sweep says at its end that it is not complete', async () => {
    const world = sweptWorld();
    world.put(vaultId(), firewall('Allow'));
    const { networkAcls } = firewall('Deny').properties as { networkAcls: JsonObject };
    const knownGood = { seenAt: '2026-11-22T00:00:00Z', networkAcls };
    world.memories.set(vaultId().key, { ...NO_MEMORY, knownGood });
    const scopes = [
      { subscriptionId: '99999999-2222-4333-8444-555555555555', resourceGroup: null },
      ...world.deps.policy.scopes,
    ];
    const list = world.deps.reader.listWorkflows.bind(world.deps.reader);
    const engine = createEngine({
      ...world.deps,
      policy: { ...world.deps.policy, scopes },
      sweepReader: {
        ...world.deps.sweepReader,
        listWorkflows: (scope, signal) => {
          if (scope.subscriptionId.startsWith('9999')) throw armError('unauthorized');
          return list(scope, signal);
        },
      },
    });
    await expect(sweepAll(world, engine)).rejects.toThrow('not complete');
    expect(world.queue.map(({ message }) => message.resourceId)).toContain(vaultId().id);
  });
});

test('what an event look has learned is not undone by the list of a sweep that began before', async () => {
  const world = sweptWorld();
  world.put(vaultId(), firewall('Deny', '198.51.100.7/32'));
  world.put(workflowId(), reader('198.51.100.7'));
  const list = world.deps.reader.listVaults.bind(world.deps.reader);
  const learned = {
    ...NO_MEMORY,
    ownedRules: [
      {
        value: '5.5.5.5/32',
        workflowIds: [workflowId().id],
        addedAt: '2026-11-23T12:00:00Z',
        unneededSince: null,
      },
    ],
  };
  world.deps.reader.listVaults = async function* (scope, signal) {
    for await (const page of list(scope, signal)) {
      world.settings.now = new Date(world.settings.now.getTime() + 1000);
      await world.deps.memory.write(vaultId(), learned);
      yield page;
    }
  };
  await world.sweep();
  expect(world.memories.get(vaultId().key)).toEqual(learned);
});

describe('a workflow that is deleted', () => {
  const change = {
    id: workflowId(),
    correlationId: null,
    actor: null,
    time: '2026-11-23T11:59:59.000Z',
    isOfSurroundings: false,
  };
  const deleted = async () => {
    const world = sweptWorld();
    world.put(workflowId(), reader('52.174.88.118'));
    await world.sweep();
    expect(world.workflows.size).toBe(1);
    world.resources.delete(workflowId().key);
    return world;
  };

  test('is forgotten by the next sweep', async () => {
    const world = await deleted();
    await world.sweep();
    expect(world.workflows.size).toBe(0);
  });

  test('is looked for once more after its event, and kept as a reader until a sweep does not find it either', async () => {
    const world = await deleted();
    await world.engine.handleChange(change);
    expect(world.queue.map(({ delayMs }) => delayMs)).toEqual([10_000]);
    await world.engine.reconcile(world.queue.shift()?.message);
    expect([world.queue.length, world.workflows.size]).toEqual([0, 1]);
    await world.sweep();
    expect(world.workflows.size).toBe(0);
  });

  test('only seemed so: its event came before Azure showed it', async () => {
    const world = await deleted();
    await world.engine.handleChange(change);
    world.put(workflowId(), reader('52.174.88.118'));
    await world.engine.reconcile(world.queue.shift()?.message);
    await world.sweep();
    expect(world.workflows.size).toBe(1);
  });
});

test('the case of an id in an event changes nothing that is stored', async () => {
  const world = sweptWorld();
  world.put(workflowId(), { ...reader('52.174.88.118'), id: workflowId().id });
  await world.sweep();
  const before = JSON.stringify([...world.workflows]);
  const id = tryParseResourceId(workflowId().id.toUpperCase());
  if (id === null) throw new Error('the id should be readable');
  await world.engine.handleChange({
    id,
    correlationId: null,
    actor: null,
    time: null,
    isOfSurroundings: false,
  });
  expect(JSON.stringify([...world.workflows])).toBe(before);
});

describe('the queue', () => {
  const message = {
    v: 1,
    resourceId: vaultId().id,
    correlationId: 'c',
    trigger: 'event',
    actor: null,
    remediators: null,
    askedForByName: false,
    attempt: 0,
  };

  test('a failure that lasts ends in the poison queue with a failed record', async () => {
    const world = sweptWorld();
    world.put(vaultId(), firewall('Allow'));
    world.deps.reader.read = () => Promise.reject(armError('unavailable'));
    await world.engine.reconcile(message);
    let tries = 1;
    for (let next = world.queue.shift(); next !== undefined; next = world.queue.shift()) {
      expect(next.delayMs).toBeGreaterThanOrEqual(1000);
      await world.engine.reconcile(next.message);
      tries += 1;
    }
    expect(tries).toBe(5);
    expect(world.poison).toHaveLength(1);
    expect(world.records().map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed']);
    expect(world.records()[0]?.error).toContain('Tried 5 times');
  });

  test('a resource that somebody else is working on is no failure', async () => {
    const world = sweptWorld();
    world.settings.isBusy = true;
    await world.engine.reconcile({ ...message, attempt: 4 });
    expect(world.queue[0]?.message.attempt).toBe(4);
    expect(world.poison).toEqual([]);
  });

  test('a resource outside the scopes is not read', async () => {
    const world = sweptWorld();
    await world.engine.reconcile({ ...message, resourceId: message.resourceId.replace('1111', '9999') });
    expect(world.calls).toEqual([]);
  });

  test.each([
    ['a number', 123, 'cannot be read'],
    ['nothing', null, 'cannot be read'],
    ['an object without a resource', { v: 1 }, 'cannot be read'],
    ['an id that leads elsewhere', { ...message, resourceId: `${vaultId().id}/../x` }, 'names no resource'],
    ['a newer version', { ...message, v: 2 }, 'Update Holdfast'],
  ])('%s is reported and left to the host', async (_name, content, expected) => {
    const world = sweptWorld();
    await expect(world.engine.reconcile(content)).rejects.toThrow(expected);
    expect(world.calls).toEqual([]);
  });
});

describe('an event', () => {
  const event = {
    id: vaultId(),
    correlationId: 'c-9',
    actor: { id: 'a', name: 'alice', ip: null },
    time: null,
    isOfSurroundings: false,
  };

  test('outside the scopes costs no call', async () => {
    const world = sweptWorld();
    const elsewhere = tryParseResourceId(vaultId().id.replace('1111', '9999'));
    if (elsewhere === null) throw new Error('the id should be readable');
    expect(await world.engine.handleChange({ ...event, id: elsewhere })).toEqual({ kind: 'handled' });
    expect(world.calls).toEqual([]);
  });

  test('names whoever made the write in the record', async () => {
    const world = sweptWorld();
    world.put(vaultId(), firewall('Allow'));
    await world.engine.handleChange(event);
    expect(world.records()).toMatchObject([{ trigger: 'event', correlationId: 'c-9', actor: event.actor }]);
  });

  test('that cannot be finished goes to the queue and is acknowledged', async () => {
    const world = sweptWorld();
    world.deps.memory.read = () => Promise.reject(new Error('the storage account is down'));
    world.put(vaultId(), firewall('Allow'));
    expect(await world.engine.handleChange(event)).toMatchObject({ kind: 'queued' });
    expect(world.queue[0]?.message).toMatchObject({
      resourceId: vaultId().id,
      trigger: 'event',
      actor: event.actor,
    });
  });

  test('that can neither be finished nor queued is thrown, so that it is sent again', async () => {
    const world = sweptWorld();
    world.readFaults.push(armError('unavailable'));
    world.deps.queue.send = () => Promise.reject(new Error('no queue'));
    await expect(world.engine.handleChange(event)).rejects.toThrow('no queue');
  });

  test('on a connection has the workflows that name it looked at, and they their vaults', async () => {
    const world = sweptWorld();
    world.put(vaultId('kv-one'), firewall('Deny'));
    world.put(vaultId('kv-two'), firewall('Deny'));
    world.put(workflowId(), reader('52.174.88.118'));
    await world.sweep();
    await world.drain();
    const connection = tryParseResourceId(CONNECTION);
    if (connection === null) throw new Error('the id should be readable');
    world.put(
      connection,
      JSON.parse(JSON.stringify(KEY_VAULT_CONNECTION).replace('kv-one', 'kv-two')) as JsonObject,
    );
    await world.engine.handleChange({ ...event, id: connection });
    await world.drain();
    await world.drain();
    expect(world.propertiesOf(vaultId('kv-two'))).toMatchObject({
      networkAcls: { ipRules: [{ value: '52.174.88.118/32' }] },
    });
  });
});

describe('a write whose outcome was never recorded', () => {
  const pending: AuditRecord = PENDING;
  const by = (author: string, at: string) => ({ systemData: { lastModifiedBy: author, lastModifiedAt: at } });
  const rows: [string, JsonObject | null, AuditRecord[], string, boolean][] = [
    [
      'is applied where the vault shows it and we wrote last',
      { ...firewall('Deny'), ...by(OWN_ID, '2026-11-23T11:50:01Z') },
      [],
      'applied',
      false,
    ],
    [
      'is unconfirmed where somebody else wrote last',
      { ...firewall('Deny'), ...by('alice', '2026-11-23T11:50:01Z') },
      [],
      'failed',
      true,
    ],
    [
      'is unconfirmed where we wrote last, but long before',
      { ...firewall('Deny'), ...by(OWN_ID, '2026-11-23T10:00:00Z') },
      [],
      'failed',
      true,
    ],
    ['is unconfirmed where ARM does not say who wrote', firewall('Deny'), [], 'failed', true],
    [
      'is unconfirmed where the vault does not show it',
      { ...firewall('Allow'), ...by(OWN_ID, '2026-11-23T11:50:01Z') },
      [],
      'failed',
      true,
    ],
    ['is unconfirmed where the vault is gone', null, [], 'failed', true],
    [
      'is unconfirmed where the same change was recorded since',
      { ...firewall('Deny'), ...by(OWN_ID, '2026-11-23T11:51:00Z') },
      [{ ...pending, id: 'r-2', writeId: 'w-2', time: '2026-11-23T11:51:00.000Z', outcome: 'applied' }],
      'failed',
      true,
    ],
  ];
  test.each(rows)('%s', async (_name, live, since, outcome, isUnconfirmed) => {
    const world = fakeWorld();
    if (live !== null) world.put(vaultId(), live);
    await world.deps.audit.write([pending, ...since]);
    await settlePending(world.deps, AbortSignal.timeout(5000));
    const record = world.records().find(({ id }) => id === 'r-1');
    expect(record?.outcome).toBe(outcome);
    expect(record?.warnings.includes('unconfirmed')).toBe(isUnconfirmed);
  });

  test('is applied where the same change was made before it, by an instance whose clock is ahead', async () => {
    const world = fakeWorld();
    world.put(vaultId(), { ...firewall('Deny'), ...by(OWN_ID, '2026-11-23T11:50:05Z') });
    world.memories.set(vaultId().key, { ...NO_MEMORY, lastWriteAt: '2026-11-23T11:49:00Z' });
    const earlier = { ...pending, id: 'r-2', writeId: 'w-2', time: '2026-11-23T11:50:20.000Z' };
    await world.deps.audit.write([{ ...earlier, outcome: 'applied' }]);
    await world.deps.audit.write([pending], { digest: '', basedOn: '2026-11-23T11:49:50Z' });
    await settlePending(world.deps, AbortSignal.timeout(5000));
    expect(world.records().find(({ id }) => id === 'r-1')?.outcome).toBe('applied');
    expect(world.memories.get(vaultId().key)?.lastWriteAt).toBe('2026-11-23T11:50:05Z');
  });

  test('is one of two writes of the same change, of which only the later is applied', async () => {
    const world = fakeWorld();
    world.put(vaultId(), { ...firewall('Deny'), ...by(OWN_ID, '2026-11-23T11:50:05Z') });
    const later = { ...pending, id: 'r-2', writeId: 'w-2', time: '2026-11-23T11:50:02.000Z' };
    const evidence = { digest: '', basedOn: '2026-11-23T11:49:50Z' };
    await world.deps.audit.write([later], evidence);
    await world.deps.audit.write([pending], evidence);
    await settlePending(world.deps, AbortSignal.timeout(5000));
    expect(world.records().map(({ id, outcome }) => [id, outcome])).toEqual([
      ['r-2', 'applied'],
      ['r-1', 'failed'],
    ]);
  });

  test('is left alone while it is young', async () => {
    const world = fakeWorld();
    await world.deps.audit.write([{ ...pending, time: '2026-11-23T11:59:30.000Z' }]);
    await settlePending(world.deps, AbortSignal.timeout(5000));
    expect(world.records()[0]?.outcome).toBe('pending');
  });
});

test('a new vault and a new workflow that reads it, looked at together, find each other', async () => {
  const world = sweptWorld();
  await world.sweep();
  world.put(vaultId(), firewall('Deny'));
  world.put(workflowId(), reader('52.174.88.118'));
  // The vault's readers are asked for before the workflow has saved that it is one.
  const readersOf = world.deps.readers.readersOf.bind(world.deps.readers);
  world.deps.readers.readersOf = async (name) => {
    const found = await readersOf(name);
    world.deps.readers.readersOf = readersOf;
    await world.engine.handleChange({
      id: workflowId(),
      correlationId: null,
      actor: null,
      time: null,
      isOfSurroundings: false,
    });
    return found;
  };
  await world.engine.handleChange({
    id: vaultId(),
    correlationId: null,
    actor: null,
    time: null,
    isOfSurroundings: false,
  });
  await world.drain();
  expect(rulesOf(world)).toEqual(['52.174.88.118/32']);
});
