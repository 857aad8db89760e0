import type { Azure } from '../simulator/azure.js';
import { SUBSCRIPTION } from './stack.js';

/*
 * The pieces of a small tenant: vaults, connections, playbooks. Names are made up.
 */

export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-security`;
export const vaultPath = (name: string): string => `${GROUP}/providers/Microsoft.KeyVault/vaults/${name}`;
export const workflowPath = (name: string): string => `${GROUP}/providers/Microsoft.Logic/workflows/${name}`;
export const connectionPath = (name: string): string =>
  `${GROUP}/providers/Microsoft.Web/connections/${name}`;
export const apiId = (name: string): string =>
  `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/${name}`;

export const PIPELINE = 'deployment-pipeline';

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

/** A Key Vault connection that signs in with the managed identity, or with whoever consents. */
export function keyVaultConnection(vaultName: string, signIn: 'managed-identity' | 'user'): object {
  const values =
    signIn === 'user'
      ? { parameterValueSet: { name: 'oauthDefault', values: { vaultName: { value: vaultName } } } }
      : { parameterValueType: 'Alternative', alternativeParameterValues: { vaultName } };
  return {
    location: 'westeurope',
    kind: 'V1',
    properties: { displayName: `Key Vault ${vaultName}`, api: { id: apiId('keyvault') }, ...values },
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

export function http(inputs: object, after?: string): object {
  return { type: 'Http', runAfter: after === undefined ? {} : { [after]: ['Succeeded'] }, inputs };
}

export function compose(inputs: unknown, after: string): object {
  return { type: 'Compose', runAfter: { [after]: ['Succeeded'] }, inputs };
}

export function forEach(actions: object): object {
  return { type: 'Foreach', foreach: "@triggerBody()?['entities']", actions, runAfter: {} };
}

export function playbook(actions: object, connection: string): Playbook {
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

/** A playbook without connections. */
export function plainPlaybook(actions: object): Playbook {
  return workflow(actions, {}, {});
}

/** What is PUT for a playbook. */
export interface Playbook {
  readonly properties: {
    readonly definition: { readonly parameters: object; readonly [member: string]: unknown };
    readonly parameters: object;
    readonly [member: string]: unknown;
  };
  readonly [member: string]: unknown;
}

function workflow(actions: object, parameters: object, declared: object): Playbook {
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
