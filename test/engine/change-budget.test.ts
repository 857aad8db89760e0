import { describe, expect, test } from 'vitest';
import { createEngine } from '../../src/engine/engine.js';
import { createRunLook } from '../../src/engine/look/run-look.js';
import type { Look, LookResult } from '../../src/engine/look/look.js';
import type { JsonObject } from '../../src/types/json.js';
import type { ResourceId } from '../../src/types/resource-id.js';
import { armError, fakeWorld, SUBSCRIPTION, vaultId } from './fake-world.js';
import { lookOf } from './look-of.js';
import { sweepAll } from './sweep-all.js';

const OPEN: JsonObject = {
  location: 'westeurope',
  properties: {
    enableSoftDelete: true,
    enablePurgeProtection: true,
    networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [], virtualNetworkRules: [] },
  },
};

/** This many open vaults, and a limit. */
function worldOf(vaults: number, limit: number) {
  const world = fakeWorld();
  world.settings.maxChanges = { kind: 'count', count: limit };
  const ids = Array.from({ length: vaults }, (_, i) => vaultId(`kv-${i}`));
  for (const id of ids) world.put(id, OPEN);
  const runLook = createRunLook(world.deps);
  const look = (id: ResourceId, change: Partial<Look> = {}): Promise<LookResult> =>
    runLook(lookOf(id, { correlationId: 'c-1', ...change }), {
      signal: AbortSignal.timeout(20_000),
      confirmReleases: true,
    });
  const isShut = (id: ResourceId): boolean =>
    (world.propertiesOf(id).networkAcls as JsonObject).defaultAction === 'Deny';
  const engine = createEngine(world.deps);
  const sweep = async () => {
    await sweepAll(world, engine);
    for (const { message } of world.queue.splice(0)) await engine.reconcile(message);
  };
  const refusals = () => world.records().filter(({ outcome }) => outcome === 'refused');
  return { ...world, ids, look, isShut, sweep, refusals };
}

describe('beyond the limit', () => {
  test('an event changes nothing, and the record says why and what releases it', async () => {
    const world = worldOf(3, 2);
    for (const id of world.ids) await world.look(id);
    expect(world.ids.map(world.isShut)).toEqual([true, true, false]);
    const [refused, ...others] = world.refusals();
    expect(others).toEqual([]);
    expect(refused).toMatchObject({ resourceId: world.ids[2]?.id, remediator: 'vault-firewall' });
    expect(refused?.error).toMatch(/HOLDFAST_MAX_CHANGES is 2: .* 2 changes .*POST \/api\/remediate/);
    expect(refused?.edits).not.toEqual([]);
    expect(world.queue).toEqual([]);
  });

  test('a sweep stops, says so once for each resource, and the next one goes on', async () => {
    const world = worldOf(5, 2);
    await world.sweep();
    expect(world.ids.filter(world.isShut)).toHaveLength(2);
    expect(world.refusals()).toHaveLength(3);
    const before = world.refusals().map(({ id }) => id);
    await world.sweep();
    expect(world.ids.filter(world.isShut)).toHaveLength(4);
    // Two of them were made at last, each with a record of its own; none is refused a second time.
    expect(
      world
        .refusals()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(before.sort());
    await world.sweep();
    expect(world.ids.every(world.isShut)).toBe(true);
    expect(world.records().filter(({ outcome }) => outcome === 'applied')).toHaveLength(5);
  });

  test('a person who asks by name has it changed all the same, and takes nobody’s place', async () => {
    const world = worldOf(2, 0);
    const [first] = world.ids as [ResourceId];
    expect(await world.look(first, { trigger: 'http', askedForByName: true })).toMatchObject({
      outcome: 'applied',
    });
    expect(world.changes).toEqual(new Map());
  });

  test('nothing at all is changed where the limit is none', async () => {
    const world = worldOf(1, 0);
    expect(await world.look(vaultId('kv-0'))).toMatchObject({ outcome: 'refused' });
    await world.sweep();
    expect(world.calls.filter((call) => call.startsWith('PATCH'))).toEqual([]);
    expect(world.refusals()).toHaveLength(1);
  });

  test('of a share that nobody knows yet nothing is changed; after a complete sweep it is known', async () => {
    const world = worldOf(20, 1);
    world.settings.maxChanges = { kind: 'percentage', percent: 10 };
    expect(await world.look(vaultId('kv-0'))).toMatchObject({ outcome: 'refused' });
    expect(world.refusals()[0]?.error).toContain('no sweep of the scopes has been complete yet');
    await world.sweep();
    expect(world.totals).toEqual(new Map([[SUBSCRIPTION, 20]]));
    expect(world.ids.filter(world.isShut)).toHaveLength(2);
  });

  test('an incomplete sweep leaves the totals as they were', async () => {
    const world = worldOf(3, 9);
    world.readFaults.push(armError('unavailable'));
    await expect(world.sweep()).rejects.toThrow('not complete');
    expect(world.totals).toEqual(new Map());
  });
});

describe('what counts', () => {
  test('a look counts once, however many parts it writes, and a plan not at all', async () => {
    const world = worldOf(1, 5);
    await world.look(vaultId('kv-0'), { dryRun: true });
    expect(world.changes.get('hour')).toBeUndefined();
    await world.look(vaultId('kv-0'));
    await world.look(vaultId('kv-0'));
    expect(world.changes.get('hour')).toBe(1);
  });

  test.each([
    ['Azure had locked', armError('locked'), 0],
    ['Azure turned down', armError('throttled', 60_000), 0],
    ['Azure rejected', armError('rejected'), 0],
    ['never got an answer', armError('unavailable', 60_000), 1],
  ])('a change that %s', async (_name, error, counted) => {
    const world = worldOf(1, 5);
    world.writeFaults.push(...Array.from({ length: 3 }, () => ({ error, isApplied: false })));
    await world.look(vaultId('kv-0'));
    expect(world.changes.get('hour')).toBe(counted);
  });

  test('nothing is written where nobody can say how many there were, and it is tried again', async () => {
    const world = worldOf(1, 5);
    world.settings.isCountDown = true;
    const result = await world.look(vaultId('kv-0'));
    expect(result).toMatchObject({ why: 'Holdfast could not count its changes in its storage account.' });
    expect(world.calls.filter((call) => call.startsWith('PATCH'))).toEqual([]);
    expect(world.records().map(({ outcome }) => outcome)).toEqual(['failed']);
    world.settings.isCountDown = false;
    expect(await world.look(vaultId('kv-0'))).toMatchObject({ outcome: 'applied' });
  });

  test('nothing is counted where the intent could not be recorded', async () => {
    const world = worldOf(1, 5);
    world.deps.audit.write = () => Promise.reject(new Error('the storage account is down'));
    await expect(world.look(vaultId('kv-0'))).rejects.toThrow('down');
    expect(world.changes.get('hour')).toBe(0);
  });

  test('counting waits for nothing that the intent does not: the two are under way at once', async () => {
    const world = worldOf(1, 5);
    const order: string[] = [];
    const { audit, changes } = world.deps;
    const [write, take] = [audit.write.bind(audit), changes.take.bind(changes)];
    audit.write = async (...args) => {
      order.push('intent');
      await new Promise(setImmediate);
      order.push('recorded');
      await write(...args);
    };
    changes.take = async (...args) => {
      order.push('count');
      await new Promise(setImmediate);
      order.push('counted');
      return take(...args);
    };
    await world.look(vaultId('kv-0'));
    expect(order.slice(0, 4)).toEqual(['intent', 'count', 'recorded', 'counted']);
  });
});
