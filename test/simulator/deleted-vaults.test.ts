import { beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../simulator/actor.js';
import { Azure } from '../../simulator/azure.js';
import { manualClock, type ManualClock } from '../../simulator/clock.js';
import { GROUP, SUBSCRIPTION, TENANT, VAULT_ID, vaultBody } from './samples.js';
import { refused } from './refused.js';

const DELETED = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/deletedVaults`;
const ONE = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-one`;
const WHO = '00000000-0000-4000-8000-00000000000a';
const DAY = 86_400_000;

let azure: Azure;
let actor: Actor;
let clock: ManualClock;

beforeEach(() => {
  clock = manualClock();
  azure = new Azure(() => 'https://arm.example', { clock });
  azure.addResourceGroup(SUBSCRIPTION, 'rg');
  actor = azure.as('alice@contoso.com');
});

async function deletedNames(): Promise<readonly string[]> {
  const { value } = JSON.parse(await actor.get(DELETED)) as { value: { name: string }[] };
  return value.map(({ name }) => name);
}

const recovery = (more: object = {}): object => ({
  location: 'westeurope',
  properties: { tenantId: TENANT, sku: { family: 'A', name: 'standard' }, createMode: 'recover', ...more },
});

const policy = { tenantId: TENANT, objectId: WHO, permissions: { secrets: ['get'] } };

it('a vault that is displaced has never been there: not deleted, no event, its name free', async () => {
  await actor.put(VAULT_ID, vaultBody({}));
  const mark = azure.journal.mark();
  azure.displace(VAULT_ID.toUpperCase());
  azure.displace(VAULT_ID);
  expect(await refused(actor.get(VAULT_ID))).toBe('404 ResourceNotFound');
  expect(await deletedNames()).toEqual([]);
  expect(azure.journal.changes({ since: mark })).toEqual([]);
  await actor.put(VAULT_ID, vaultBody({}));
  expect(azure.resourceIds()).toEqual([VAULT_ID]);
});

describe('a deleted vault', () => {
  it('is shown with when it was deleted and when it will be purged', async () => {
    await actor.put(VAULT_ID, {
      ...vaultBody({ softDeleteRetentionInDays: 7, enablePurgeProtection: true }),
      tags: { a: 'b' },
    });
    await actor.delete(VAULT_ID);
    const shown = {
      id: ONE,
      name: 'kv-one',
      type: 'Microsoft.KeyVault/deletedVaults',
      properties: {
        vaultId: VAULT_ID,
        location: 'westeurope',
        tags: { a: 'b' },
        deletionDate: '2026-03-01T08:00:00Z',
        scheduledPurgeDate: '2026-03-08T08:00:00Z',
        purgeProtectionEnabled: true,
      },
    };
    expect(JSON.parse(await actor.get(ONE))).toEqual(shown);
    expect(JSON.parse(await actor.get(DELETED))).toEqual({ value: [shown] });
    await clock.advance(7 * DAY);
    expect(await refused(actor.get(ONE))).toBe('404 DeletedVaultNotFound');
  });

  it('is listed in pages', async () => {
    azure.pageSize = 2;
    for (const n of ['a', 'b', 'c']) {
      await actor.put(`${VAULT_ID}-${n}`, vaultBody());
      await actor.delete(`${VAULT_ID}-${n}`);
    }
    const first = JSON.parse(await actor.get(DELETED)) as { value: unknown[]; nextLink: string };
    expect(first.value).toHaveLength(2);
    const second = JSON.parse(await actor.get(first.nextLink.replace('https://arm.example', ''))) as object;
    expect(second).toMatchObject({ value: [{ name: 'kv-one-c' }] });
    expect(second).not.toHaveProperty('nextLink');
  });

  it('is not looked at or purged without permission', async () => {
    await actor.put(VAULT_ID, vaultBody());
    await actor.delete(VAULT_ID);
    azure.permissions.restrict(actor.principal.objectId, [
      { actions: ['Microsoft.KeyVault/locations/deletedVaults/read'], scope: '/' },
    ]);
    expect(await refused(actor.get(ONE))).toBe('not refused');
    expect(await refused(actor.get(DELETED))).toBe('403 AuthorizationFailed');
    expect(await refused(actor.post(`${ONE}/purge`))).toBe('403 AuthorizationFailed');
  });

  it('keeps its name until it is purged, which purge protection forbids', async () => {
    await actor.put(VAULT_ID, vaultBody());
    await actor.delete(VAULT_ID);
    expect(await refused(actor.put(VAULT_ID, vaultBody()))).toBe('409 ConflictError');
    expect((await actor.post(`${ONE}/purge`)).status).toBe(200);
    expect(await deletedNames()).toEqual([]);
    await actor.put(VAULT_ID, vaultBody({ enablePurgeProtection: true }));
    await actor.delete(VAULT_ID);
    expect(await refused(actor.post(`${ONE}/purge`))).toBe('405 MethodNotAllowed');
    expect(await refused(actor.post(`${ONE}-none/purge`))).toBe('404 DeletedVaultNotFound');
    expect(await refused(actor.delete(ONE))).toBe('405 MethodNotAllowed');
  });

  it('is gone for good where it had no soft delete', async () => {
    const body = { id: VAULT_ID, location: 'westeurope', properties: { enableSoftDelete: false } };
    azure.place(JSON.stringify(body));
    await actor.delete(VAULT_ID);
    expect(await deletedNames()).toEqual([]);
    expect((await actor.put(VAULT_ID, vaultBody())).status).toBe(201);
  });
});

describe('recovering a vault', () => {
  it('brings it back as it was; what else is sent is not applied', async () => {
    const networkAcls = { bypass: 'None', defaultAction: 'Deny', ipRules: [{ value: '20.1.2.3' }] };
    await actor.put(VAULT_ID, {
      ...vaultBody({ networkAcls, accessPolicies: [policy], enableRbacAuthorization: false }),
      tags: { a: 'b' },
    });
    const before = JSON.parse(await actor.get(VAULT_ID)) as { properties: object; tags: object };
    await actor.delete(VAULT_ID);
    const answer = await actor.put(
      VAULT_ID,
      recovery({ publicNetworkAccess: 'Disabled', accessPolicies: [] }),
    );
    expect(answer.status).toBe(201);
    expect(JSON.parse(answer.body)).toMatchObject({ properties: before.properties, tags: { a: 'b' } });
    expect(JSON.parse(answer.body)).not.toHaveProperty('properties.publicNetworkAccess');
    expect(await deletedNames()).toEqual([]);
  });

  it.each([
    ['one that was not deleted', VAULT_ID.replace('kv-one', 'kv-two'), 'westeurope'],
    ['it in another place', VAULT_ID, 'northeurope'],
    ['it in another group', VAULT_ID.replace('/rg/', '/other/'), 'westeurope'],
  ])('does not find %s', async (_name, path, location) => {
    azure.addResourceGroup(SUBSCRIPTION, 'other');
    await actor.put(VAULT_ID, vaultBody());
    await actor.delete(VAULT_ID);
    const body = { ...recovery(), location };
    expect(await refused(actor.put(path, body))).toBe('404 SoftDeletedVaultDoesNotExist');
    expect(await deletedNames()).toEqual(['kv-one']);
  });

  it('takes a while, where the switch says so', async () => {
    azure.switches.set({ vaultRegistrationMs: 60_000 });
    const created = await actor.put(VAULT_ID, vaultBody());
    expect(JSON.parse(created.body)).toMatchObject({ properties: { provisioningState: 'RegisteringDns' } });
    await clock.advance(60_000);
    expect(JSON.parse(await actor.get(VAULT_ID))).toMatchObject({
      properties: { provisioningState: 'Succeeded' },
    });
    await actor.delete(VAULT_ID);
    await actor.put(VAULT_ID, recovery());
    await actor.patch(VAULT_ID, { tags: { a: 'b' } });
    expect(await actor.get(VAULT_ID)).toContain('RegisteringDns');
    await clock.advance(60_000);
    expect(await actor.get(VAULT_ID)).toContain('"provisioningState":"Succeeded"');
  });

  it('does not bring back who had which role', async () => {
    await actor.put(VAULT_ID, vaultBody());
    azure.assignRole({ scope: VAULT_ID, principalId: WHO, role: 'Key Vault Secrets User' });
    azure.assignRole({ scope: GROUP, principalId: WHO, role: 'Reader' });
    await actor.delete(VAULT_ID);
    await actor.put(VAULT_ID, recovery());
    const text = await actor.get(`${VAULT_ID}/providers/Microsoft.Authorization/roleAssignments`);
    expect(JSON.parse(text)).toMatchObject({ value: [{ properties: { scope: GROUP } }] });
  });

  it.each([
    ['kept', 1],
    ['lost', 0],
  ] as const)('finds its diagnostic settings %s', async (setting, count) => {
    azure.switches.set({ diagnosticSettingsOfDeleted: setting });
    const workspaceId = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs`;
    azure.logs.addWorkspace(workspaceId);
    await actor.put(VAULT_ID, vaultBody());
    const settings = `${VAULT_ID}/providers/Microsoft.Insights/diagnosticSettings`;
    await actor.put(`${settings}/audit`, {
      properties: { workspaceId, logs: [{ categoryGroup: 'audit', enabled: true }] },
    });
    await actor.delete(VAULT_ID);
    expect(await refused(actor.get(settings))).toBe('404 ResourceNotFound');
    await actor.put(VAULT_ID, recovery());
    const { value } = JSON.parse(await actor.get(settings)) as { value: unknown[] };
    expect(value).toHaveLength(count);
  });
});
