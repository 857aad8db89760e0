import { describe, expect, test } from 'vitest';
import { createRunLook } from '../../src/engine/look/run-look.js';
import type { Look, LookResult } from '../../src/engine/look/look.js';
import type { JsonObject } from '../../src/types/json.js';
import { NO_MEMORY } from '../../src/engine/ports/memory.js';
import { armError, fakeWorld, vaultId, workflowId } from './fake-world.js';
import { lookOf } from './look-of.js';

const OPEN_VAULT: JsonObject = {
  location: 'westeurope',
  tags: {},
  properties: {
    enableSoftDelete: true,
    networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [], virtualNetworkRules: [] },
  },
};
const GET_SECRET: JsonObject = {
  location: 'westeurope',
  properties: {
    state: 'Enabled',
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
        },
      },
    },
    parameters: {
      $connections: {
        value: {
          keyvault: {
            id: '/subscriptions/s/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault',
          },
        },
      },
    },
  },
};

function worldWith(document: JsonObject, id = vaultId()) {
  const world = fakeWorld();
  world.put(id, document);
  const runLook = createRunLook(world.deps);
  const look = (change: Partial<Look> = {}): Promise<LookResult> =>
    runLook(lookOf(id, { correlationId: 'c-1', ...change }), {
      signal: AbortSignal.timeout(20_000),
      confirmReleases: true,
    });
  return { ...world, look };
}

const outcomes = (result: LookResult) =>
  result.kind === 'done'
    ? Object.fromEntries(result.remediations.map((r) => [r.remediator, r.outcome]))
    : result;

describe('a drifted vault', () => {
  test('is read once and written once, all edits together, each remediator with its own record', async () => {
    const world = worldWith(OPEN_VAULT);
    const result = await world.look();
    expect(outcomes(result)).toEqual({
      'vault-purge-protection': 'applied',
      'vault-firewall': 'applied',
      'vault-logic-app-ips': 'compliant',
    });
    expect(world.calls).toEqual(['GET kv-one', 'PATCH kv-one']);
    expect(world.propertiesOf(vaultId())).toMatchObject({
      enablePurgeProtection: true,
      networkAcls: { defaultAction: 'Deny' },
    });
    expect(new Set(world.records().map(({ writeId }) => writeId)).size).toBe(1);
  });

  test('has its intents recorded before the write', async () => {
    const world = worldWith(OPEN_VAULT);
    const before: string[] = [];
    const write = world.deps.writer.patchVault.bind(world.deps.writer);
    world.deps.writer.patchVault = (...args) => {
      before.push(...world.history.map(({ outcome }) => outcome));
      return write(...args);
    };
    await world.look();
    expect(before).toEqual(['pending', 'pending']);
  });

  test('is not written where the intent cannot be recorded', async () => {
    const world = worldWith(OPEN_VAULT);
    world.deps.audit.write = () => Promise.reject(new Error('the storage account is down'));
    await expect(world.look()).rejects.toThrow('storage account is down');
    expect(world.calls).toEqual(['GET kv-one']);
  });

  test('is compliant after it, at the cost of one read and no record', async () => {
    const world = worldWith(OPEN_VAULT);
    await world.look();
    world.calls.length = 0;
    const count = world.history.length;
    expect(await world.look()).toMatchObject({ outcome: 'compliant' });
    expect(world.calls).toEqual(['GET kv-one']);
    expect(world.history).toHaveLength(count);
  });

  test('is only previewed by a dry run', async () => {
    const world = worldWith(OPEN_VAULT);
    expect(await world.look({ dryRun: true })).toMatchObject({ outcome: 'planned' });
    expect(world.calls).toEqual(['GET kv-one']);
    expect(world.history).toEqual([]);
  });

  test('in audit mode is planned once, not at every look', async () => {
    const world = worldWith(OPEN_VAULT);
    world.settings.modes = {
      'vault-purge-protection': 'audit',
      'vault-firewall': 'audit',
      'vault-logic-app-ips': 'audit',
    };
    expect(await world.look()).toMatchObject({ outcome: 'planned' });
    expect(await world.look()).toMatchObject({ outcome: 'planned' });
    expect(world.records().map(({ outcome }) => outcome)).toEqual(['planned', 'planned']);
    expect(world.calls).toEqual(['GET kv-one', 'GET kv-one']);
  });

  test('whose addresses are not kept up is not shut without them', async () => {
    const world = worldWith(OPEN_VAULT);
    world.settings.modes = { 'vault-logic-app-ips': 'off' };
    world.workflows.set(workflowId().key, {
      workflowId: workflowId().id,
      connectionIds: [],
      listed: true,
      isEnabled: true,
      returnsSecret: false,
      handsSecretTo: [],
      calls: [],
      reads: [
        {
          vaultName: 'kv-one',
          via: 'connector',
          signIn: { kind: 'unknown' },
          uses: ['secrets/get'],
          hasUnknownUse: false,
          addresses: ['52.174.88.118'],
        },
      ],
    });
    expect(outcomes(await world.look())).toEqual({
      'vault-purge-protection': 'applied',
      'vault-firewall': 'refused',
    });
    expect(world.propertiesOf(vaultId())).toMatchObject({ networkAcls: { defaultAction: 'Allow' } });
  });
});

describe('who reads a vault', () => {
  test("is learned first where nobody knows, and a vault is shut with its Logic Apps' addresses", async () => {
    const world = worldWith(OPEN_VAULT);
    world.completed.at = null;
    const workflow = structuredClone(GET_SECRET) as { properties: Record<string, unknown> };
    workflow.properties.endpointsConfiguration = {
      connector: { outgoingIpAddresses: [{ address: '52.174.88.118' }] },
    };
    const connection = workflowId().id.replace(
      'Microsoft.Logic/workflows/play',
      'Microsoft.Web/connections/kv',
    );
    workflow.properties.parameters = { $connections: { value: { keyvault: { connectionId: connection } } } };
    world.resources.set(connection.toLowerCase(), {
      properties: {
        api: { id: '/subscriptions/s/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault' },
        alternativeParameterValues: { vaultName: 'KV-One' },
      },
    });
    world.put(workflowId(), workflow as never);
    await world.look();
    expect(world.propertiesOf(vaultId())).toMatchObject({
      networkAcls: { defaultAction: 'Deny', ipRules: [{ value: '52.174.88.118/32' }] },
    });
    expect(world.calls.filter((call) => call.startsWith('PATCH'))).toHaveLength(1);
    const learned = await world.deps.readers.learned(world.deps.policy.scopes);
    expect(learned).toEqual([{ at: world.settings.now, failedAt: null }]);
  });

  test('cannot be learned: the vault is not shut, and the record says which permission is missing', async () => {
    const world = worldWith(OPEN_VAULT);
    world.completed.at = null;
    world.readFaults.push(armError('unauthorized'));
    expect(await world.look()).toMatchObject({ outcome: 'failed', obstacle: { kind: 'failed' } });
    expect(world.calls.filter((call) => call.startsWith('PATCH'))).toEqual([]);
    expect(world.records().map(({ error }) => error)).toContain('Azure said unauthorized.');
  });
});

test('what fails while somebody else is at the vault is nobody’s to handle, and ends no process', async () => {
  const world = worldWith(OPEN_VAULT);
  world.settings.isBusy = true;
  world.deps.readers.learned = () => Promise.reject(new Error('the storage account is down'));
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  expect(await world.look()).toMatchObject({ kind: 'later', isBusy: true });
  await new Promise(setImmediate);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

describe('a write that Azure does not answer well', () => {
  test.each([
    ['a conflict before it was carried out', armError('conflict'), false],
    ['a failure before it was carried out', armError('unavailable'), false],
    ['a conflict after it was carried out', armError('conflict'), true],
    ['an answer lost after it was carried out', armError('unavailable'), true],
    ['a short throttling', armError('throttled', 20), false],
  ])('%s: one applied record for the one change', async (_name, error, isApplied) => {
    const world = worldWith(OPEN_VAULT);
    world.writeFaults.push({ error, isApplied });
    await world.look();
    expect(world.propertiesOf(vaultId())).toMatchObject({ networkAcls: { defaultAction: 'Deny' } });
    expect(world.records().map(({ remediator, outcome }) => [remediator, outcome])).toEqual([
      ['vault-purge-protection', 'applied'],
      ['vault-firewall', 'applied'],
    ]);
    expect(world.calls.filter((call) => call.startsWith('PATCH'))).toHaveLength(isApplied ? 1 : 2);
  });

  test('a change that somebody else made meanwhile is not called ours', async () => {
    const world = worldWith(OPEN_VAULT);
    world.settings.author = 'somebody-else';
    world.writeFaults.push({ error: armError('unavailable'), isApplied: true });
    await world.look();
    expect(world.records().map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(world.records()[0]?.warnings).toContain('unconfirmed');
  });

  test('a change that may have been made and undone since is left unconfirmed, and made again under records of its own', async () => {
    const writtenAt = (time: string): JsonObject => ({
      ...OPEN_VAULT,
      systemData: { lastModifiedBy: 'mallory', lastModifiedAt: time },
    });
    const world = worldWith(writtenAt('2026-11-23T11:00:00Z'));
    const read = world.deps.reader.read.bind(world.deps.reader);
    world.writeFaults.push({ error: armError('unavailable'), isApplied: true });
    world.deps.reader.read = (...args) => {
      // Somebody opens the vault again before it is looked at.
      if (world.calls.includes('PATCH kv-one')) world.put(vaultId(), writtenAt('2026-11-23T12:00:06Z'));
      return read(...args);
    };
    expect(await world.look()).toMatchObject({ outcome: 'applied' });
    const ids = Map.groupBy(world.records(), ({ writeId }) => writeId);
    expect([...ids.values()].map((records) => records.map(({ outcome }) => outcome))).toEqual([
      ['failed', 'failed'],
      ['applied', 'applied'],
    ]);
    expect(world.records()[0]?.warnings).toContain('unconfirmed');
  });

  test('a change that was there before a write that Azure turned down is not called ours', async () => {
    const world = worldWith(GET_SECRET, workflowId());
    const read = world.deps.reader.read.bind(world.deps.reader);
    world.writeFaults.push({ error: armError('throttled', 20), isApplied: false });
    const secured = JSON.parse(
      JSON.stringify(GET_SECRET).replace(
        '"inputs":{"host"',
        '"runtimeConfiguration":{"secureData":{"properties":["outputs"]}},"inputs":{"host"',
      ),
    ) as JsonObject;
    world.deps.reader.read = (...args) => {
      // The first read was stale.
      if (world.calls.includes('PUT play')) world.put(workflowId(), secured);
      return read(...args);
    };
    await world.look();
    expect(world.calls.filter((call) => call.startsWith('PUT'))).toHaveLength(1);
    expect(world.records().map(({ outcome }) => outcome)).toEqual(['failed']);
  });

  test('an answer that does not show the change is failed, never applied', async () => {
    const world = worldWith(OPEN_VAULT);
    world.writeFaults.push({ answer: OPEN_VAULT });
    expect(await world.look()).toMatchObject({ outcome: 'failed', obstacle: { kind: 'failed' } });
    expect(world.records().map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  });

  test('a long throttling goes to the queue with its delay, and no record stays pending', async () => {
    const world = worldWith(OPEN_VAULT);
    world.writeFaults.push({ error: armError('throttled', 60_000), isApplied: false });
    expect(await world.look()).toMatchObject({ kind: 'later', retryAfterMs: 60_000, isBusy: false });
    expect(world.records().map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  });

  test('conflicts that do not end go to the queue, and are judged once Azure has had the time to show them', async () => {
    const world = worldWith(OPEN_VAULT);
    world.writeFaults.push(
      ...Array.from({ length: 3 }, () => ({ error: armError('conflict'), isApplied: false })),
    );
    expect(await world.look()).toMatchObject({ kind: 'later', isBusy: false });
    expect(await world.look()).toMatchObject({ kind: 'later', isBusy: true, retryAfterMs: 10_000 });
    world.settings.now = new Date(world.settings.now.getTime() + 10_000);
    expect(await world.look()).toMatchObject({ kind: 'done', outcome: 'applied' });
    const outcomes = world.records().map(({ outcome }) => outcome);
    expect(outcomes.toSorted()).toEqual(['applied', 'applied', 'failed', 'failed']);
  });

  test('a locked vault is refused and recorded once, and its change once the lock is gone', async () => {
    const world = worldWith(OPEN_VAULT);
    const locked = { error: armError('locked'), isApplied: false };
    world.writeFaults.push(locked, locked);
    expect(await world.look()).toMatchObject({ outcome: 'refused', obstacle: { kind: 'locked' } });
    expect(await world.look()).toMatchObject({ outcome: 'refused', obstacle: { kind: 'locked' } });
    expect(world.records().map(({ outcome }) => outcome)).toEqual(['refused', 'refused']);
    expect(await world.look()).toMatchObject({ outcome: 'applied' });
    expect(
      world
        .records()
        .map(({ outcome }) => outcome)
        .sort(),
    ).toEqual(['applied', 'applied', 'refused', 'refused']);
  });

  test('a change that Azure took at last, when neither that nor that it is open could be stored, keeps its record', async () => {
    const world = worldWith(OPEN_VAULT);
    world.writeFaults.push({ error: armError('locked'), isApplied: false });
    await world.look();
    const { audit, memory } = world.deps;
    const [record, remember] = [audit.write.bind(audit), memory.write.bind(memory)];
    world.calls.length = 0;
    const isDown = (): boolean => world.calls.includes('PATCH kv-one');
    audit.write = (...args) => (isDown() ? Promise.reject(new Error('storage')) : record(...args));
    memory.write = (...args) => (isDown() ? Promise.reject(new Error('storage')) : remember(...args));
    await expect(world.look()).rejects.toThrow('storage');
    Object.assign(audit, { write: record });
    Object.assign(memory, { write: remember });
    // The vault is opened again before anybody looks.
    world.put(vaultId(), OPEN_VAULT);
    expect(await world.look()).toMatchObject({ kind: 'later', retryAfterMs: 10_000 });
    world.settings.now = new Date(world.settings.now.getTime() + 10_000);
    expect(await world.look()).toMatchObject({ outcome: 'applied' });
    const writes = [...Map.groupBy(world.records(), ({ writeId }) => writeId).values()];
    expect(writes.map((records) => records.map(({ outcome }) => outcome).sort())).toEqual([
      ['refused', 'refused'],
      ['failed', 'failed'],
      ['applied', 'applied'],
    ]);
    expect(world.records()[2]?.warnings).toContain('unconfirmed');
  });

  test('a vault deleted meanwhile leaves no record pending', async () => {
    const world = worldWith(OPEN_VAULT);
    world.writeFaults.push({ error: armError('not-found'), isApplied: false });
    world.deps.writer.patchVault = (
      (original) =>
      (...args: Parameters<typeof original>) => {
        const answer = original(...args);
        world.resources.clear();
        return answer;
      }
    )(world.deps.writer.patchVault.bind(world.deps.writer));
    expect(await world.look()).toEqual({ kind: 'gone' });
    expect(world.records().map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  });
});

describe('a resource that cannot be looked at', () => {
  test('is gone where Azure has none', async () => {
    const world = fakeWorld();
    const runLook = createRunLook(world.deps);
    const look = {
      id: vaultId(),
      trigger: 'http',
      correlationId: 'c',
      actor: null,
      remediators: null,
      askedForByName: true,
      dryRun: false,
      causedAt: null,
    } as const;
    expect(await runLook(look, { signal: AbortSignal.timeout(9000), confirmReleases: false })).toEqual({
      kind: 'gone',
    });
  });

  test.each([
    ['unavailable', 0],
    ['throttled', 30_000],
  ] as const)('%s: it is looked at later', async (kind, retryAfterMs) => {
    const world = worldWith(OPEN_VAULT);
    world.readFaults.push(armError(kind, retryAfterMs));
    expect(await world.look()).toMatchObject({ kind: 'later', retryAfterMs });
    expect(world.records()).toEqual([]);
  });

  test('somebody else is at it: later, and that is no failure', async () => {
    const world = worldWith(OPEN_VAULT);
    world.settings.isBusy = true;
    expect(await world.look()).toMatchObject({ kind: 'later', isBusy: true });
  });

  test('a missing permission is recorded once', async () => {
    const world = worldWith(OPEN_VAULT);
    world.readFaults.push(armError('unauthorized'), armError('unauthorized'));
    await world.look();
    await world.look();
    expect(world.records().map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed']);
  });
});

describe('a workflow', () => {
  test('has its secret outputs secured, and the vaults it reads are looked at', async () => {
    const world = worldWith(GET_SECRET, workflowId());
    expect(await world.look({ id: workflowId() })).toMatchObject({ outcome: 'applied' });
    expect(world.calls).toEqual(['GET play', 'PUT play', 'VERSIONS play']);
    expect(JSON.stringify(world.propertiesOf(workflowId()))).toContain(
      '"secureData":{"properties":["outputs"]}',
    );
  });

  test('that cannot be edited without loss is refused and not written', async () => {
    const world = worldWith(GET_SECRET, workflowId());
    const text = JSON.stringify(GET_SECRET).replace(
      '"Get_secret":',
      '"Get_secret":{"type":"Http"},"Get_secret":',
    );
    world.deps.reader.read = (id) => Promise.resolve({ id, text, document: JSON.parse(text) as JsonObject });
    const result = await world.look({ id: workflowId() });
    expect(result).toMatchObject({ outcome: 'refused', obstacle: null });
    expect(world.calls).toEqual([]);
  });
});

describe('reads that lag behind', () => {
  test('a read older than our own last write is not planned from', async () => {
    const world = worldWith(OPEN_VAULT);
    await world.look();
    const systemData = { lastModifiedBy: 'mallory', lastModifiedAt: '2026-11-23T11:00:00Z' };
    world.put(vaultId(), { ...OPEN_VAULT, systemData });
    world.calls.length = 0;
    expect(await world.look()).toMatchObject({ kind: 'later', isBusy: false });
    expect(world.calls).toEqual(['GET kv-one']);
    expect(world.records().filter(({ outcome }) => outcome === 'applied')).toHaveLength(2);
  });

  test('an event newer than what was read is looked at once more', async () => {
    const world = worldWith(OPEN_VAULT);
    await world.look();
    const causedAt = new Date(world.settings.now.getTime() + 60_000).toISOString();
    expect(await world.look({ causedAt })).toMatchObject({ kind: 'later' });
    expect(await world.look()).toMatchObject({ outcome: 'compliant' });
  });

  const at = (lastModifiedAt: string, document = OPEN_VAULT): JsonObject => ({
    ...document,
    systemData: { lastModifiedBy: 'mallory', lastModifiedAt },
  });
  const SHUT: JsonObject = {
    ...OPEN_VAULT,
    properties: {
      enableSoftDelete: true,
      enablePurgeProtection: true,
      networkAcls: { bypass: 'None', defaultAction: 'Deny', ipRules: [], virtualNetworkRules: [] },
    },
  };

  test.each<[string, JsonObject, string, string]>([
    [
      'never written by Holdfast, and a minute older: not planned from',
      at('2026-11-23T11:00:00Z'),
      '2026-11-23T11:01:00Z',
      'later',
    ],
    [
      'never written by Holdfast, with nothing to do: looked at again',
      at('2026-11-23T11:00:00Z', SHUT),
      '2026-11-23T11:01:00Z',
      'later',
    ],
    [
      'a few seconds older, with nothing to do: looked at again',
      at('2026-11-23T11:00:00Z', SHUT),
      '2026-11-23T11:00:04Z',
      'later',
    ],
    [
      'a few seconds older, as a long write leaves it: drift is mended at once',
      at('2026-11-23T11:00:00Z'),
      '2026-11-23T11:00:04Z',
      'done',
    ],
    ['as new as the event: that is all', at('2026-11-23T11:00:00.4Z', SHUT), '2026-11-23T11:00:01Z', 'done'],
    ['without a time: nothing is known, and nothing is delayed', SHUT, '2026-11-23T11:00:01Z', 'done'],
  ])('a first event of a resource %s', async (_what, document, causedAt, kind) => {
    const world = worldWith(document);
    expect(await world.look({ causedAt })).toMatchObject({ kind });
    // The look from the queue goes by no event: it is the last, whatever time Azure shows.
    expect(await world.look()).toMatchObject({ kind: 'done' });
  });
});

describe('what must not get lost on the way', () => {
  const withRules = (...values: string[]): JsonObject => ({
    ...OPEN_VAULT,
    properties: {
      ...(OPEN_VAULT.properties as JsonObject),
      networkAcls: {
        bypass: 'None',
        defaultAction: 'Allow',
        ipRules: values.map((value) => ({ value })),
        virtualNetworkRules: [],
      },
    },
  });
  const shutBefore = {
    seenAt: '2026-11-22T00:00:00Z',
    networkAcls: { bypass: 'None', defaultAction: 'Deny', ipRules: [], virtualNetworkRules: [] },
  };

  test('the warning of a rule that came in while the first write met a conflict', async () => {
    const world = worldWith(withRules());
    world.memories.set(vaultId().key, { ...NO_MEMORY, knownGood: shutBefore });
    world.writeFaults.push({ error: armError('conflict'), isApplied: false });
    const write = world.deps.writer.patchVault.bind(world.deps.writer);
    world.deps.writer.patchVault = (...args) => {
      const answer = write(...args);
      if (world.calls.filter((call) => call.startsWith('PATCH')).length === 1)
        world.put(vaultId(), withRules('6.6.6.6/32'));
      return answer;
    };
    await world.look();
    const record = world
      .records()
      .find(({ remediator, outcome }) => remediator === 'vault-firewall' && outcome === 'applied');
    expect(record?.warnings.join()).toContain('6.6.6.6/32');
    expect(world.propertiesOf(vaultId())).toMatchObject({
      networkAcls: { ipRules: [{ value: '6.6.6.6/32' }] },
    });
  });

  test('in audit mode, a rule that came in after the plan was recorded', async () => {
    const world = worldWith(withRules());
    world.settings.modes = {
      'vault-purge-protection': 'off',
      'vault-firewall': 'audit',
      'vault-logic-app-ips': 'audit',
    };
    world.memories.set(vaultId().key, { ...NO_MEMORY, knownGood: shutBefore });
    await world.look();
    world.put(vaultId(), withRules('6.6.6.6/32'));
    await world.look();
    expect(world.records().map(({ warnings }) => warnings.join().includes('6.6.6.6/32'))).toEqual([
      false,
      true,
    ]);
  });

  test('who opened a vault that was locked then, when a sweep finds it still locked', async () => {
    const world = worldWith(OPEN_VAULT);
    const locked = { error: armError('locked'), isApplied: false };
    world.writeFaults.push(locked, locked);
    const mallory = { id: 'm', name: 'mallory', ip: null };
    await world.look({ actor: mallory });
    await world.look({ trigger: 'sweep' });
    expect(world.records().map(({ actor, trigger }) => [actor, trigger])).toEqual([
      [mallory, 'event'],
      [mallory, 'event'],
    ]);
  });
});

test('what Azure rejects in part does not keep the vault open', async () => {
  const world = worldWith({
    ...OPEN_VAULT,
    properties: { ...(OPEN_VAULT.properties as JsonObject), enablePurgeProtection: true },
  });
  const subnet = {
    id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/gone',
  };
  const networkAcls = {
    bypass: 'AzureServices',
    defaultAction: 'Deny',
    ipRules: [{ value: '198.51.100.7/32' }],
    virtualNetworkRules: [subnet],
  };
  world.memories.set(vaultId().key, {
    ...NO_MEMORY,
    knownGood: { seenAt: '2026-11-22T00:00:00Z', networkAcls },
  });
  world.writeFaults.push({ error: armError('rejected'), isApplied: false });
  expect(await world.look()).toMatchObject({ outcome: 'failed', obstacle: { kind: 'failed' } });
  expect(world.propertiesOf(vaultId())).toMatchObject({
    networkAcls: { defaultAction: 'Deny', ipRules: [{ value: '198.51.100.7/32' }], virtualNetworkRules: [] },
  });
  expect(
    world
      .records()
      .map(({ remediator, outcome }) => [remediator, outcome])
      .sort(),
  ).toEqual([
    ['vault-firewall', 'applied'],
    ['vault-firewall', 'failed'],
    ['vault-firewall', 'refused'],
  ]);
});

describe('time that runs out', () => {
  test('while somebody else is learning who reads the vaults: later, within the budget', async () => {
    const world = worldWith(OPEN_VAULT);
    world.completed.at = null;
    world.deps.reader.listConnections = async function* () {
      await new Promise(() => undefined);
      yield { items: [], next: null };
    };
    const run = createRunLook(world.deps);
    const look = lookOf(vaultId());
    expect(await run(look, { signal: AbortSignal.timeout(50), confirmReleases: false })).toMatchObject({
      kind: 'later',
    });
    expect(world.calls).toEqual([]);
  });
});

describe('a vault that Azure rejects', () => {
  const subnet = {
    id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/one',
  };
  const knownGood = {
    seenAt: '2026-11-22T00:00:00Z',
    networkAcls: {
      bypass: 'AzureServices',
      defaultAction: 'Deny',
      ipRules: [{ value: '198.51.100.7/32' }],
      virtualNetworkRules: [subnet],
    },
  };
  const rejectedWorld = () => {
    const world = worldWith(OPEN_VAULT);
    world.memories.set(vaultId().key, { ...NO_MEMORY, knownGood });
    return world;
  };
  const rejected = { error: armError('rejected'), isApplied: false };

  test('for its purge protection is shut with its subnets', async () => {
    const world = rejectedWorld();
    world.writeFaults.push(rejected);
    await world.look();
    expect(world.propertiesOf(vaultId())).toMatchObject({
      networkAcls: { defaultAction: 'Deny', virtualNetworkRules: [subnet] },
    });
    expect(world.propertiesOf(vaultId()).enablePurgeProtection).toBeUndefined();
  });

  test('with every part in it or out gets the same records at every sweep', async () => {
    const world = rejectedWorld();
    const counts: number[] = [];
    for (let sweep = 0; sweep < 3; sweep++) {
      world.writeFaults.push(rejected, rejected, rejected);
      await world.look({ trigger: 'sweep' });
      counts.push(world.records().length);
    }
    expect(new Set(counts).size).toBe(1);
    expect(world.propertiesOf(vaultId())).toMatchObject({ networkAcls: { defaultAction: 'Allow' } });
  });

  test('and then loses the answer to the smaller write: both are told apart when they are settled', async () => {
    const world = rejectedWorld();
    world.writeFaults.push(rejected, { error: armError('unavailable', 60_000), isApplied: true });
    expect(await world.look()).toMatchObject({ kind: 'later' });
    await world.look();
    const firewall = world.records().filter(({ remediator }) => remediator === 'vault-firewall');
    expect(firewall.map(({ outcome }) => outcome).filter((outcome) => outcome === 'applied')).toHaveLength(1);
    expect(world.records().filter(({ outcome }) => outcome === 'pending')).toEqual([]);
  });
});

test('a clock that is behind does not switch the guard off', async () => {
  const world = worldWith(OPEN_VAULT);
  await world.look();
  const lastModifiedAt = new Date(world.settings.now.getTime() - 100).toISOString();
  world.put(vaultId(), { ...OPEN_VAULT, systemData: { lastModifiedBy: 'mallory', lastModifiedAt } });
  world.settings.now = new Date(world.settings.now.getTime() + 10 * 60_000);
  expect(await world.look()).toMatchObject({ outcome: 'applied' });
});

test('a dry run settles nothing and writes nothing', async () => {
  const world = worldWith(OPEN_VAULT);
  world.writeFaults.push({ error: armError('unavailable', 60_000), isApplied: false });
  await world.look();
  const before = [JSON.stringify(world.records()), JSON.stringify([...world.memories])];
  expect(await world.look({ dryRun: true })).toMatchObject({ outcome: 'planned' });
  expect([JSON.stringify(world.records()), JSON.stringify([...world.memories])]).toEqual(before);
});

test('a refusal keeps who caused it when a throttled try comes in between', async () => {
  const world = worldWith(OPEN_VAULT);
  const mallory = { id: 'm', name: 'mallory', ip: null };
  world.writeFaults.push(
    { error: armError('locked'), isApplied: false },
    { error: armError('throttled', 60_000), isApplied: false },
  );
  await world.look({ actor: mallory });
  await world.look({ trigger: 'sweep' });
  expect(world.records().map(({ outcome, actor }) => [outcome, actor])).toEqual([
    ['refused', mallory],
    ['refused', mallory],
  ]);
});
