import type { Azure } from '../simulator/azure.js';
import { SUBSCRIPTION } from './stack.js';

/*
 * A small tenant, as one finds it: some of it was set up with care, some in a hurry. Names are made up.
 */

export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-security`;
export const vaultPath = (name: string): string => `${GROUP}/providers/Microsoft.KeyVault/vaults/${name}`;
export const workflowPath = (name: string): string => `${GROUP}/providers/Microsoft.Logic/workflows/${name}`;
const connectionPath = (name: string): string => `${GROUP}/providers/Microsoft.Web/connections/${name}`;
const apiId = (name: string): string =>
  `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/${name}`;

export const PIPELINE = 'deployment-pipeline';

/** The vault that a colleague runs a batch job against, from the office. */
const OFFICE = '198.51.100.0/24';

/** Deploys the estate, as a pipeline would. */
export async function deployEstate(azure: Azure): Promise<void> {
  const pipeline = azure.as(PIPELINE);
  azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
  await pipeline.put(
    vaultPath('kv-sentinel'),
    vault(azure, { networkAcls: shut(OFFICE), enablePurgeProtection: true, enableSoftDelete: true }),
  );
  await pipeline.put(
    vaultPath('kv-payments'),
    vault(azure, { networkAcls: shut(OFFICE), enablePurgeProtection: true, enableSoftDelete: true }),
  );
  await pipeline.put(vaultPath('kv-legacy'), vault(azure, { enableSoftDelete: true }));
  await pipeline.put(connectionPath('keyvault-sentinel'), keyVaultConnection('kv-sentinel'));
  await pipeline.put(connectionPath('keyvault-legacy'), keyVaultConnection('kv-legacy'));
  await pipeline.put(
    workflowPath('Block-User'),
    playbook({ Get_secret: getSecret('api-token', true) }, 'keyvault-sentinel'),
  );
  await pipeline.put(
    workflowPath('Enrich-IP'),
    playbook({ For_each: forEach({ Get_key: getSecret('virustotal') }) }, 'keyvault-legacy'),
  );
  await pipeline.put(workflowPath('Rotate-Certificate'), httpPlaybook());
}

export function vault(azure: Azure, properties: object): object {
  return {
    location: 'westeurope',
    properties: {
      tenantId: azure.tenantId,
      sku: { family: 'A', name: 'standard' },
      accessPolicies: [],
      ...properties,
    },
  };
}

export function shut(...addresses: string[]): object {
  return {
    bypass: 'AzureServices',
    defaultAction: 'Deny',
    ipRules: addresses.map((value) => ({ value })),
    virtualNetworkRules: [],
  };
}

export const OPEN = { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [], virtualNetworkRules: [] };

function keyVaultConnection(vaultName: string): object {
  return {
    location: 'westeurope',
    kind: 'V1',
    properties: {
      displayName: `Key Vault ${vaultName}`,
      api: { id: apiId('keyvault') },
      parameterValueType: 'Alternative',
      alternativeParameterValues: { vaultName },
    },
  };
}

/** An action that reads a secret through the connector, with its outputs hidden or in plain sight. */
export function getSecret(secret: string, isSecured = false): object {
  return {
    type: 'ApiConnection',
    runAfter: {},
    inputs: {
      host: { connection: { name: "@parameters('$connections')['keyvault']['connectionId']" } },
      method: 'get',
      path: `/secrets/@{encodeURIComponent('${secret}')}/value`,
    },
    ...(isSecured ? { runtimeConfiguration: { secureData: { properties: ['outputs'] } } } : {}),
  };
}

function forEach(actions: object): object {
  return { type: 'Foreach', foreach: "@triggerBody()?['entities']", actions, runAfter: {} };
}

export function playbook(actions: object, connection: string): object {
  const $connections = {
    value: {
      keyvault: {
        connectionId: connectionPath(connection),
        connectionName: connection,
        id: apiId('keyvault'),
        connectionProperties: { authentication: { type: 'ManagedServiceIdentity' } },
      },
    },
  };
  return workflow(actions, { $connections }, { $connections: { type: 'Object', defaultValue: {} } });
}

function httpPlaybook(): object {
  const uri = 'https://kv-payments.vault.azure.net/secrets/card-key?api-version=7.4';
  const authentication = { type: 'ManagedServiceIdentity', audience: 'https://vault.azure.net' };
  return workflow(
    { Read_key: { type: 'Http', runAfter: {}, inputs: { method: 'GET', uri, authentication } } },
    {},
    {},
  );
}

function workflow(actions: object, parameters: object, declared: object): object {
  return {
    location: 'westeurope',
    identity: { type: 'SystemAssigned' },
    properties: {
      state: 'Enabled',
      // No SDK knows this one; it must be there after every write.
      accessControl: { triggers: { sasAuthenticationPolicy: { state: 'Disabled' } } },
      definition: {
        $schema:
          'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
        contentVersion: '1.0.0.0',
        parameters: declared,
        triggers: { manual: { type: 'Request', kind: 'Http', inputs: { schema: {} } } },
        actions,
        outputs: {},
      },
      parameters,
    },
  };
}
