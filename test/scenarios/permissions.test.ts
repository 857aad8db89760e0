import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { getSecret, playbook, PIPELINE, vault, vaultPath, workflowPath } from '../../demo/estate.js';
import { settle } from '../../demo/settle.js';
import { startStack, SUBSCRIPTION, type RunningHost, type Stack } from '../../demo/stack.js';
import type { Azure } from '../../simulator/azure.js';
import {
  CONNECTORS,
  connectionPath,
  eventually,
  expectRecordedOnce,
  firewall,
  hidesOutputs,
  isShut,
  keyVaultConnection,
  OFFICE,
  openSilently,
  ownChanges,
  recordsOf,
  rulesOf,
  SUBNET,
  subnetsOf,
  WIPED,
  withOutcome,
} from './fault-scenario.js';
import { onlyMainJob } from './main-job.js';

/* What Holdfast's identity is not allowed to do: it says so, and nothing is half done. */

vi.setConfig({ testTimeout: 120_000 });

const ALICE = 'alice@contoso.com';
const vaultId = vaultPath('kv-guarded');
const workflowId = workflowPath('reads-kv-guarded');
const scope = `/subscriptions/${SUBSCRIPTION}`;
let stack: Stack;
let azure: Azure;
/** The first of the stack, or the one after it. */
let host: RunningHost;
const lines: string[] = [];

/** Everything but these, at all scopes. */
const forbid = (...notActions: string[]): void => {
  const grants = [{ actions: ['*'], notActions, scope }];
  azure.permissions.restrict(stack.simulator.identity.objectId, grants);
};
const open = (): Promise<unknown> =>
  azure.as(ALICE).patch(vaultId, { properties: { networkAcls: firewall('Allow', OFFICE) } });
const lacking = (action: string, at: string): RegExp =>
  new RegExp(`lacks ${action.replaceAll('.', '\\.')} at ${at}[;.]`);
const failuresOf = async (id: string, since: Date) =>
  withOutcome(await recordsOf(stack, id, since), 'failed');

beforeAll(async () => {
  stack = await startStack({ settings: onlyMainJob(), onLog: (line) => lines.push(line) });
  ({ azure } = stack.simulator);
  azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
  const pipeline = azure.as(PIPELINE);
  await pipeline.put(connectionPath('to-kv-guarded'), keyVaultConnection('kv-guarded'));
  const actions = { Get_secret: getSecret('token', true) };
  await pipeline.put(workflowId, playbook(actions, 'to-kv-guarded'));
  await pipeline.put(
    vaultId,
    vault(azure, { networkAcls: firewall('Allow', OFFICE), enableSoftDelete: true }),
  );
  host = stack;
  await stack.subscribe();
});
afterAll(() => stack.close());
afterEach(() => {
  azure.permissions.unrestrict(stack.simulator.identity.objectId);
  azure.faults.clear();
});

it.each([
  ['Microsoft.Logic/workflows/read', scope],
  ['Microsoft.Web/connections/read', scope],
  ['Microsoft.Resources/subscriptions/resourceGroups/read', scope],
])('a vault that was never shut stays as it is while the list for %s is forbidden', async (action, at) => {
  const since = new Date();
  const mark = azure.journal.mark();
  forbid(action);
  await expect(host.sweep()).rejects.toThrow(lacking(action, at));
  await open();
  const failed = await eventually('the event’s look is recorded', async () => {
    const found = await failuresOf(vaultId, since);
    return found.length === 3 && found;
  });
  for (const { error, edits } of failed) {
    expect(error).toMatch(lacking(action, at));
    expect(edits).toEqual([]);
  }
  await settle(stack);
  await expect(host.sweep()).rejects.toThrow(lacking(action, at));
  expect(azure.journal.writes({ since: mark })).toEqual([]);
  expect(isShut(azure, vaultId)).toBe(false);
});

it('no token at all: nothing is asked, nothing is lost, and it goes on when there is one', async () => {
  await stack.stopHost();
  const fault = azure.faults.add({ endpoint: 'identity', action: { kind: 'error', status: 500 } });
  // A process of its stack: the first one has its token for a day.
  host = await stack.startHost({ port: Number(new URL(stack.hostUrl).port) });
  const since = new Date();
  const mark = azure.journal.mark();
  await open();
  await eventually('the event was left to the queue', () =>
    lines.find((line) => line.includes(`Queued ${vaultId}`) && line.includes('got no token')),
  );
  expect(azure.journal.requests({ since: mark, endpoint: 'identity' }).length).toBeGreaterThan(0);
  expect(azure.journal.requests({ since: mark, origin: 'client' })).toEqual([]);
  expect(await recordsOf(stack, vaultId, since)).toEqual([]);

  azure.faults.remove(fault);
  await eventually('the vault is shut', () => isShut(azure, vaultId));
  await settle(stack);
  expect(rulesOf(azure, vaultId)).toEqual([...CONNECTORS, OFFICE].sort());
  expectRecordedOnce(await recordsOf(stack, vaultId, since), ownChanges(stack, vaultId, mark), [
    'vault-firewall',
    'vault-logic-app-ips',
    'vault-purge-protection',
  ]);
  expect(host.hostUrl).toBe(stack.hostUrl);
});

it.each([
  {
    name: 'the role lacks reading vaults',
    hinder: () => {
      forbid('Microsoft.KeyVault/vaults/read');
    },
    action: 'Microsoft.KeyVault/vaults/read',
    writes: 0,
  },
  {
    name: 'a 401 answers the read',
    hinder: () => {
      azure.faults.add({
        method: 'GET',
        path: vaultId,
        action: { kind: 'error', status: 401, code: 'InvalidAuthenticationToken' },
      });
    },
    action: 'Microsoft.KeyVault/vaults/read',
    writes: 0,
  },
  {
    name: 'the role lacks writing vaults',
    hinder: () => {
      forbid('Microsoft.KeyVault/vaults/write');
    },
    action: 'Microsoft.KeyVault/vaults/write',
    writes: 1,
  },
  {
    name: 'a 401 answers the write',
    hinder: () => {
      azure.faults.add({
        method: 'PATCH',
        path: vaultId,
        action: { kind: 'error', status: 401, code: 'InvalidAuthenticationToken' },
      });
    },
    action: 'Microsoft.KeyVault/vaults/write',
    writes: 1,
  },
])('$name: the record names the permission and the scope, once', async ({ hinder, action, writes }) => {
  const since = new Date();
  const mark = azure.journal.mark();
  hinder();
  await open();
  await eventually('the failure is recorded', async () => (await failuresOf(vaultId, since)).length > 0);
  await settle(stack);
  const failed = await failuresOf(vaultId, since);
  for (const { error } of failed) expect(error).toMatch(lacking(action, vaultId));
  const remediators = failed.map(({ remediator }) => remediator);
  expect(new Set(remediators).size).toBe(remediators.length);
  expect(azure.journal.writes({ since: mark, under: vaultId })).toHaveLength(writes);
  expect(ownChanges(stack, vaultId, mark)).toEqual([]);
  expect(isShut(azure, vaultId)).toBe(false);

  azure.permissions.unrestrict(stack.simulator.identity.objectId);
  azure.faults.clear();
  const granted = azure.journal.mark();
  await host.sweep();
  await settle(stack);
  expect(isShut(azure, vaultId)).toBe(true);
  expect(rulesOf(azure, vaultId)).toEqual([...CONNECTORS, OFFICE].sort());
  const after = (await recordsOf(stack, vaultId, since)).filter(({ outcome }) => outcome !== 'failed');
  expectRecordedOnce(after, ownChanges(stack, vaultId, granted), ['vault-firewall']);
  expect(await failuresOf(vaultId, since)).toEqual(failed);
});

it('what the change links to is forbidden: the vault is shut without it, and the record says what is missing', async () => {
  const since = new Date();
  const mark = azure.journal.mark();
  forbid('Microsoft.Network/*');
  await azure.as(ALICE).patch(vaultId, { properties: { networkAcls: WIPED } });
  await eventually('the vault is shut', () => isShut(azure, vaultId));
  await settle(stack);
  const records = await recordsOf(stack, vaultId, since);
  const [failed] = withOutcome(records, 'failed');
  expect(failed?.error).toContain('LinkedAuthorizationFailed');
  const join = 'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action';
  expect(failed?.error).toMatch(lacking(join, SUBNET));
  // What is left out stands in a record of its stack, so that a person can put it back.
  const [refused] = withOutcome(records, 'refused');
  expect(refused?.edits.map(({ op, after }) => [op, (after as { id: string }).id])).toEqual([
    ['add', SUBNET],
  ]);
  expect(ownChanges(stack, vaultId, mark)).toHaveLength(1);
  expect(rulesOf(azure, vaultId)).toEqual([...CONNECTORS, OFFICE].sort());

  await azure
    .as(PIPELINE)
    .patch(vaultId, { properties: { networkAcls: firewall('Deny', ...rulesOf(azure, vaultId)) } });
  await settle(stack);
  expect(subnetsOf(azure, vaultId)).toEqual([SUBNET]);
});

it('a sweep that may not list the vaults says what is missing and writes nothing', async () => {
  const mark = azure.journal.mark();
  openSilently(azure, vaultId, WIPED);
  forbid('Microsoft.KeyVault/vaults/read');
  await expect(host.sweep()).rejects.toThrow(lacking('Microsoft.KeyVault/vaults/read', scope));
  await settle(stack);
  expect(azure.journal.writes({ since: mark })).toEqual([]);

  azure.permissions.unrestrict(stack.simulator.identity.objectId);
  await host.sweep();
  await settle(stack);
  expect(rulesOf(azure, vaultId)).toEqual([...CONNECTORS, OFFICE].sort());
  expect(subnetsOf(azure, vaultId)).toEqual([SUBNET]);
});

it('a sweep that may not list the workflows still shuts a vault that was seen shut, with all its rules', async () => {
  openSilently(azure, vaultId, WIPED);
  forbid('Microsoft.Logic/workflows/read');
  await expect(host.sweep()).rejects.toThrow(lacking('Microsoft.Logic/workflows/read', scope));
  await settle(stack);
  expect(isShut(azure, vaultId)).toBe(true);
  expect(rulesOf(azure, vaultId)).toEqual([...CONNECTORS, OFFICE].sort());
  expect(subnetsOf(azure, vaultId)).toEqual([SUBNET]);
});

// The index of readers was complete once; who came since is not in it.
it('a sweep that may not list the workflows does not shut a vault that was never shut', async () => {
  const id = vaultPath('kv-latecomer');
  const mark = azure.journal.mark();
  // Nothing announced the vault or its reader.
  const named = { id: connectionPath('to-kv-latecomer'), ...keyVaultConnection('kv-latecomer') };
  azure.place(JSON.stringify(named));
  const actions = { Get_secret: getSecret('token', true) };
  azure.place(
    JSON.stringify({ id: workflowPath('reads-kv-latecomer'), ...playbook(actions, 'to-kv-latecomer') }),
  );
  azure.place(
    JSON.stringify({
      id,
      ...vault(azure, { networkAcls: firewall('Allow', OFFICE), enableSoftDelete: true }),
    }),
  );
  forbid('Microsoft.Logic/workflows/read');
  await expect(host.sweep()).rejects.toThrow(lacking('Microsoft.Logic/workflows/read', scope));
  await settle(stack);
  expect(isShut(azure, id)).toBe(false);
  expect(azure.journal.writes({ since: mark, under: id })).toEqual([]);

  azure.permissions.unrestrict(stack.simulator.identity.objectId);
  await host.sweep();
  await settle(stack);
  expect(isShut(azure, id)).toBe(true);
  expect(rulesOf(azure, id)).toEqual([...CONNECTORS, OFFICE].sort());
});

it('a workflow that may not be written names the permission and the workflow', async () => {
  const since = new Date();
  const mark = azure.journal.mark();
  forbid('Microsoft.Logic/workflows/write');
  await azure.as(ALICE).put(workflowId, playbook({ Get_secret: getSecret('token', false) }, 'to-kv-guarded'));
  const failed = await eventually(
    'the failure is recorded',
    async () => (await failuresOf(workflowId, since))[0],
  );
  expect(failed.error).toMatch(lacking('Microsoft.Logic/workflows/write', workflowId));
  expect(ownChanges(stack, workflowId, mark)).toEqual([]);
  expect(hidesOutputs(azure, workflowId)).toBe(false);
});
