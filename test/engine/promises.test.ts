import { describe, expect, test } from 'vitest';
import { createEngine } from '../../src/engine/engine.js';
import type { Look, LookResult } from '../../src/engine/look/look.js';
import { currentReads } from '../../src/engine/readers/note-reads.js';
import { NO_MEMORY } from '../../src/engine/ports/memory.js';
import { createRunLook } from '../../src/engine/look/run-look.js';
import { settlePending } from '../../src/engine/settle/settle-pending.js';
import type { JsonObject } from '../../src/types/json.js';
import { armError, fakeWorld, OWN_ID, vaultId, workflowId } from './fake-world.js';
import { lookOf } from './look-of.js';
import { sweepAll } from './sweep-all.js';

/* What must hold although something went wrong in between, or some time has passed. */

type World = ReturnType<typeof fakeWorld>;

function lookerAt(world: World) {
  const runLook = createRunLook(world.deps);
  return (change: Partial<Look> = {}): Promise<LookResult> =>
    runLook(lookOf(vaultId(), { correlationId: 'c-1', ...change }), {
      signal: AbortSignal.timeout(20_000),
      confirmReleases: false,
    });
}

const acls = (defaultAction: 'Allow' | 'Deny', ...values: readonly string[]): JsonObject => ({
  bypass: 'AzureServices',
  defaultAction,
  ipRules: values.map((value) => ({ value })),
  virtualNetworkRules: [],
});

const vault = (networkAcls: JsonObject): JsonObject => ({
  id: vaultId().id,
  properties: { enableSoftDelete: true, enablePurgeProtection: true, networkAcls },
});

describe('a rule that came in while the vault stood open', () => {
  const openWithIntruder = (): World => {
    const world = fakeWorld();
    const knownGood = { seenAt: '2026-11-22T00:00:00Z', networkAcls: acls('Deny', '198.51.100.1') };
    world.memories.set(vaultId().key, { ...NO_MEMORY, knownGood });
    world.put(vaultId(), vault(acls('Allow', '198.51.100.1', '203.0.113.66')));
    return world;
  };
  const highRules = ({ standings }: World): readonly unknown[] =>
    standings.get(vaultId().key)?.findings.map(({ about, severity }) => [about, severity]) ?? [];

  test('stands among the findings until somebody takes it out', async () => {
    const world = openWithIntruder();
    const look = lookerAt(world);
    await look();
    expect(highRules(world)).toEqual([['rule:203.0.113.66', 'high']]);
    await look();
    expect(highRules(world)).toEqual([['rule:203.0.113.66', 'high']]);
    world.put(vaultId(), vault(acls('Deny', '198.51.100.1')));
    await look();
    expect(highRules(world)).toEqual([]);
  });

  test('does so too where Azure never answered the write that shut the vault', async () => {
    const world = openWithIntruder();
    world.writeFaults.push({ error: armError('unavailable'), isApplied: true });
    expect(await lookerAt(world)()).toMatchObject({ outcome: 'applied' });
    expect(highRules(world)).toEqual([['rule:203.0.113.66', 'high']]);
  });

  test('does so too where the process ended before the outcome was recorded', async () => {
    const world = openWithIntruder();
    const patch = world.deps.writer.patchVault.bind(world.deps.writer);
    Object.assign(world.deps.writer, {
      patchVault: async (...given: Parameters<typeof patch>) => {
        await patch(...given);
        throw new Error('the process ends here');
      },
    });
    await expect(lookerAt(world)()).rejects.toThrow('the process ends here');
    world.settings.now = new Date(world.settings.now.getTime() + 5 * 60_000);
    await settlePending(world.deps, AbortSignal.timeout(5000));
    expect(world.records().map(({ outcome }) => outcome)).toEqual(['applied']);
    expect(world.memories.get(vaultId().key)?.arrivedOpen).toEqual(['203.0.113.66']);
  });
});

describe('a deleted vault', () => {
  test('whose recovery is never answered is not asked for again and again in one look', async () => {
    const world = fakeWorld();
    world.settings.modes = { 'vault-deleted': 'enforce' };
    const properties = { vaultId: vaultId().id, location: 'westeurope' };
    world.surroundings.deletedVaults.push({ name: vaultId().name, properties });
    let sent = 0;
    Object.assign(world.deps.writer, {
      recoverVault: () => {
        sent += 1;
        return Promise.reject(armError('unavailable'));
      },
    });
    expect(await lookerAt(world)()).toMatchObject({ kind: 'later' });
    expect([sent, world.records().length]).toEqual([3, 1]);
  });

  test('that the list of deleted vaults still names is not taken for deleted once it is there', async () => {
    const world = fakeWorld();
    world.put(vaultId(), vault(acls('Deny')));
    const properties = { vaultId: vaultId().id, location: 'westeurope' };
    world.surroundings.deletedVaults.push({ name: vaultId().name, properties });
    await sweepAll(world);
    expect(world.standings.get(vaultId().key)?.findings).toEqual([]);
  });
});

describe('writes', () => {
  test('that differ never share an id: the second was planned anew after a conflict', async () => {
    const world = fakeWorld();
    world.put(vaultId(), vault(acls('Allow')));
    const patch = world.deps.writer.patchVault.bind(world.deps.writer);
    const ids: string[] = [];
    Object.assign(world.deps.writer, {
      patchVault: (...given: Parameters<typeof patch>) => {
        ids.push(given[2]);
        if (ids.length > 1) return patch(...given);
        const changed = {
          ...vault(acls('Allow', '203.0.113.66')),
          properties: { networkAcls: acls('Allow') },
        };
        world.put(vaultId(), changed);
        return Promise.reject(armError('conflict'));
      },
    });
    await lookerAt(world)();
    // Azure may have carried it out all the same, and not show it yet.
    world.settings.now = new Date(world.settings.now.getTime() + 10_000);
    await lookerAt(world)();
    expect(new Set(ids).size).toBe(2);
    const byOutcome = Map.groupBy(world.records(), ({ outcome }) => outcome);
    for (const [i, outcome] of (['failed', 'applied'] as const).entries()) {
      expect(new Set(byOutcome.get(outcome)?.map(({ writeId }) => writeId))).toEqual(new Set([ids[i]]));
    }
  });

  test('reduced to what Azure takes have an id of their own, and every sink hears of both', async () => {
    const world = fakeWorld();
    const told: string[] = [];
    const deps = {
      ...world.deps,
      sinks: [
        {
          write: ({ remediator, outcome }: { readonly remediator: string; readonly outcome: string }) => {
            told.push(`${remediator} ${outcome}`);
          },
        },
      ],
    };
    world.put(vaultId(), { id: vaultId().id, properties: { networkAcls: acls('Allow') } });
    world.writeFaults.push({ error: armError('rejected'), isApplied: false });
    await lookerAt({ ...world, deps })();
    const ids = new Set(world.records().map(({ writeId }) => writeId));
    expect(ids.size).toBe(2);
    expect(told.toSorted()).toEqual([
      'vault-firewall applied',
      'vault-firewall failed',
      'vault-purge-protection failed',
      'vault-purge-protection refused',
    ]);
  });
});

describe('sweeps', () => {
  test('of a vault of which nothing has changed write nothing, whatever the hour', async () => {
    const world = fakeWorld();
    world.settings.modes = { 'vault-logging': 'audit', 'vault-readers': 'audit' };
    world.put(vaultId(), vault(acls('Deny')));
    let writes = 0;
    const write = world.deps.memory.write.bind(world.deps.memory);
    Object.assign(world.deps.memory, {
      write: (...given: Parameters<typeof write>) => {
        writes += 1;
        return write(...given);
      },
    });
    const engine = createEngine(world.deps);
    await sweepAll(world, engine);
    const first = writes;
    const start = world.settings.now.getTime();
    for (const hours of [1, 11, 13, 14, 20, 23]) {
      world.settings.now = new Date(start + hours * 3_600_000);
      await sweepAll(world, engine);
    }
    expect(first).toBeGreaterThan(0);
    // Once in that time it is noted that the vault was seen shut and its surroundings were read.
    expect(writes - first).toBeLessThanOrEqual(1);
  });

  test('forget a resource that is gone, although others could not be listed', async () => {
    const world = fakeWorld();
    world.settings.modes = { 'workflow-managed-identity': 'audit' };
    world.put(workflowId(), { id: workflowId().id, properties: { definition: {} } });
    const engine = createEngine(world.deps);
    await sweepAll(world, engine);
    expect(world.standings.has(workflowId().key)).toBe(true);
    world.resources.delete(workflowId().key);
    Object.assign(world.deps.reader, {
      listVaults: () => {
        throw armError('unauthorized');
      },
    });
    await expect(sweepAll(world, engine)).rejects.toThrow('not complete');
    expect(world.standings.has(workflowId().key)).toBe(false);
  });
});

describe('an acceptance', () => {
  const policies = (...secrets: readonly string[]): JsonObject => ({
    id: vaultId().id,
    properties: {
      tenantId: 'eeeeeeee-0000-4000-8000-00000000000e',
      enableSoftDelete: true,
      enablePurgeProtection: true,
      networkAcls: acls('Deny'),
      accessPolicies: [
        {
          tenantId: 'eeeeeeee-0000-4000-8000-00000000000e',
          objectId: 'bbbbbbbb-0000-4000-8000-00000000000b',
          permissions: { secrets },
        },
      ],
    },
  });

  test('does not cover what has become worse since', async () => {
    const world = fakeWorld();
    world.settings.modes = { 'vault-least-privilege': 'enforce' };
    world.put(vaultId(), policies('list'));
    const look = lookerAt(world);
    await look();
    const engine = createEngine(world.deps);
    const listed = async (accepted: boolean) => (await engine.findings({ accepted, limit: 10 })).findings;
    const [open] = await listed(false);
    expect(await engine.acceptFinding(open?.id ?? '', 'the pipeline')).toBe('accepted');
    expect([await listed(false), (await listed(true)).length]).toEqual([[], 1]);
    world.put(vaultId(), policies('all', 'purge'));
    await look();
    expect([(await listed(false)).map(({ severity }) => severity), await listed(true)]).toEqual([
      ['high'],
      [],
    ]);
  });
});

describe('events', () => {
  test.each([
    ['Holdfast itself', OWN_ID.toUpperCase(), []],
    ['somebody else', 'alice', ['SETTINGS kv-one']],
    ['nobody known', null, ['SETTINGS kv-one']],
  ])('of a diagnostic setting that was written by %s', async (_who, id, expected) => {
    const world = fakeWorld();
    world.settings.modes = { 'vault-logging': 'audit' };
    world.put(vaultId(), vault(acls('Deny')));
    await createEngine(world.deps).handleChange({
      id: vaultId(),
      correlationId: null,
      time: null,
      actor: id === null ? null : { id, name: null, ip: null },
      isOfSurroundings: true,
      isOfSetting: true,
    });
    expect(world.calls.filter((call) => call.startsWith('SETTINGS'))).toEqual(expected);
  });
});

describe('a sweep in which a workflow is learned to give a secret back', () => {
  test('has those looked at that call it, and were planned before', async () => {
    const world = fakeWorld();
    world.settings.modes = { 'workflow-secret-flow': 'audit' };
    const child = workflowId('zz-child');
    const respond = { type: 'Response', inputs: { statusCode: 200, body: "@body('Get')?['value']" } };
    const get = {
      type: 'Http',
      inputs: { method: 'GET', uri: 'https://kv-one.vault.azure.net/secrets/token' },
      runtimeConfiguration: { secureData: { properties: ['outputs'] } },
    };
    const call = { type: 'Workflow', inputs: { host: { workflow: { id: child.id } } } };
    world.put(workflowId('aa-parent'), {
      id: workflowId('aa-parent').id,
      properties: { definition: { actions: { Call: call } } },
    });
    world.put(child, {
      id: child.id,
      properties: { definition: { actions: { Get: get, Respond: respond } } },
    });
    const engine = createEngine(world.deps);
    await sweepAll(world, engine);
    const queued = (): readonly string[] => world.queue.map(({ message }) => message.resourceId);
    expect([...new Set(queued())]).toEqual([workflowId('aa-parent').id]);
    world.queue.length = 0;
    await sweepAll(world, engine);
    expect(queued()).toEqual([]);
  });
});

describe('a vault of which Azure takes nothing', () => {
  test('has one record for each remediator, however often it was tried with less', async () => {
    const world = fakeWorld();
    world.put(vaultId(), { id: vaultId().id, properties: { networkAcls: acls('Allow') } });
    const rejected = { error: armError('rejected'), isApplied: false };
    for (let look = 0; look < 2; look += 1) {
      world.writeFaults.push(rejected, rejected, rejected);
      expect(await lookerAt(world)()).toMatchObject({ kind: 'done', outcome: 'failed' });
      world.writeFaults.length = 0;
    }
    const failed = world.records().filter(({ outcome }) => outcome === 'failed');
    expect(failed.map(({ remediator }) => remediator).toSorted()).toEqual([
      'vault-firewall',
      'vault-purge-protection',
    ]);
    expect(world.records().some(({ outcome }) => outcome === 'pending')).toBe(false);
  });
});

describe('a Logic App that is asked what it uses', () => {
  const PRINCIPAL = 'bbbbbbbb-0000-4000-8000-000000000001';
  const TENANT = 'eeeeeeee-0000-4000-8000-00000000000e';
  const get = (name: string): JsonObject => ({
    type: 'Http',
    inputs: {
      method: 'GET',
      uri: `https://${name}.vault.azure.net/secrets/token`,
      authentication: { type: 'ManagedServiceIdentity', audience: 'https://vault.azure.net' },
    },
    runtimeConfiguration: { secureData: { properties: ['outputs'] } },
  });
  const playbook = (actions: JsonObject): JsonObject => ({
    id: workflowId().id,
    identity: { type: 'SystemAssigned', principalId: PRINCIPAL },
    properties: { definition: { actions } },
  });
  function worldWithTrim(): World {
    const world = fakeWorld();
    world.settings.modes = { 'vault-least-privilege': 'enforce', 'vault-logic-app-ips': 'off' };
    const between = { returnsSecret: new Set<string>(), receivesSecret: false };
    const known = playbook({ One: get('kv-one') });
    world.workflows.set(workflowId().key, currentReads(workflowId(), known, new Map(), null, between));
    world.put(workflowId(), known);
    const { properties } = vault(acls('Deny')) as { properties: JsonObject };
    const policy = { tenantId: TENANT, objectId: PRINCIPAL, permissions: { secrets: ['get', 'set'] } };
    world.put(vaultId(), { properties: { ...properties, tenantId: TENANT, accessPolicies: [policy] } });
    world.vaults.set('kv-one', vaultId());
    world.vaults.set('kv-two', vaultId('kv-two'));
    return world;
  }

  test('and reads another vault by now has that one looked at', async () => {
    const world = worldWithTrim();
    world.put(workflowId(), playbook({ One: get('kv-one'), Two: get('kv-two') }));
    expect(await lookerAt(world)()).toMatchObject({ outcome: 'applied' });
    expect(world.queue.map(({ message }) => message.resourceId)).toContain(vaultId('kv-two').id);
  });

  test('and cannot be read just now keeps its permissions until later', async () => {
    const world = worldWithTrim();
    const read = world.deps.reader.read.bind(world.deps.reader);
    Object.assign(world.deps.reader, {
      read: (...given: Parameters<typeof read>) =>
        given[0].kind === 'workflow' ? Promise.reject(armError('throttled', 9000)) : read(...given),
    });
    expect(await lookerAt(world)()).toMatchObject({ kind: 'later', retryAfterMs: 9000 });
    expect(world.records()).toEqual([]);
    expect(world.calls).not.toContain('POLICY kv-one');
  });
});
