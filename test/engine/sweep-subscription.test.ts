import { describe, expect, test } from 'vitest';
import { createEngine } from '../../src/engine/engine.js';
import type { EngineDeps } from '../../src/engine/engine-deps.js';
import type { SweepMessage } from '../../src/engine/ports/queue.js';
import type { JsonObject } from '../../src/types/json.js';
import { parseResourceId, type ResourceId } from '../../src/types/resource-id.js';
import { armError, fakeWorld, OWN_ID } from './fake-world.js';
import { sweepAll } from './sweep-all.js';

const [A, B, C] = ['1', '2', '3'].map((digit) => `${digit.repeat(8)}-2222-4333-8444-555555555555`) as [
  string,
  string,
  string,
];
const TYPES = {
  vault: 'Microsoft.KeyVault/vaults',
  workflow: 'Microsoft.Logic/workflows',
  connection: 'Microsoft.Web/connections',
} as const;
const idIn = (subscription: string, kind: keyof typeof TYPES, name: string): ResourceId =>
  parseResourceId(`/subscriptions/${subscription}/resourceGroups/rg/providers/${TYPES[kind]}/${name}`);

const ADDRESS = '52.174.88.118/32';
const vault = (defaultAction: string, ...rules: string[]): JsonObject => ({
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
const connectionTo = (vaultName: string): JsonObject => ({
  properties: {
    api: { id: `/subscriptions/${A}/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault` },
    parameterValueType: 'Alternative',
    alternativeParameterValues: { vaultName },
  },
});
const reader = (connection: ResourceId, ...addresses: string[]): JsonObject => ({
  location: 'westeurope',
  properties: {
    definition: { actions: {} },
    parameters: { $connections: { value: { keyvault: { connectionId: connection.id } } } },
    endpointsConfiguration: { connector: { outgoingIpAddresses: addresses.map((address) => ({ address })) } },
  },
});

type World = ReturnType<typeof worldOf>;

/** The subscriptions in scope, of which nobody knows anything yet; each page of a list takes half a minute. */
function worldOf(...subscriptions: readonly string[]) {
  const world = fakeWorld();
  world.completed.at = null;
  world.settings.pageSize = 2;
  const policy = {
    ...world.deps.policy,
    scopes: subscriptions.map((subscriptionId) => ({ subscriptionId, resourceGroup: null })),
  };
  const deps: EngineDeps = { ...world.deps, policy };
  const engine = createEngine(deps);
  const pass = (seconds: number): void => {
    world.settings.now = new Date(world.settings.now.getTime() + seconds * 1000);
  };
  const sweep = () => sweepAll({ ...world, deps }, engine);
  const drain = async () => {
    for (const { message } of world.queue.splice(0)) await engine.reconcile(message);
  };
  /** Everything that was to be done is done, and the marks of it are old. */
  const settle = async () => {
    for (let i = 0; i < 4; i += 1) {
      await sweep();
      await drain();
      pass(11 * 60);
    }
    world.calls.length = 0;
  };
  return { ...world, deps, engine, pass, sweep, drain, settle };
}

/** Three vaults, each read by a workflow. */
function fill(world: World, subscription: string, defaultAction = 'Deny'): void {
  for (const name of ['one', 'two', 'three']) {
    const own = `${name}-${subscription[0] ?? ''}`;
    const connection = idIn(subscription, 'connection', `c-${own}`);
    world.put(connection, connectionTo(`kv-${own}`));
    world.put(idIn(subscription, 'workflow', `la-${own}`), reader(connection, '52.174.88.118'));
    world.put(idIn(subscription, 'vault', `kv-${own}`), vault(defaultAction, ADDRESS));
  }
}

const rulesOf = (world: World, id: ResourceId): unknown =>
  ((world.propertiesOf(id).networkAcls as JsonObject).ipRules as JsonObject[]).map(({ value }) => value);

const queued = (world: World): readonly string[] =>
  [...new Set(world.queue.map(({ message }) => message.resourceId))].sort();

const messageTo = (subscriptionId: string, run = 'r', at = '2026-11-23T12:00:00.000Z'): SweepMessage => ({
  v: 2,
  kind: 'sweep',
  subscriptionId,
  correlationId: run,
  startedAt: at,
  attempt: 0,
});

/** Every call of a port that reads or writes something of one resource. */
function countStorage({ deps }: World): () => readonly string[] {
  const made: string[] = [];
  const count = <T extends object>(name: string, port: T, calls: readonly (keyof T & string)[]): void => {
    for (const call of calls) {
      const original = port[call] as (...rest: unknown[]) => unknown;
      Object.assign(port, {
        [call]: (...rest: unknown[]) => {
          made.push(`${name}.${call}`);
          return original(...rest);
        },
      });
    }
  };
  count('memory', deps.memory, ['read', 'readDated', 'write']);
  count('standings', deps.standings, ['read', 'readAt', 'readAll', 'write', 'forget']);
  count('readers', deps.readers, [
    'readersOf',
    'workflow',
    'workflowAt',
    'workflowsOn',
    'connections',
    'connectionAt',
    'saveWorkflow',
    'saveConnection',
    'saveVault',
    'vaultId',
  ]);
  count('leases', deps.leases, ['withLease']);
  count('touched', deps.touched, ['mark']);
  return () => made;
}

describe('where nothing has changed', () => {
  test('a sweep is the pages of its lists, and reads and writes nothing of any one resource', async () => {
    const world = worldOf(A);
    fill(world, A);
    await world.settle();
    const storage = countStorage(world);
    expect(await world.sweep()).toMatchObject({ vaults: 3, workflows: 3, queued: 0 });
    expect(world.calls).toEqual([
      ...['LIST connection', 'LIST connection', 'LIST workflow', 'LIST workflow'],
      ...['LIST vault', 'LIST vault', 'DELETED'],
    ]);
    expect(storage()).toEqual([]);
  });

  test('every resource is considered all the same once a day', async () => {
    const world = worldOf(A);
    fill(world, A);
    await world.settle();
    const considered = new Map<string, number>();
    const read = world.deps.memory.read.bind(world.deps.memory);
    world.deps.memory.read = (id) => {
      considered.set(id.key, (considered.get(id.key) ?? 0) + 1);
      return read(id);
    };
    for (let hour = 0; hour < 25; hour += 1) {
      await world.sweep();
      world.pass(3600);
    }
    expect(considered.size).toBe(6);
    // Once by its hour, and where a day has passed since something of it was noted.
    expect(Math.max(...considered.values())).toBeLessThanOrEqual(4);
  });

  test.each([
    ['other code', (deps: EngineDeps) => ({ ...deps, codeVersion: () => 'other code' })],
    [
      'another mode',
      (deps: EngineDeps) => ({ ...deps, policy: { ...deps.policy, modeOf: () => 'audit' as const } }),
    ],
    [
      'another exemption',
      (deps: EngineDeps) => ({
        ...deps,
        policy: { ...deps.policy, exemptions: () => new Set(['vault-firewall'] as const) },
      }),
    ],
  ])('%s has everything considered', async (_name, change) => {
    const world = worldOf(A);
    fill(world, A);
    await world.settle();
    const deps = change(world.deps);
    const storage = countStorage({ ...world, deps });
    await sweepAll({ ...world, deps });
    expect(storage().filter((call) => call === 'memory.read')).toHaveLength(6);
  });
});

describe('what came in between', () => {
  const event = (id: ResourceId) => ({
    id,
    correlationId: null,
    actor: null,
    time: null,
    isOfSurroundings: false,
  });

  test('a document that is as it was, after an event that saw another: how it stands is put right', async () => {
    const world = worldOf(A);
    world.settings.modes = { 'vault-firewall': 'audit', 'vault-logic-app-ips': 'audit' };
    fill(world, A);
    await world.settle();
    const id = idIn(A, 'vault', 'kv-one-1');
    const shut = world.resources.get(id.key);
    if (shut === undefined) throw new Error('It is there.');
    const standing = () => world.standings.get(id.key)?.remediators['vault-firewall'];
    expect(standing()).toBe('compliant');
    world.put(id, vault('Allow', ADDRESS));
    await world.engine.handleChange(event(id));
    expect(standing()).toBe('drifted');
    // The event of this is lost.
    world.resources.set(id.key, shut);
    await world.sweep();
    expect(standing()).toBe('compliant');
  });

  test('a workflow that is as it was, after an event that saw another: what it reads is put right', async () => {
    const world = worldOf(A);
    fill(world, A);
    await world.settle();
    const id = idIn(A, 'workflow', 'la-one-1');
    const before = world.resources.get(id.key);
    if (before === undefined) throw new Error('It is there.');
    const known = JSON.stringify(world.workflows.get(id.key));
    world.put(id, reader(idIn(A, 'connection', 'c-two-1'), '20.0.0.1'));
    await world.engine.handleChange(event(id));
    expect(JSON.stringify(world.workflows.get(id.key))).not.toBe(known);
    world.resources.set(id.key, before);
    await world.sweep();
    expect(JSON.stringify(world.workflows.get(id.key))).toBe(known);
  });

  test('a mark stands until nobody can be writing what it stands for any more', async () => {
    const world = worldOf(A);
    fill(world, A);
    await world.settle();
    const id = idIn(A, 'vault', 'kv-one-1');
    await world.deps.touched.mark(id);
    world.pass(60);
    await world.sweep();
    expect(world.touched.has(id.key)).toBe(true);
    // Whoever made the mark writes only now.
    const memory = await world.deps.memory.read(id);
    world.memories.set(id.key, { ...memory, arrivedOpen: ['1.2.3.4/32'] });
    const storage = countStorage(world);
    world.pass(60);
    await world.sweep();
    expect(storage()).toContain('memory.read');
    world.pass(600);
    await world.sweep();
    expect(world.touched.has(id.key)).toBe(false);
  });
});

describe('a change in one subscription that concerns another', () => {
  const worldOfTwo = async () => {
    const world = worldOf(A, B);
    fill(world, A);
    fill(world, B);
    await world.settle();
    const id = idIn(B, 'vault', 'kv-one-2');
    const connection = idIn(A, 'connection', 'c-one-1');
    const workflow = idIn(A, 'workflow', 'la-one-1');
    return { ...world, id, connection, workflow };
  };

  test('a workflow that reads another address now: its vault gets it', async () => {
    const world = await worldOfTwo();
    world.put(world.workflow, reader(idIn(B, 'connection', 'c-one-2'), '20.0.0.1'));
    await world.sweep();
    await world.drain();
    expect(rulesOf(world, world.id)).toContain('20.0.0.1/32');
  });

  test('a connection that is for another vault now: the workflow that names it is, too', async () => {
    const world = await worldOfTwo();
    world.put(world.connection, connectionTo('kv-one-2'));
    world.put(idIn(B, 'workflow', 'la-more-2'), reader(world.connection, '20.0.0.2'));
    await world.sweep();
    await world.drain();
    await world.drain();
    expect(rulesOf(world, world.id)).toContain('20.0.0.2/32');
  });

  test('is not lost where the process ends between saving it and saying so', async () => {
    const world = await worldOfTwo();
    world.put(world.workflow, reader(idIn(B, 'connection', 'c-one-2'), '20.0.0.1'));
    const send = world.deps.queue.send.bind(world.deps.queue);
    world.deps.queue.send = (message, delay) =>
      message.v === 1 ? Promise.reject(new Error('The process ends here.')) : send(message, delay);
    await world.sweep().catch(() => undefined);
    world.queue.length = 0;
    world.deps.queue.send = send;
    expect(rulesOf(world, world.id)).not.toContain('20.0.0.1/32');
    await world.sweep();
    await world.drain();
    expect(rulesOf(world, world.id)).toContain('20.0.0.1/32');
  });
});

describe('a sweep that dies', () => {
  /** Everything that is known once a sweep is over, and what it has queued. */
  const outcomeOf = (world: World) => ({
    workflows: [...world.workflows].sort(),
    standings: [...world.standings].map(([key, { remediators }]) => [key, remediators]).sort(),
    queued: queued(world),
  });

  const STREAMS = new Set(['of', 'each', 'knownIds']);

  /** A port of which every call counts; after so many the process is dead, before or after the last took effect. */
  function mortal(world: World, limit: number, when: 'before' | 'after') {
    let calls = 0;
    const DEAD = new Error('The process is dead.');
    const fatal = (port: object): object =>
      new Proxy(port, {
        get(target, name) {
          const original: unknown = Reflect.get(target, name);
          // What gives rows one by one goes through.
          if (typeof original !== 'function' || STREAMS.has(String(name))) return original;
          return async (...rest: unknown[]) => {
            calls += 1;
            if (calls > limit || (calls === limit && when === 'before')) throw DEAD;
            const answer: unknown = await Reflect.apply(original, target, rest);
            if (calls >= limit) throw DEAD;
            return answer;
          };
        },
      });
    const { memory, standings, readers, sweeps, queue } = world.deps;
    const dying = {
      ...world.deps,
      memory: fatal(memory),
      standings: fatal(standings),
      readers: fatal(readers),
      sweeps: fatal(sweeps),
      queue: fatal(queue),
      touched: fatal(world.deps.touched),
    } as unknown as EngineDeps;
    return { engine: createEngine(dying), made: () => calls };
  }

  const sweepDying = async (limit: number, when: 'before' | 'after') => {
    const world = worldOf(A);
    fill(world, A);
    await world.settle();
    // Something new of everything.
    world.put(idIn(A, 'vault', 'kv-two-1'), vault('Allow'));
    world.put(idIn(A, 'workflow', 'la-new'), reader(idIn(A, 'connection', 'c-one-1'), '20.0.0.1'));
    world.resources.delete(idIn(A, 'workflow', 'la-three-1').key);
    world.resources.delete(idIn(A, 'vault', 'kv-three-1').key);
    // Each page is a checkpoint.
    const now = world.deps.now.bind(world.deps);
    Object.assign(world.deps, {
      now: () => {
        world.pass(10);
        return now();
      },
    });
    const { engine, made } = mortal(world, limit, when);
    const message = messageTo(A, 'r', world.settings.now.toISOString());
    const first = await engine.reconcile(message).catch((error: unknown) => {
      if (limit === Infinity) throw error;
      return null;
    });
    const survivor = createEngine(world.deps);
    // The queue gives it again to another process.
    for (let i = 0; i < 3; i += 1) await survivor.reconcile(message).catch(() => null);
    for (const { message: sent } of world.sweepMessages.splice(0)) await survivor.reconcile(sent);
    return { world, outcome: outcomeOf(world), hasDied: first === null, made: made() };
  };

  test.each(['before', 'after'] as const)(
    'goes on where it stopped, whatever call it died at (%s it took effect): nothing is lost, nobody taken for gone',
    async (when) => {
      const whole = await sweepDying(Infinity, when);
      expect(whole.hasDied).toBe(false);
      expect(whole.made).toBeGreaterThan(40);
      expect(whole.outcome.queued).toEqual([
        idIn(A, 'vault', 'kv-one-1').id,
        idIn(A, 'vault', 'kv-two-1').id,
      ]);
      for (let limit = 1; limit <= whole.made; limit += 1) {
        const { outcome, world } = await sweepDying(limit, when);
        expect([limit, outcome]).toEqual([limit, whole.outcome]);
        expect([limit, world.progress.get(A)?.value.phase]).toEqual([limit, 'over']);
      }
    },
    60_000,
  );

  test('does not list again what was listed before its last checkpoint', async () => {
    const world = worldOf(A);
    fill(world, A);
    world.settings.pageSize = 1;
    await world.settle();
    const listVaults = world.deps.reader.listVaults.bind(world.deps.reader);
    let pages = 0;
    world.deps.reader.listVaults = async function* (...asked) {
      for await (const page of listVaults(...asked)) {
        pages += 1;
        world.pass(30);
        // The third page is never seen.
        if (pages === 3) throw new Error('The process dies.');
        yield page;
      }
    };
    const message = messageTo(A, 'r', world.settings.now.toISOString());
    await expect(world.engine.reconcile(message)).rejects.toThrow('dies');
    world.calls.length = 0;
    const part = await world.engine.reconcile(message);
    expect(part?.result).toMatchObject({ kind: 'swept', vaults: 3, workflows: 3 });
    expect(world.calls).not.toContain('LIST workflow');
    expect(world.calls.filter((call) => call === 'LIST vault').length).toBeLessThan(3);
  });

  test('begins the list anew where Azure does not know the place any more', async () => {
    const world = worldOf(A);
    fill(world, A);
    world.settings.pageSize = 1;
    await world.settle();
    const listVaults = world.deps.reader.listVaults.bind(world.deps.reader);
    let isRefusing = false;
    world.deps.reader.listVaults = async function* (scope, signal, from = null) {
      if (from !== null) throw armError('rejected');
      for await (const page of listVaults(scope, signal, from)) {
        world.pass(30);
        if (isRefusing) throw new Error('The process dies.');
        isRefusing = page.next !== 'page 1';
        yield page;
      }
    };
    const message = messageTo(A, 'r', world.settings.now.toISOString());
    await expect(world.engine.reconcile(message)).rejects.toThrow('dies');
    expect(world.progress.get(A)?.value.link).not.toBeNull();
    world.deps.reader.listVaults = async function* (scope, signal, from = null) {
      if (from !== null) throw armError('rejected');
      yield* listVaults(scope, signal, from);
    };
    const part = await world.engine.reconcile(message);
    expect(part?.result).toMatchObject({ kind: 'swept', vaults: 3 });
  });

  test('that has no time left goes on by another message', async () => {
    const world = worldOf(A);
    fill(world, A);
    world.settings.pageSize = 1;
    await world.settle();
    const listWorkflows = world.deps.reader.listWorkflows.bind(world.deps.reader);
    world.deps.reader.listWorkflows = async function* (...asked) {
      for await (const page of listWorkflows(...asked)) {
        world.pass(5 * 60);
        yield page;
      }
    };
    const kinds: unknown[] = [];
    await world.engine.reconcile(messageTo(A, 'r', world.settings.now.toISOString()));
    for (let next = world.sweepMessages.shift(); next !== undefined; next = world.sweepMessages.shift()) {
      kinds.push((await world.engine.reconcile(next.message))?.result.kind);
    }
    expect(kinds.length).toBeGreaterThan(0);
    expect(kinds.at(-1)).toBe('swept');
    expect(world.progress.get(A)?.value).toMatchObject({ phase: 'over', problemCount: 0 });
  });

  test('and is followed by the next one is brought to its end, and then the next begins', async () => {
    const world = worldOf(A);
    fill(world, A);
    await world.settle();
    const listVaults = world.deps.reader.listVaults.bind(world.deps.reader);
    world.deps.reader.listVaults = () => {
      throw new Error('The process dies.');
    };
    await world.engine.reconcile(messageTo(A, 'old', world.settings.now.toISOString())).catch(() => null);
    world.deps.reader.listVaults = listVaults;
    world.pass(3600);
    world.put(idIn(A, 'workflow', 'la-new'), reader(idIn(A, 'connection', 'c-one-1'), '20.0.0.1'));
    await world.sweep();
    expect(queued(world)).toEqual([idIn(A, 'vault', 'kv-one-1').id]);
    expect(world.progress.get(A)?.value).toMatchObject({ phase: 'over' });
    expect(world.progress.get(A)?.value.correlationId).not.toBe('old');
  });
});

describe('a snapshot', () => {
  test('that was damaged is not trusted: everything is considered, and what is gone is found', async () => {
    const world = worldOf(A);
    fill(world, A);
    await world.settle();
    const stored = world.snapshots.get(A);
    if (stored === undefined) throw new Error('It is there.');
    stored.value[200] = (stored.value[200] ?? 0) ^ 1;
    world.resources.delete(idIn(A, 'vault', 'kv-one-1').key);
    world.resources.delete(idIn(A, 'workflow', 'la-two-1').key);
    const storage = countStorage(world);
    await world.sweep();
    expect(storage().filter((call) => call === 'memory.read')).toHaveLength(4);
    expect(world.standings.has(idIn(A, 'vault', 'kv-one-1').key)).toBe(false);
    expect(world.workflows.has(idIn(A, 'workflow', 'la-two-1').key)).toBe(false);
  });

  test('of a newer version is left alone, and everything is considered at each sweep', async () => {
    const world = worldOf(A);
    fill(world, A);
    await world.settle();
    const stored = world.snapshots.get(A);
    if (stored === undefined) throw new Error('It is there.');
    stored.value.writeUInt32LE(2, 4);
    const before = Buffer.from(stored.value);
    for (let i = 0; i < 2; i += 1) {
      const storage = countStorage(world);
      expect(await world.sweep()).toMatchObject({ vaults: 3, workflows: 3 });
      expect(storage().filter((call) => call === 'memory.read').length).toBeGreaterThanOrEqual(6);
    }
    expect(world.snapshots.get(A)?.value.equals(before)).toBe(true);
  });
});

describe('two at once', () => {
  test('never sweep the same subscription: the second one waits for its turn, and a message that came twice is covered', async () => {
    const world = worldOf(A);
    fill(world, A);
    await world.settle();
    const listVaults = world.deps.reader.listVaults.bind(world.deps.reader);
    const others: unknown[] = [];
    world.deps.reader.listVaults = async function* (...asked) {
      world.deps.reader.listVaults = listVaults;
      const now = world.settings.now.toISOString();
      world.pass(1);
      const later = world.settings.now.toISOString();
      others.push((await createEngine(world.deps).reconcile(messageTo(A, 'other', later)))?.result.kind);
      // Its own message, which the queue has given to a second process.
      others.push((await createEngine(world.deps).reconcile(messageTo(A, 'r', now)))?.result.kind);
      yield* listVaults(...asked);
    };
    const part = await world.engine.reconcile(messageTo(A, 'r', world.settings.now.toISOString()));
    expect(part?.result).toMatchObject({ kind: 'swept', vaults: 3 });
    expect(others).toEqual(['later', 'later']);
    world.calls.length = 0;
    const [other, own] = world.sweepMessages.splice(0);
    expect([other?.delayMs, own?.delayMs].every((delayMs) => Number(delayMs) > 0)).toBe(true);
    expect((await world.engine.reconcile(own?.message))?.result.kind).toBe('covered');
    expect(world.calls).toEqual([]);
    // What came in after the first had passed it is seen by the one that was asked for after it.
    expect((await world.engine.reconcile(other?.message))?.result.kind).toBe('swept');
  });

  test('whoever finds it held waits twice as long each time: copies of a message do not come to be a storm', async () => {
    const world = worldOf(A);
    world.deps.leases.whileHeld = () => Promise.resolve({ kind: 'busy' });
    const engine = createEngine(world.deps);
    let message: unknown = messageTo(A, 'r', world.settings.now.toISOString());
    const waits: number[] = [];
    for (let times = 0; times < 7; times += 1) {
      await engine.reconcile(message);
      const [next] = world.sweepMessages.splice(0);
      waits.push(next?.delayMs ?? 0);
      message = next?.message;
    }
    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  test('two runs whose messages came several times each sweep once', async () => {
    const world = worldOf(A);
    fill(world, A);
    await world.settle();
    const now = world.settings.now.toISOString();
    const kinds: unknown[] = [];
    for (const run of ['one', 'two', 'one', 'two', 'one'])
      kinds.push((await world.engine.reconcile(messageTo(A, run, now)))?.result.kind);
    expect(kinds).toEqual(['swept', 'swept', 'covered', 'covered', 'covered']);
  });

  test('a holder that has lost its lease writes nothing any more', async () => {
    const world = worldOf(A);
    fill(world, A);
    await world.settle();
    const listVaults = world.deps.reader.listVaults.bind(world.deps.reader);
    world.deps.reader.listVaults = async function* (...asked) {
      // Somebody else goes on with it.
      const progress = world.progress.get(A);
      if (progress !== undefined) world.progress.set(A, { ...progress, etag: 'of somebody else' });
      yield* listVaults(...asked);
    };
    await expect(world.engine.reconcile(messageTo(A, 'r', world.settings.now.toISOString()))).rejects.toThrow(
      'outrun',
    );
  });

  test('two instances share three subscriptions, each of which is swept once', async () => {
    const world = worldOf(A, B, C);
    for (const subscription of [A, B, C]) fill(world, subscription, 'Allow');
    const { correlationId } = await world.engine.sweep();
    const swept: string[] = [];
    const instance = async () => {
      const engine = createEngine(world.deps);
      for (let next = world.sweepMessages.shift(); next !== undefined; next = world.sweepMessages.shift()) {
        await Promise.resolve();
        const part = await engine.reconcile(next.message);
        expect(part?.correlationId).toBe(correlationId);
        if (part?.result.kind === 'swept') swept.push(part.subscriptionId);
      }
    };
    await Promise.all([instance(), instance()]);
    await instance();
    expect(swept.sort()).toEqual([A, B, C]);
    expect(queued(world)).toHaveLength(9);
    expect(new Set(world.queue.map(({ message }) => message.correlationId))).toEqual(
      new Set([correlationId]),
    );
  });
});

describe('a new installation', () => {
  test('plans no vault before the workflows of all subscriptions are known', async () => {
    const world = worldOf(A, B);
    fill(world, A, 'Allow');
    fill(world, B);
    const waiting = await world.engine.reconcile(messageTo(A));
    expect(waiting?.result.kind).toBe('later');
    expect(world.queue).toEqual([]);
    expect(world.calls).not.toContain('LIST vault');
    const [again] = world.sweepMessages.splice(0);
    expect(again?.delayMs).toBeGreaterThan(0);
    await world.engine.reconcile(messageTo(B));
    expect((await world.engine.reconcile(again?.message))?.result).toMatchObject({
      kind: 'swept',
      queued: 3,
    });
  });

  test('writes no vault where one subscription may not be listed, and says so once for each', async () => {
    const world = worldOf(A, B);
    fill(world, A, 'Allow');
    fill(world, B);
    const listWorkflows = world.deps.reader.listWorkflows.bind(world.deps.reader);
    world.deps.reader.listWorkflows = (scope, ...rest) => {
      if (scope.subscriptionId === B) throw armError('unauthorized');
      return listWorkflows(scope, ...rest);
    };
    await expect(world.sweep()).rejects.toThrow('not complete');
    expect(world.queue).toEqual([]);
    // The host gives the message of a function that failed again: it is over.
    for (const subscription of [A, B]) {
      const { correlationId = '', startedAt } = world.progress.get(subscription)?.value ?? {};
      const part = await world.engine.reconcile(messageTo(subscription, correlationId, startedAt));
      expect(part?.result.kind).toBe('covered');
    }
  });

  test('once all is known, a subscription that may not be listed does not keep another from being swept', async () => {
    const world = worldOf(A, B);
    fill(world, A);
    fill(world, B);
    await world.settle();
    world.put(idIn(A, 'vault', 'kv-two-1'), vault('Allow'));
    for (const list of ['listConnections', 'listWorkflows', 'listVaults'] as const) {
      const original = world.deps.reader[list].bind(world.deps.reader);
      world.deps.reader[list] = (scope, signal, from) => {
        if (scope.subscriptionId === B) throw armError('unauthorized');
        return original(scope, signal, from);
      };
    }
    const before = [...world.workflows.values()].filter(({ listed }) => listed).length;
    const failed = await world.sweep().catch(String);
    expect(failed).toContain(B);
    expect(queued(world)).toEqual([idIn(A, 'vault', 'kv-two-1').id]);
    // But for one that was never seen shut: the list that failed may hold its reader.
    world.put(idIn(A, 'vault', 'kv-young'), vault('Allow'));
    await world.sweep().catch(() => null);
    expect(queued(world)).toEqual([idIn(A, 'vault', 'kv-two-1').id]);
    expect([...world.workflows.values()].filter(({ listed }) => listed)).toHaveLength(before);
  });
});

test('where Azure lists connections by group alone, it is asked once whether it does otherwise, whoever sweeps', async () => {
  const world = worldOf(A);
  fill(world, A);
  const original = world.deps.reader.listConnections.bind(world.deps.reader);
  const asked: (boolean | undefined)[] = [];
  world.deps.reader.listConnections = async function* (scope, signal, from, byGroup) {
    asked.push(byGroup);
    for await (const page of original(scope, signal, from)) yield { ...page, next: null, isByGroup: true };
  };
  await world.sweep();
  await world.sweep();
  expect(asked).toEqual([false, true]);
  // Another process goes on from what is stored.
  const other = createEngine(world.deps);
  await sweepAll({ ...world, deps: world.deps }, other);
  expect(asked).toEqual([false, true, true]);
});

test('what Holdfast has written itself is no news to the sweep', async () => {
  const world = worldOf(A);
  fill(world, A, 'Allow');
  await world.settle();
  expect(world.propertiesOf(idIn(A, 'vault', 'kv-one-1'))).toMatchObject({
    networkAcls: { defaultAction: 'Deny' },
  });
  expect(world.settings.author).toBe(OWN_ID);
  const storage = countStorage(world);
  await world.sweep();
  expect(storage()).toEqual([]);
});
