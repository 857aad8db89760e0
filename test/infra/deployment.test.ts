import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Azure } from '../../simulator/azure.js';
import { isObject } from '../../simulator/json.js';
import { startSimulator } from '../../simulator/simulator.js';
import { readSettings } from '../../src/settings/settings.js';
import { permissionsOf } from '../../src/permissions.js';
import { call } from '../simulator/arm-client.js';
import {
  emptyAzure,
  errorsOf,
  GROUP,
  HOME,
  install,
  installation,
  LOG_WORKSPACE,
  OTHER,
  OTHER_GROUP,
  prepare,
  type Install,
} from './installation.js';

/* The whole installation, deployed to a simulated Azure that refuses what Azure would refuse. */

const permissions = permissionsOf();
/** Read where records are sent on. */
const FOR_SINKS = [
  'HOLDFAST_TEAMS_WEBHOOK',
  'HOLDFAST_EVENT_GRID_TOPIC',
  'HOLDFAST_LOG_INGESTION_ENDPOINT',
  'HOLDFAST_LOG_INGESTION_RULE',
  'HOLDFAST_ARCHIVE',
];
const SCOPES = [`/subscriptions/${HOME}`, OTHER_GROUP];

/** Deploys, and rejects with Azure's errors where it did not go well. */
async function succeed(azure: Azure, how: Install = {}): Promise<(output: string) => string> {
  const deployment = await install(azure, how);
  expect(errorsOf(deployment)).toEqual([]);
  return (output) => {
    const value = deployment.outputs[output];
    return isObject(value) ? String(value.value) : '';
  };
}

const idsOf = (azure: Azure, type: string): readonly string[] =>
  azure.resourceIds().filter((id) => id.toLowerCase().includes(`/${type.toLowerCase()}/`));

/** What the identity may do at a scope by its roles, of these actions. */
function granted(
  azure: Azure,
  principalId: string,
  scope: string,
  actions: readonly string[],
): readonly string[] {
  return actions.filter((action) => azure.isGranted({ principalId, action, scope, isData: false }));
}

const { read, write, optional, logWorkspace } = permissions;
const onScope = [...read, ...write, ...Object.values(optional).flat()];

describe('an installation', () => {
  it('in one subscription: everything is there, and the app has what it starts with', async () => {
    const azure = emptyAzure();
    const output = await succeed(azure);
    const settings = azure.functionApps.settings(output('functionAppId'));
    expect(azure.functionApps.problem(output('functionAppId'))).toBeNull();
    expect(output('url')).toBe(`https://${output('functionApp')}.azurewebsites.net`);
    expect(readSettings(settings)).toMatchObject({
      scopes: [{ subscriptionId: HOME, resourceGroup: null }],
      armEndpoint: 'https://management.azure.com',
      storage: {
        kind: 'identity',
        blobServiceUri: `https://${output('storageAccount')}.blob.core.windows.net/`,
      },
    });
    expect(settings.AZURE_CLIENT_ID).toBe(settings.AzureWebJobsStorage__clientId);
    expect(settings.HOLDFAST_LOG_INGESTION_RULE).toMatch(/^dcr-[0-9a-f]{32}$/);
    expect(azure.events.subscriptions).toHaveLength(1);
  });

  it('sets what the app reads', async () => {
    const azure = emptyAzure();
    const output = await succeed(azure, { parameters: { settings: { HOLDFAST_MAX_CHANGES: '10%' } } });
    const read = readFileSync(join(__dirname, '../../src/settings/schema.ts'), 'utf8');
    const names = Object.keys(azure.functionApps.settings(output('functionAppId')));
    const own = names.filter((name) => /^(HOLDFAST_|AZURE_)/.test(name) && !FOR_SINKS.includes(name));
    expect(own).toContain('HOLDFAST_MAX_CHANGES');
    expect(own.filter((name) => !read.includes(`${name}:`))).toEqual([]);
  });

  it.each([
    ['audit', read],
    ['enforce', [...read, ...write]],
  ] as const)(
    'to %s: the identity may do that and nothing else, in each scope and nowhere beside',
    async (mode, allowed) => {
      const azure = emptyAzure();
      const output = await succeed(azure, {
        parameters: { scopes: SCOPES, mode, logWorkspaceId: LOG_WORKSPACE },
      });
      const principal = output('principalId');
      for (const scope of [`${GROUP}/providers/Microsoft.KeyVault/vaults/kv`, OTHER_GROUP]) {
        expect(granted(azure, principal, scope, onScope)).toEqual(
          onScope.filter((action) => allowed.includes(action)),
        );
      }
      // Deleted vaults are shown by subscription, also those of a resource group.
      expect(granted(azure, principal, `/subscriptions/${OTHER}`, onScope)).toEqual(permissions.subscription);
      expect(granted(azure, principal, LOG_WORKSPACE, logWorkspace.enforce)).toEqual(logWorkspace[mode]);
      const elsewhere = LOG_WORKSPACE.replace('la-security', 'la-other');
      expect(granted(azure, principal, elsewhere, logWorkspace.enforce)).toEqual([]);
    },
  );

  it.each([
    ['connection-managed-identity=enforce', optional['connection-managed-identity'] ?? []],
    [
      'vault-firewall=audit, connection-managed-identity = approve',
      optional['connection-managed-identity'] ?? [],
    ],
    ['connection-managed-identity=audit', []],
    ['connection-managed-identity=off', []],
  ])('that turns on %s gives the actions for it only where it writes', async (remediators, expected) => {
    const azure = emptyAzure();
    const output = await succeed(azure, { parameters: { mode: 'enforce', remediators } });
    const all = Object.values(optional).flat();
    expect(granted(azure, output('principalId'), GROUP, all)).toEqual(expected);
  });

  it('that goes back from enforce to audit takes away what writes', async () => {
    const azure = emptyAzure();
    await succeed(azure, { parameters: { mode: 'enforce', scopes: SCOPES } });
    const output = await succeed(azure, { parameters: { mode: 'audit', scopes: SCOPES } });
    expect(granted(azure, output('principalId'), GROUP, write)).toEqual([]);
    expect(granted(azure, output('principalId'), OTHER_GROUP, write)).toEqual([]);
  });

  it('of two subscriptions has a system topic in each, and the second one a group for it', async () => {
    const azure = emptyAzure();
    await succeed(azure, { parameters: { scopes: SCOPES } });
    const topics = idsOf(azure, 'systemTopics').filter((id) => !id.includes('/eventSubscriptions/'));
    expect(topics.map((id) => id.split('/').slice(0, 5).join('/'))).toEqual([
      GROUP,
      `/subscriptions/${OTHER}/resourceGroups/rg-holdfast-events`,
    ]);
    expect(azure.events.subscriptions.map(({ subscriptionId }) => subscriptionId)).toEqual([HOME, OTHER]);
  });

  it.each([
    ['without its identity', undefined, false],
    ['with its identity, which keeps what is not delivered', 'identityId', true],
  ])('uses a system topic that is there already, %s', async (_name, identity, deadLetters) => {
    const azure = emptyAzure();
    const { identityId } = await onceInstalled(azure);
    const topic = `/subscriptions/${OTHER}/resourceGroups/rg-apps/providers/Microsoft.EventGrid/systemTopics/evgt-central`;
    await azure.as('central-it@contoso.com').put(`${topic}?api-version=2022-06-15`, {
      location: 'global',
      properties: { source: `/subscriptions/${OTHER}`, topicType: 'Microsoft.Resources.Subscriptions' },
      ...(identity === undefined
        ? {}
        : { identity: { type: 'UserAssigned', userAssignedIdentities: { [identityId]: {} } } }),
    });
    const systemTopics = { [OTHER]: { resourceGroup: 'rg-apps', name: 'evgt-central', deadLetters } };
    await succeed(azure, { parameters: { scopes: SCOPES, systemTopics } });
    const [subscription = ''] = idsOf(azure, 'eventSubscriptions').filter((id) => id.startsWith(topic));
    expect(azure.read(subscription)?.includes('holdfast-dead-letters')).toBe(deadLetters);
    expect(idsOf(azure, 'rg-holdfast-events')).toEqual([]);
  });

  it('a second time changes nothing', async () => {
    const azure = emptyAzure();
    const parameters = { scopes: SCOPES, mode: 'enforce', logWorkspaceId: LOG_WORKSPACE };
    await succeed(azure, { parameters });
    const before = snapshot(azure);
    await succeed(azure, { parameters });
    expect(snapshot(azure)).toEqual(before);
  });

  it('whose code comes by itself, as azd does it: first without events, then with them', async () => {
    const azure = emptyAzure();
    const output = await succeed(azure, { parameters: { packageUri: '', eventSubscriptions: false } });
    expect(azure.events.subscriptions).toEqual([]);
    const early = await install(azure, { parameters: { packageUri: '' } });
    expect(errorsOf(early)).toEqual(['Endpoint validation: Destination endpoint not found.']);
    azure.functionApps.deploy(output('functionAppId'), ['resourceChanged', 'sweep']);
    await succeed(azure, { parameters: { packageUri: '' } });
    expect(azure.events.subscriptions).toHaveLength(1);
  });

  it('whose archive is locked is left alone where the template is told so', async () => {
    const azure = emptyAzure();
    await succeed(azure);
    const [policy = ''] = idsOf(azure, 'immutabilityPolicies');
    await azure.as('records@contoso.com').post(`${policy}/lock?api-version=2023-05-01`);
    expect(errorsOf(await install(azure))).toEqual([
      'ContainerImmutabilityPolicyFailure: Operation not allowed on immutability policy with current state.',
    ]);
    azure.switches.set({ lockedImmutabilityPolicy: 'same-accepted' });
    await succeed(azure);
    azure.switches.reset();
    await succeed(azure, { parameters: { archivePolicyIsLocked: true } });
  });

  it('keeps the archive where the app can neither change nor delete what is in it', async () => {
    const azure = emptyAzure();
    const output = await succeed(azure, { parameters: { mode: 'enforce', scopes: SCOPES } });
    const archive = `${GROUP}/providers/Microsoft.Storage/storageAccounts/${output('archiveAccount')}`;
    const container = `${archive}/blobServices/default/containers/holdfast-archive`;
    const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';
    const may = (scope: string, ...actions: readonly string[]): readonly string[] =>
      actions.filter((action) =>
        azure.isGranted({ principalId: output('principalId'), action, scope, isData: true }),
      );
    const all = ['read', 'add/action', 'write', 'delete', 'move/action', 'tags/write'].map(
      (verb) => `${blobs}/${verb}`,
    );
    expect(may(container, ...all)).toEqual([`${blobs}/read`, `${blobs}/add/action`]);
    expect(may(archive, ...all)).toEqual([]);
    expect(may(`${archive}/blobServices/default/containers/other`, ...all)).toEqual([]);
    const ofPolicy = ['immutabilityPolicies/write', 'immutabilityPolicies/delete', 'write', 'delete'].map(
      (verb) => `Microsoft.Storage/storageAccounts/blobServices/containers/${verb}`,
    );
    const manage = [...ofPolicy, 'Microsoft.Storage/storageAccounts/listKeys/action'];
    expect(granted(azure, output('principalId'), container, manage)).toEqual([]);
    expect(azure.read(archive)).toContain('"allowSharedKeyAccess":false');
    expect(azure.functionApps.settings(output('functionAppId')).HOLDFAST_ARCHIVE).toBe(
      `https://${output('archiveAccount')}.blob.core.windows.net/holdfast-archive`,
    );
  });

  it('whose archive is named by hand goes on with that one', async () => {
    const azure = emptyAzure();
    const HOLDFAST_ARCHIVE = 'https://stearlier.blob.core.windows.net/holdfast-archive';
    const output = await succeed(azure, { parameters: { settings: { HOLDFAST_ARCHIVE } } });
    expect(azure.functionApps.settings(output('functionAppId'))).toMatchObject({ HOLDFAST_ARCHIVE });
  });

  it('with sign-in asks Microsoft Entra ID and lets function keys pass', async () => {
    const azure = emptyAzure();
    const output = await succeed(azure, { parameters: { authClientId: HOME } });
    const config = azure.read(`${output('functionAppId')}/config/authsettingsV2`) ?? '';
    expect(JSON.parse(config)).toMatchObject({
      properties: {
        globalValidation: { requireAuthentication: false, unauthenticatedClientAction: 'AllowAnonymous' },
      },
    });
    expect(azure.functionApps.settings(output('functionAppId'))).toMatchObject({
      HOLDFAST_APP_SERVICE_AUTH: 'on',
    });
  });

  it.each([
    ['both', HOME, true],
    ['config', HOME, true],
    ['none', HOME, false],
    ['both', '', false],
    ['config', '', false],
  ] as const)(
    'where App Service says %s of it, with sign-in for %o: its header is believed: %s',
    async (flexAuthEnvironment, authClientId, expected) => {
      const azure = emptyAzure({ switches: { flexAuthEnvironment } });
      const output = await succeed(azure, { parameters: { authClientId } });
      const site = output('functionAppId');
      const environment = { ...azure.functionApps.settings(site), ...azure.functionApps.environment(site) };
      expect(readSettings(environment).isAppServiceAuthOn).toBe(expected);
    },
  );

  it('comes over HTTPS as from any client: begun, then looked after until it has ended', async () => {
    const simulator = await startSimulator({ subscriptions: [HOME, OTHER] });
    try {
      prepare(simulator.azure);
      const id = `${GROUP}/providers/Microsoft.Resources/deployments/by-wire`;
      const body = { properties: { mode: 'Incremental', template: installation(), parameters: {} } };
      expect(await call(simulator, 'POST', `${id}/validate`, { body })).toMatchObject({ status: 200 });
      expect(await call(simulator, 'GET', id)).toMatchObject({ status: 404, code: 'DeploymentNotFound' });
      const begun = await call(simulator, 'PUT', id, { body });
      expect(begun.status).toBe(201);
      expect(begun.json).toMatchObject({ properties: { provisioningState: 'Running' } });
      await simulator.azure.deployments.ended(id);
      const ended = await call(simulator, 'GET', id);
      expect(ended.json).toMatchObject({ properties: { provisioningState: 'Succeeded', parameters: {} } });
    } finally {
      await simulator.close();
    }
  });
});

/** The identity has to be there before somebody gives it to a topic. */
async function onceInstalled(azure: Azure): Promise<{ readonly identityId: string }> {
  const output = await succeed(azure, { parameters: { packageUri: '', eventSubscriptions: false } });
  return { identityId: output('identityId') };
}

function snapshot(azure: Azure): unknown {
  return azure.resourceIds().map((id) => [id, azure.read(id)]);
}
