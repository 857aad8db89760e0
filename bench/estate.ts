import { getSecret, http, playbook, shut } from '../demo/estate.js';
import { DEFAULT_TENANT } from '../simulator/azure.js';

/** How an estate is made: so many vaults and workflows, the workflows reading through so many connections. */
export interface EstateSize {
  readonly subscriptions: readonly string[];
  /** In each subscription. */
  readonly vaults: number;
  readonly workflows: number;
  /** Each leads to one vault; the workflows take turns. */
  readonly connections: number;
  /** Whether the vaults stand open to all networks. */
  readonly isOpen?: boolean;
}

/** Where a subscription's resources lie; ids are made from what can be counted. */
export const subscriptionNumber = (i: number): string =>
  `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
export const groupOf = (subscription: string): string =>
  `/subscriptions/${subscription}/resourceGroups/rg-bench`;
export const vaultId = (subscription: string, i: number): string =>
  `${groupOf(subscription)}/providers/Microsoft.KeyVault/vaults/${vaultName(subscription, i)}`;

const workflowId = (subscription: string, i: number): string =>
  `${groupOf(subscription)}/providers/Microsoft.Logic/workflows/playbook-${i}`;
const connectionId = (subscription: string, i: number): string =>
  `${groupOf(subscription)}/providers/Microsoft.Web/connections/keyvault-${i}`;
const keyVaultApi = (subscription: string): string =>
  `/subscriptions/${subscription}/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault`;

/** Vault names are unique in the whole cloud. */
function vaultName(subscription: string, i: number): string {
  return `kv-${Number(subscription.slice(-12))}-${i}`;
}

/** Where West Europe's connectors call from, as Key Vault writes it in a rule. */
export const CONNECTORS = ['52.174.88.118/32', '13.69.64.208/28', '13.69.71.192/27'];
const OFFICE = '198.51.100.0/24';

/** The documents of an estate in which everything is as Holdfast wants it, but for vaults that are to stand open. */
export function* documentsOf(size: EstateSize): Generator<object> {
  for (const subscription of size.subscriptions) {
    for (let i = 0; i < size.connections; i += 1) yield connectionDocument(subscription, i);
    for (let i = 0; i < size.workflows; i += 1) yield workflowDocument(subscription, i, i % size.connections);
    for (let i = 0; i < size.vaults; i += 1) {
      yield vaultDocument(subscription, i, size);
      yield auditSetting(subscription, i);
    }
  }
}

function vaultDocument(subscription: string, i: number, size: EstateSize): object {
  const { connections, isOpen = false } = size;
  // Vault i is where connection i leads; the others are read by no Logic App.
  const networkAcls = i < connections ? shut(OFFICE, ...CONNECTORS) : shut(OFFICE);
  return {
    id: vaultId(subscription, i),
    location: 'westeurope',
    tags: { owner: `team-${i % 17}` },
    properties: {
      tenantId: DEFAULT_TENANT,
      sku: { family: 'A', name: 'standard' },
      vaultUri: `https://${vaultName(subscription, i)}.vault.azure.net/`,
      accessPolicies: readersOf(i, size).map((reader) => ({
        tenantId: DEFAULT_TENANT,
        objectId: identityOf(subscription, reader),
        permissions: { keys: [], secrets: ['get'], certificates: [], storage: [] },
      })),
      enabledForDeployment: false,
      enabledForTemplateDeployment: false,
      enableSoftDelete: true,
      softDeleteRetentionInDays: 90,
      enablePurgeProtection: true,
      enableRbacAuthorization: false,
      publicNetworkAccess: 'Enabled',
      networkAcls: isOpen ? { ...networkAcls, defaultAction: 'Allow' } : networkAcls,
    },
  };
}

/** The workflows that read vault i. */
function readersOf(i: number, { workflows, connections }: EstateSize): readonly number[] {
  const readers: number[] = [];
  for (let reader = i; i < connections && reader < workflows; reader += connections) readers.push(reader);
  return readers;
}

function identityOf(subscription: string, workflow: number): string {
  const number = Number(subscription.slice(-12)).toString(16).padStart(8, '0');
  return `${number}-1111-4111-8111-${String(workflow).padStart(12, '0')}`;
}

function auditSetting(subscription: string, i: number): object {
  const workspaceId = `${groupOf(subscription)}/providers/Microsoft.OperationalInsights/workspaces/la-security`;
  return {
    id: `${vaultId(subscription, i)}/providers/Microsoft.Insights/diagnosticSettings/audit`,
    properties: { workspaceId, logs: [{ categoryGroup: 'audit', enabled: true }] },
  };
}

function connectionDocument(subscription: string, i: number): object {
  return {
    id: connectionId(subscription, i),
    location: 'westeurope',
    kind: 'V1',
    properties: {
      displayName: `Key Vault ${vaultName(subscription, i)}`,
      api: { id: keyVaultApi(subscription) },
      parameterValueType: 'Alternative',
      alternativeParameterValues: { vaultName: vaultName(subscription, i) },
    },
  };
}

/** A playbook as they mostly are: it gets a key, asks a service with it and says what came of it. */
function workflowDocument(subscription: string, i: number, connection: number): object {
  const secured = { runtimeConfiguration: { secureData: { properties: ['inputs'] } } };
  const ask = {
    ...http(
      {
        method: 'GET',
        uri: "https://api.example.com/v2/reputation/@{triggerBody()?['address']}",
        headers: { 'x-api-key': "@body('Get_key')?['value']" },
      },
      'Get_key',
    ),
    ...secured,
  };
  const report = http(
    {
      method: 'POST',
      uri: 'https://hooks.example.com/incidents',
      body: { incident: "@triggerBody()?['incidentId']", playbook: `playbook-${i}` },
    },
    'Ask_for_reputation',
  );
  const { properties, ...rest } = playbook(
    { Get_key: getSecret('reputation-key', true), Ask_for_reputation: ask, Report: report },
    '',
  );
  const $connections = {
    value: {
      keyvault: {
        connectionId: connectionId(subscription, connection),
        connectionName: `keyvault-${connection}`,
        id: keyVaultApi(subscription),
        connectionProperties: { authentication: { type: 'ManagedServiceIdentity' } },
      },
    },
  };
  return {
    id: workflowId(subscription, i),
    ...rest,
    identity: {
      type: 'SystemAssigned',
      principalId: identityOf(subscription, i),
      tenantId: DEFAULT_TENANT,
    },
    tags: { owner: `team-${i % 17}` },
    properties: { ...properties, parameters: { $connections } },
  };
}
