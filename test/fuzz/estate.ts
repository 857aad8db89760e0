import { createEngine } from '../../src/engine/engine.js';
import type { JsonObject } from '../../src/types/json.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { fakeWorld, OWN_ID, SUBSCRIPTION, vaultId, workflowId } from '../engine/fake-world.js';
import { openVault } from './guarded-world.js';
import { looseAzure } from './loose-azure.js';

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg`;
export const connectionId = parseResourceId(`${GROUP}/providers/Microsoft.Web/connections/keyvault`);
const TENANT = '22222222-2222-4333-8444-555555555555';
const API = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault`;
const PRINCIPAL = 'dddddddd-2222-4333-8444-555555555555';
/** From where the workflow's connector calls. */
export const ADDRESS = '20.86.93.32/28';

/** A vault that is open, gives too much to everybody and logs nothing. */
export const vaultDocument: JsonObject = {
  ...openVault(),
  properties: {
    ...openVault().properties,
    accessPolicies: [
      {
        tenantId: TENANT,
        objectId: PRINCIPAL,
        permissions: { secrets: ['get', 'list', 'set'], keys: ['all'], certificates: [], storage: [] },
      },
      {
        tenantId: TENANT,
        objectId: 'eeeeeeee-2222-4333-8444-555555555555',
        permissions: { secrets: ['Get'] },
      },
    ],
    networkAcls: {
      bypass: 'AzureServices',
      defaultAction: 'Allow',
      ipRules: [{ value: '198.51.100.7/32' }, { value: '198.51.100.0/24' }],
      virtualNetworkRules: [
        {
          id: `${GROUP}/providers/microsoft.network/virtualnetworks/v/subnets/s`,
          ignoreMissingVnetServiceEndpoint: false,
        },
      ],
    },
  },
};

/** A workflow that reads a secret of the vault, shows it in its runs and hands it on. */
export const workflowDocument: JsonObject = {
  id: workflowId().id,
  name: 'play',
  type: 'Microsoft.Logic/workflows',
  location: 'westeurope',
  tags: { team: 'soc' },
  identity: { type: 'SystemAssigned', principalId: PRINCIPAL, tenantId: TENANT },
  properties: {
    provisioningState: 'Succeeded',
    createdTime: '2026-11-01T00:00:00Z',
    changedTime: '2026-11-20T00:00:00Z',
    state: 'Enabled',
    version: '0851',
    accessEndpoint: 'https://prod-1.westeurope.logic.azure.com/workflows/1',
    endpointsConfiguration: {
      workflow: { outgoingIpAddresses: [{ address: '52.174.88.118' }] },
      connector: { outgoingIpAddresses: [{ address: ADDRESS }, { address: '20.86.93.224-20.86.93.255' }] },
    },
    definition: {
      $schema:
        'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
      contentVersion: '1.0.0.0',
      parameters: {
        $connections: { type: 'Object', defaultValue: {} },
        apiKey: { type: 'String', defaultValue: 'x' },
      },
      triggers: { manual: { type: 'Request', kind: 'Http', inputs: { schema: {} } } },
      actions: {
        Get_secret: {
          type: 'ApiConnection',
          inputs: {
            host: { connection: { name: "@parameters('$connections')['keyvault']['connectionId']" } },
            method: 'get',
            path: "/secrets/@{encodeURIComponent('api-key')}/value",
          },
          runAfter: {},
        },
        Scope: {
          type: 'Scope',
          actions: {
            Compose: {
              type: 'Compose',
              inputs: "@concat('Bearer ', body('Get_secret')?['value'])",
              runAfter: {},
            },
          },
          runAfter: { Get_secret: ['Succeeded'] },
        },
        Call: {
          type: 'Http',
          inputs: {
            method: 'GET',
            uri: 'https://example.org',
            headers: { authorization: "@outputs('Compose')" },
          },
          runAfter: { Scope: ['Succeeded'] },
        },
      },
      outputs: {},
    },
    parameters: {
      $connections: {
        value: {
          keyvault: {
            connectionId: connectionId.id,
            connectionName: 'keyvault',
            connectionProperties: { authentication: { type: 'ManagedServiceIdentity' } },
            id: API,
          },
        },
      },
    },
  },
};

export const connectionDocument: JsonObject = {
  id: connectionId.id,
  name: 'keyvault',
  type: 'Microsoft.Web/connections',
  location: 'westeurope',
  kind: 'V1',
  properties: {
    displayName: 'keyvault',
    statuses: [{ status: 'Connected' }],
    parameterValueType: 'Alternative',
    alternativeParameterValues: { vaultName: 'kv-one' },
    parameterValues: {},
    api: { name: 'keyvault', id: API, type: 'Microsoft.Web/locations/managedApis' },
  },
};

/** The engine with everything on, over the app's own clients and an ARM that keeps whatever it is given. */
export function estate() {
  const world = fakeWorld();
  const azure = looseAzure();
  const documents = [vaultDocument, workflowDocument, connectionDocument];
  const ids = [vaultId(), workflowId(), connectionId];
  ids.forEach((id, i) => azure.texts.set(id.key, JSON.stringify(documents[i])));
  azure.lists.set('roleassignments', []);
  azure.lists.set('diagnosticsettings', []);
  azure.lists.set('deletedvaults', []);
  azure.lists.set('versions', []);
  azure.lists.set('runs', []);
  const deps = {
    ...world.deps,
    reader: azure.reader,
    sweepReader: azure.reader,
    writer: azure.writer,
    ownIdentity: () => Promise.resolve(new Set([OWN_ID, 'o'])),
    policy: {
      ...world.deps.policy,
      modeOf: () => 'enforce' as const,
      logWorkspace: `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs`,
    },
    now: () => new Date(),
  };
  world.completed.at = null;
  return { ...world, azure, deps, engine: createEngine(deps) };
}

export type Estate = ReturnType<typeof estate>;
