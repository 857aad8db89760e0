import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fetchRecords } from '../../demo/audit-client.js';
import {
  connectionPath,
  getSecret,
  keyVaultConnection,
  OPEN,
  playbook,
  shut,
  vault,
  vaultPath,
  workflowPath,
} from '../../demo/estate.js';
import type { Azure } from '../../simulator/azure.js';
import { eventually } from '../scenarios/scenario.js';
import { refused } from '../simulator/refused.js';
import { startDeployedApp, type DeployedApp } from './deployed-app.js';
import { HOME } from './installation.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

/* The app as the template installs it, on a simulated Azure: what its identity may do is what its roles say. */

const VAULT = vaultPath('kv-deployed');
const WORKFLOW = workflowPath('reads-kv-deployed');
const SAFE = { networkAcls: shut('198.51.100.0/24'), enableSoftDelete: true, enablePurgeProtection: true };
const BOB = 'bob@contoso.com';

async function furnish(azure: Azure): Promise<void> {
  azure.addResourceGroup(HOME, 'rg-security', 'westeurope');
  const pipeline = azure.as('deployment-pipeline');
  await pipeline.put(VAULT, vault(azure, SAFE));
  await pipeline.put(connectionPath('to-kv'), keyVaultConnection('kv-deployed', 'managed-identity'));
  await pipeline.put(WORKFLOW, playbook({ Get: getSecret('token', true) }, 'to-kv'));
}

const openVault = (azure: Azure): Promise<unknown> =>
  azure.as(BOB).patch(VAULT, { properties: { networkAcls: OPEN } });
const unsecure = (azure: Azure): Promise<unknown> =>
  azure.as(BOB).put(WORKFLOW, playbook({ Get: getSecret('token', false) }, 'to-kv'));
const isShut = (azure: Azure): boolean => /"defaultAction":"Deny"/.test(azure.read(VAULT) ?? '');
const isSecured = (azure: Azure): boolean => /"secureData"/.test(azure.read(WORKFLOW) ?? '');

async function sweep(app: DeployedApp): Promise<void> {
  const since = app.lines.length;
  await fetch(`${app.hostUrl}/admin/functions/sweep`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
  });
  await eventually('the sweep to end', () =>
    app.lines.slice(since).find((line) => /reconcile: .*\([0-9a-f-]{36}, [0-9a-f-]{36}\)/.test(line)),
  );
}

/** What ARM turned down of what the app asked. */
function turnedDown({ azure, identity }: DeployedApp): readonly string[] {
  return azure.journal
    .requests({ origin: 'client' })
    .filter(({ principal, status }) => principal?.objectId === identity.objectId && status === 403)
    .map(({ operation, path }) => `${operation ?? ''} ${path}`);
}

describe('installed to audit', () => {
  let app: DeployedApp;
  beforeAll(async () => {
    app = await startDeployedApp({ mode: 'audit' });
    await furnish(app.azure);
    await sweep(app);
  });
  afterAll(() => app.close());

  it('it reads everything with the role it was given, says what it would do, and writes nothing', async () => {
    const { azure, identity } = app;
    await openVault(azure);
    await unsecure(azure);
    await eventually('both to be planned', async () => {
      const records = await fetchRecords(app.hostUrl, { outcome: 'planned' });
      const ids = new Set(records.map(({ resourceId }) => resourceId.toLowerCase()));
      return [VAULT, WORKFLOW].every((id) => ids.has(id.toLowerCase())) ? true : null;
    });
    await sweep(app);
    expect(turnedDown(app)).toEqual([]);
    expect(azure.journal.changes({ principal: identity.objectId })).toEqual([]);
    expect(isShut(azure)).toBe(false);
    expect(isSecured(azure)).toBe(false);
  });

  it.each([
    ['a vault', () => app.azure.as(app.identity).patch(VAULT, { properties: SAFE })],
    ['a workflow', () => app.azure.as(app.identity).put(WORKFLOW, playbook({}, 'to-kv'))],
    [
      'its own settings',
      () =>
        app.azure
          .as(app.identity)
          .put(`${app.siteId}/config/appsettings?api-version=2024-04-01`, { properties: {} }),
    ],
  ])('ARM refuses it to write %s', async (_name, write) => {
    expect(await refused(write())).toBe('403 AuthorizationFailed');
  });
});

describe('installed to enforce', () => {
  let app: DeployedApp;
  beforeAll(async () => {
    app = await startDeployedApp({ mode: 'enforce' });
    await furnish(app.azure);
    await sweep(app);
  });
  afterAll(() => app.close());

  it('an opened vault and a bared secret are put right, each by its event', async () => {
    const { azure, identity } = app;
    const since = azure.journal.mark();
    await openVault(azure);
    await eventually('the vault to be shut', () => (isShut(azure) ? true : null));
    await unsecure(azure);
    await eventually('the outputs to be hidden', () => (isSecured(azure) ? true : null));
    await azure.events.idle();
    const delivered = azure.journal.deliveries(since).filter(({ outcome }) => outcome === 'delivered');
    expect(new Set(delivered.map(({ resourceUri }) => resourceUri))).toEqual(new Set([VAULT, WORKFLOW]));
    expect(azure.journal.changes({ since, principal: identity.objectId })).not.toEqual([]);
    expect(turnedDown(app)).toEqual([]);
  });

  it('events come through the subscription that was deployed, filtered as it says, until somebody deletes it', async () => {
    const { azure } = app;
    const delivered = async (work: () => Promise<unknown>): Promise<number> => {
      const since = azure.journal.mark();
      await work();
      await azure.events.idle();
      return azure.journal.deliveries(since).length;
    };
    const tag = (): Promise<unknown> => azure.as(BOB).patch(VAULT, { tags: { owner: 'bob' } });
    const group = `/subscriptions/${HOME}/resourceGroups/rg-new`;
    expect(await delivered(tag)).toBe(1);
    expect(await delivered(() => azure.as(BOB).put(group, { location: 'westeurope' }))).toBe(0);
    const [subscription] = azure.resourceIds().filter((id) => id.includes('/eventSubscriptions/'));
    await azure.as(BOB).delete(`${subscription ?? ''}?api-version=2022-06-15`);
    expect(await delivered(tag)).toBe(0);
  });
});
