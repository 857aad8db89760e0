import { DEFAULT_SUBSCRIPTION, DEFAULT_TENANT } from '../../simulator/azure.js';

export const SUBSCRIPTION = DEFAULT_SUBSCRIPTION;
export const TENANT = DEFAULT_TENANT;
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg`;
export const VAULT_ID = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-one`;
export const WORKFLOW_ID = `${GROUP}/providers/Microsoft.Logic/workflows/la-one`;
export const CONNECTION_ID = `${GROUP}/providers/Microsoft.Web/connections/keyvault-1`;

/** The least that a vault's PUT must have, and what a test adds. */
export function vaultBody(properties: object = {}): object {
  return {
    location: 'westeurope',
    properties: {
      tenantId: TENANT,
      sku: { family: 'A', name: 'standard' },
      accessPolicies: [],
      ...properties,
    },
  };
}

/** A workflow that a request triggers, with the definition's parts and properties that a test adds. */
export function workflowBody(definition: object = {}, properties: object = {}): object {
  return {
    location: 'westeurope',
    properties: {
      definition: {
        $schema:
          'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
        contentVersion: '1.0.0.0',
        triggers: { manual: { type: 'Request', kind: 'Http', inputs: { schema: {} } } },
        actions: {},
        outputs: {},
        ...definition,
      },
      ...properties,
    },
  };
}

export function connectionBody(properties: object = {}): object {
  return {
    location: 'westeurope',
    properties: {
      displayName: 'keyvault-1',
      api: {
        id: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault`,
      },
      ...properties,
    },
  };
}
