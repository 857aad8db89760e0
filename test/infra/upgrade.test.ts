import { setDefaultCACertificates } from 'node:tls';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fetchRecords } from '../../demo/audit-client.js';
import { OPEN, shut, vault, vaultPath } from '../../demo/estate.js';
import type { Azure } from '../../simulator/azure.js';
import { eventually } from '../scenarios/scenario.js';
import { startDeployedApp, type DeployedApp } from './deployed-app.js';
import { HOME, OTHER, OTHER_GROUP, PACKAGE } from './installation.js';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

/* What the guide's Upgrade says stays, does: an app that has worked for a while is deployed again, and goes on. */

const BOB = 'bob@contoso.com';
const EXEMPT = vaultPath('kv-exempt');
const VAULTS = ['kv-one', 'kv-two', 'kv-three'].map(vaultPath);
const [ONE = '', TWO = '', THREE = ''] = VAULTS;
const SAFE = { networkAcls: shut('198.51.100.0/24'), enableSoftDelete: true, enablePurgeProtection: true };
const NEWER = PACKAGE.replace('latest/download', 'download/v9.9.9');
const PARAMETERS = {
  mode: 'enforce',
  scopes: [`/subscriptions/${HOME}`, OTHER_GROUP],
  exempt: EXEMPT,
  settings: { HOLDFAST_CONTESTED_AFTER: '20' },
};

let app: DeployedApp;
beforeAll(async () => {
  app = await startDeployedApp(PARAMETERS);
  setDefaultCACertificates([app.storage.certificate]);
  app.azure.addResourceGroup(HOME, 'rg-security', 'westeurope');
  for (const id of [EXEMPT, ...VAULTS])
    await app.azure.as('deployment-pipeline').put(id, vault(app.azure, SAFE));
  for (const id of VAULTS) {
    await open(app.azure, id);
    await shutAgain(id);
  }
  await open(app.azure, EXEMPT);
  await eventually('the exempt vault to be recorded', async () => {
    const records = await fetchRecords(app.hostUrl, { outcome: 'exempt' });
    return records.length > 0 ? true : null;
  });
  app.azure.functionApps.publish(NEWER, ['resourceChanged', 'sweep', 'reconcile', 'remediate', 'new']);
});
afterAll(() => app.close());

const open = (azure: Azure, id: string): Promise<unknown> =>
  azure.as(BOB).patch(id, { properties: { networkAcls: OPEN } });
const isShut = (id: string): boolean => /"defaultAction":"Deny"/.test(app.azure.read(id) ?? '');
const shutAgain = (id: string): Promise<true> =>
  eventually(`${id} to be shut`, () => (isShut(id) ? true : null), 30_000);
const appliedTo = async (id: string): Promise<number> =>
  (await fetchRecords(app.hostUrl, { resourceId: id, outcome: 'applied' })).length;

/** What is in the account's tables, by table and keys. */
async function rows(): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  const tables = TableServiceClient.fromConnectionString(app.storage.connectionString).listTables();
  for await (const { name = '' } of tables) {
    for await (const row of tableNamed(name).listEntities()) {
      found.set(`${name}|${String(row.partitionKey)}|${String(row.rowKey)}`, row);
    }
  }
  return found;
}
function tableNamed(name: string): TableClient {
  return TableClient.fromConnectionString(app.storage.connectionString, name);
}

/** What says where state is, who the app is and who calls it: another value would lose what lies under the first. */
function anchors(): unknown {
  const {
    AzureWebJobsStorage__blobServiceUri,
    HOLDFAST_ARCHIVE,
    HOLDFAST_LOG_INGESTION_RULE,
    AZURE_CLIENT_ID,
  } = app.azure.functionApps.settings(app.siteId);
  const subscriptions = app.azure.resourceIds().filter((id) => id.includes('/eventSubscriptions/'));
  return {
    AzureWebJobsStorage__blobServiceUri,
    HOLDFAST_ARCHIVE,
    HOLDFAST_LOG_INGESTION_RULE,
    AZURE_CLIENT_ID,
    subscriptions,
    resources: app.azure.resourceIds().toSorted(),
  };
}

describe('deployed again, with a newer package and other parameters', () => {
  let before: { readonly rows: ReadonlyMap<string, unknown>; readonly anchors: unknown };
  beforeAll(async () => {
    before = { rows: await rows(), anchors: anchors() };
    await app.deployAgain({ ...PARAMETERS, packageUri: NEWER, maxChanges: '77', retentionInDays: 120 });
  });

  it('it has every row that it had, and the same account, archive, identity and event subscriptions, once', async () => {
    const after = await rows();
    expect(before.rows.size).toBeGreaterThan(10);
    expect([...before.rows.keys()].filter((key) => !after.has(key))).toEqual([]);
    expect(anchors()).toEqual(before.anchors);
    expect(app.azure.events.subscriptions).toHaveLength(2);
  });

  it('it runs the newer package with what the parameters say now, and keeps what they say again', () => {
    expect(app.azure.functionApps.hasFunction(app.siteId, 'new')).toBe(true);
    expect(app.azure.functionApps.settings(app.siteId)).toMatchObject({
      HOLDFAST_MODE: 'enforce',
      HOLDFAST_EXEMPT: EXEMPT,
      HOLDFAST_CONTESTED_AFTER: '20',
    });
  });

  it('it shows the records of before, and an event leads to one fix and one record', async () => {
    const earlier = await appliedTo(ONE);
    expect(earlier).toBeGreaterThan(0);
    await open(app.azure, ONE);
    await shutAgain(ONE);
    await eventually('its record', async () => ((await appliedTo(ONE)) > earlier ? true : null));
    expect(await appliedTo(ONE)).toBe(earlier + 1);
  });

  it('it remembers: what is exempt stays so and is not recorded anew', async () => {
    const count = async (): Promise<number> =>
      (await fetchRecords(app.hostUrl, { resourceId: EXEMPT, outcome: 'exempt' })).length;
    const earlier = await count();
    await app.azure.as(BOB).patch(EXEMPT, { tags: { touched: 'yes' } });
    await open(app.azure, TWO);
    await shutAgain(TWO);
    await app.azure.events.idle();
    expect(await count()).toBe(earlier);
    expect(isShut(EXEMPT)).toBe(false);
  });
});

it('deployed again in the middle of events, it misses none of them', async () => {
  const before = await Promise.all(VAULTS.map(appliedTo));
  const breaking = (async () => {
    for (const id of VAULTS) await open(app.azure, id);
  })();
  await Promise.all([breaking, app.deployAgain({ ...PARAMETERS, packageUri: NEWER })]);
  for (const id of VAULTS) await shutAgain(id);
  await eventually('their records', async () => {
    const now = await Promise.all(VAULTS.map(appliedTo));
    return now.every((count, i) => count > (before[i] ?? 0)) ? true : null;
  });
});

it('where a scope is taken out, what was made there stays for a person to remove', async () => {
  const roles = (): readonly string[] =>
    [`/subscriptions/${HOME}`, OTHER_GROUP].filter((scope) =>
      app.azure.isGranted({
        principalId: app.identity.objectId,
        action: 'Microsoft.KeyVault/vaults/write',
        scope,
        isData: false,
      }),
    );
  const both = roles();
  expect(both).toHaveLength(2);
  await app.deployAgain({ ...PARAMETERS, scopes: [`/subscriptions/${HOME}`] });
  expect(roles()).toEqual(both);
  expect(app.azure.events.subscriptions.map(({ subscriptionId }) => subscriptionId)).toEqual([HOME, OTHER]);
  expect(app.azure.functionApps.settings(app.siteId).HOLDFAST_SCOPES).toBe(`/subscriptions/${HOME}`);
});

describe('an app that is older than what it finds', () => {
  it('leaves a newer row as it is, and goes on with everything else', async () => {
    const table = tableNamed('HoldfastMemory');
    const stored = [...(await rows()).entries()].find(
      ([key, row]) =>
        key.startsWith('HoldfastMemory|') && (row as { key?: unknown }).key === THREE.toLowerCase(),
    )?.[1] as { partitionKey: string; rowKey: string };
    const { partitionKey, rowKey } = stored;
    await table.updateEntity({ partitionKey, rowKey, v: 99 }, 'Merge');
    const newer = await table.getEntity(partitionKey, rowKey);
    const since = app.lines.length;
    await open(app.azure, THREE);
    await eventually('a line that says so', () =>
      app.lines.slice(since).find((line) => /version 99; this Holdfast knows 1\. Update it/.test(line)),
    );
    await open(app.azure, ONE);
    await shutAgain(ONE);
    expect(await table.getEntity(partitionKey, rowKey)).toEqual(newer);
    await table.updateEntity({ partitionKey, rowKey, v: 1 }, 'Merge');
  });

  it('leaves a newer message to the newer app, as it came', async () => {
    const queueNamed = (name: string): QueueClient => new QueueClient(app.storage.connectionString, name);
    const message = Buffer.from(JSON.stringify({ v: 99, kind: 'look', at: TWO })).toString('base64');
    await queueNamed('reconcile').sendMessage(message, { messageTimeToLive: -1 });
    const given = await eventually(
      'the message to be given up',
      async () => {
        const { peekedMessageItems } = await queueNamed('reconcile-poison')
          .peekMessages({ numberOfMessages: 32 })
          .catch(() => ({ peekedMessageItems: [] }));
        return peekedMessageItems.find(({ messageText }) => messageText === message);
      },
      40_000,
    );
    expect(given.messageText).toBe(message);
  });
});
