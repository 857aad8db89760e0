import { describe, expect, test } from 'vitest';
import type { Look, LookResult } from '../../src/engine/look/look.js';
import { createRunLook } from '../../src/engine/look/run-look.js';
import { reconcile } from '../../src/engine/reconcile.js';
import { settlePending } from '../../src/engine/settle/settle-pending.js';
import type { JsonObject } from '../../src/types/json.js';
import { armError, fakeWorld, OWN_ID, vaultId, workflowId } from './fake-world.js';
import { lookOf } from './look-of.js';

/* Holdfast says that it changed something only where that is so, and does nothing that nobody asked for. */

const secured = {
  type: 'ApiConnection',
  runtimeConfiguration: { secureData: { properties: ['outputs'] } },
  inputs: {
    host: { connection: { name: "@parameters('$connections')['keyvault']['connectionId']" } },
    method: 'get',
    path: "/secrets/@{encodeURIComponent('one')}/value",
  },
};
const workflow = (more: JsonObject = {}, actions: JsonObject = { Get: secured }): JsonObject => ({
  id: workflowId().id,
  location: 'westeurope',
  ...more,
  properties: {
    state: 'Enabled',
    definition: { triggers: { manual: { type: 'Request' } }, actions },
    parameters: {
      $connections: {
        value: {
          keyvault: { id: '/subscriptions/s/providers/Microsoft.Web/locations/w/managedApis/keyvault' },
        },
      },
    },
  },
});
const vault = (defaultAction: string, author: string, at: string, more: JsonObject = {}): JsonObject => ({
  id: vaultId().id,
  location: 'westeurope',
  properties: {
    enableSoftDelete: true,
    enablePurgeProtection: true,
    networkAcls: { bypass: 'AzureServices', defaultAction, ipRules: [], virtualNetworkRules: [] },
    ...more,
  },
  systemData: { lastModifiedBy: author, lastModifiedAt: at },
});

function worldOf(document: JsonObject) {
  const world = fakeWorld();
  world.settings.modes = { 'workflow-managed-identity': 'enforce' };
  const id = document.id === workflowId().id ? workflowId() : vaultId();
  world.put(id, document);
  const runLook = createRunLook(world.deps);
  const look = (more: Partial<Look> = {}, ms = 20_000): Promise<LookResult> =>
    runLook(lookOf(id, more), { signal: AbortSignal.timeout(ms), confirmReleases: false });
  const pass = (ms: number): void => {
    world.settings.now = new Date(world.settings.now.getTime() + ms);
  };
  const settle = () => settlePending(world.deps, AbortSignal.timeout(10_000));
  const outcomes = () => world.records().map(({ outcome }) => outcome);
  return { ...world, runLook, look, pass, settle, outcomes };
}

describe('an identity that a workflow was to get, and did not', () => {
  /** The PUT never reached Azure. */
  async function unsent(why: Error) {
    const world = worldOf(workflow());
    const put = world.deps.writer.putWorkflow.bind(world.deps.writer);
    world.deps.writer.putWorkflow = () => Promise.reject(why);
    await world.look().catch(() => undefined);
    world.deps.writer.putWorkflow = put;
    expect(world.outcomes()).toEqual(['pending']);
    return world;
  }

  test.each([
    ['killed', new Error('killed')],
    ['not answered', armError('unavailable', 60_000)],
  ])('is not claimed where somebody saves the same definition with a tag: %s', async (_how, why) => {
    const world = await unsent(why);
    world.pass(60_000);
    world.settings.author = 'alice';
    world.put(workflowId(), workflow({ tags: { team: 'soc' } }));
    world.pass(180_000);
    await world.settle();
    expect(world.outcomes()).toEqual(['failed']);
  });

  test('is not claimed where somebody switches the workflow off', async () => {
    const world = await unsent(armError('unavailable', 60_000));
    const now = world.resources.get(workflowId().key) ?? {};
    const properties = {
      ...(now.properties as JsonObject),
      state: 'Disabled',
      changedTime: '2026-11-23T12:00:20Z',
    };
    world.resources.set(workflowId().key, { ...now, properties });
    world.versions.set(workflowId().key, [{ ...now, properties }]);
    world.pass(60_000);
    await world.look();
    expect(world.outcomes().toSorted()).toEqual(['applied', 'failed']);
    expect(world.calls.filter((call) => call.startsWith('PUT'))).toHaveLength(1);
  });

  test('is not claimed where somebody gives it one by hand', async () => {
    const world = await unsent(armError('unavailable', 60_000));
    world.pass(60_000);
    const systemData = { lastModifiedBy: 'alice', lastModifiedAt: '2026-11-23T12:00:40Z' };
    world.put(workflowId(), workflow({ identity: { type: 'SystemAssigned' }, systemData }));
    await world.look();
    expect(world.outcomes()).toEqual(['failed']);
  });
});

test('of two writes that would leave the same version, one never sent and one without an answer, neither claims it', async () => {
  const { type, inputs } = secured;
  const world = worldOf(workflow({}, { Get: { type, inputs } }));
  world.settings.modes = {};
  const put = world.deps.writer.putWorkflow.bind(world.deps.writer);
  world.deps.writer.putWorkflow = () => Promise.reject(new Error('killed'));
  await world.look().catch(() => undefined);
  world.deps.writer.putWorkflow = put;
  world.pass(1000);
  world.writeFaults.push({ error: armError('unavailable', 60_000), isApplied: true });
  await world.look();
  // Somebody saves another version, and for now the history of versions cannot be read.
  world.settings.author = 'alice';
  world.pass(1000);
  world.put(workflowId(), workflow({}, { Get: secured, Note: { type: 'Compose', inputs: 'x' } }));
  world.versionFaults.push(...Array.from({ length: 9 }, () => armError('unavailable')));
  world.pass(60_000);
  await world.look();
  expect(world.outcomes()).toEqual(['pending', 'failed']);
  world.versionFaults.length = 0;
  world.pass(180_000);
  await world.settle();
  expect(world.outcomes()).toEqual(['failed', 'failed']);
});

test('an identity whose write had no answer does not hide the save that it went over, though the history lags', async () => {
  const world = worldOf(workflow());
  const theirs = workflow({}, { Get: secured, Note: { type: 'Compose', inputs: 'x' } });
  world.interlopers.push(() => void world.put(workflowId(), theirs));
  world.writeFaults.push({ error: armError('unavailable', 60_000), isApplied: true });
  await world.look();
  const list = world.deps.reader.listWorkflowVersions.bind(world.deps.reader);
  let lagging = 2;
  world.deps.reader.listWorkflowVersions = async (...given) => {
    lagging -= 1;
    const versions = await list(...given);
    return lagging >= 0 ? versions.slice(1) : versions;
  };
  world.pass(3000);
  await world.look();
  world.pass(61_000);
  await world.look();
  const { actions } = world.propertiesOf(workflowId()).definition as { actions: JsonObject };
  expect(Object.keys(actions)).toEqual(['Get', 'Note']);
});

test('a vault that somebody shut by hand is not claimed because Holdfast has written something else to it since', async () => {
  const world = worldOf(vault('Allow', 'mallory', '2026-11-23T11:59:10Z'));
  const patch = world.deps.writer.patchVault.bind(world.deps.writer);
  world.deps.writer.patchVault = () => Promise.reject(new Error('killed'));
  await world.look().catch(() => undefined);
  world.deps.writer.patchVault = patch;
  world.put(vaultId(), vault('Deny', 'alice', '2026-11-23T12:00:30Z', { enablePurgeProtection: false }));
  world.settings.now = new Date('2026-11-23T12:01:00Z');
  expect(await world.look()).toMatchObject({ outcome: 'applied' });
  world.settings.now = new Date('2026-11-23T12:05:00Z');
  await world.settle();
  const shutting = world
    .records()
    .filter(({ edits }) => edits.some(({ path }) => path.endsWith('defaultAction')));
  expect(shutting.map(({ outcome }) => outcome)).toEqual(['failed']);
});

test('one 404 right after a write without an answer does not close it', async () => {
  const world = worldOf(vault('Allow', 'mallory', '2026-11-23T11:59:10Z'));
  world.writeFaults.push({ error: armError('unavailable'), isApplied: true });
  const read = world.deps.reader.read.bind(world.deps.reader);
  let reads = 0;
  world.deps.reader.read = (...given) => {
    reads += 1;
    return reads === 2 ? Promise.reject(armError('not-found')) : read(...given);
  };
  expect(await world.look()).toMatchObject({ kind: 'later' });
  world.pass(11_000);
  await world.look();
  expect(world.outcomes()).toEqual(['applied']);
});

test('a change whose outcome could not be recorded after it was remembered counts once towards what is contested', async () => {
  const world = worldOf(vault('Allow', 'mallory', '2026-11-23T11:59:10Z'));
  const write = world.deps.audit.write.bind(world.deps.audit);
  world.deps.audit.write = (records, evidence) =>
    records.some(({ outcome }) => outcome === 'applied')
      ? Promise.reject(new Error('the storage account is down'))
      : write(records, evidence);
  await world.look().catch(() => undefined);
  world.deps.audit.write = write;
  world.pass(180_000);
  await world.settle();
  expect(world.outcomes()).toEqual(['applied']);
  const { editHistory = [] } = world.memories.get(vaultId().key) ?? {};
  expect(editHistory.map(({ appliedAt }) => appliedAt.length)).toEqual([1]);
});

test('what Azure’s answer shows of a write that it took in part is applied, and the rest is not', async () => {
  const before = vault('Allow', 'mallory', '2026-11-23T11:59:10Z', { enablePurgeProtection: false });
  const world = worldOf(before);
  const half = vault('Allow', OWN_ID, '2026-11-23T12:00:00Z');
  world.interlopers.push(() => void world.put(vaultId(), half));
  world.writeFaults.push({ answer: half });
  await world.look();
  const outcomes = world.records().map(({ remediator, outcome }) => `${remediator} ${outcome}`);
  expect(outcomes.toSorted()).toEqual(['vault-firewall failed', 'vault-purge-protection applied']);
});

test('the change of a write that Azure took in part has a record of its own beside an earlier refusal, which stays', async () => {
  const before = vault('Allow', 'mallory', '2026-11-23T11:59:10Z', { enablePurgeProtection: false });
  const world = worldOf(before);
  const locked = { error: armError('locked'), isApplied: false };
  world.writeFaults.push(locked);
  await world.look();
  const half = vault('Allow', OWN_ID, '2026-11-23T12:00:00Z');
  world.interlopers.push(() => void world.put(vaultId(), half));
  world.writeFaults.push({ answer: half });
  await world.look();
  const ofPurge = world.records().filter(({ remediator }) => remediator === 'vault-purge-protection');
  expect(ofPurge.map(({ outcome }) => outcome).toSorted()).toEqual(['applied', 'refused']);
});

test('a wait that Azure has asked for is kept where the look ends first', async () => {
  const world = worldOf(vault('Allow', 'mallory', '2026-11-23T11:59:10Z'));
  world.writeFaults.push({ error: armError('throttled', 5000), isApplied: false });
  expect(await world.look({}, 200)).toMatchObject({ kind: 'later', retryAfterMs: 5000 });
});

test('whoever asks for one remediator by name has not asked for the others, whatever has to be looked at again', async () => {
  const open = { ...secured, runtimeConfiguration: {} };
  const world = worldOf(workflow({}, { Get: open }));
  world.settings.maxChanges = { kind: 'count', count: 0 };
  const theirs = workflow({}, { Get: open, Note: { type: 'Compose', inputs: 'x' } });
  world.interlopers.push(() => void world.put(workflowId(), theirs));
  await world.look({ trigger: 'http', askedForByName: true, remediators: ['workflow-secure-outputs'] });
  expect(world.queue).not.toEqual([]);
  for (const { message } of world.queue.splice(0)) await reconcile(world.deps, world.runLook, message);
  const applied = world.records().filter(({ outcome }) => outcome === 'applied');
  expect(new Set(applied.map(({ remediator }) => remediator))).toEqual(new Set(['workflow-secure-outputs']));
});
