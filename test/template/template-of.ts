import { checkDocument } from '../../src/template/check-document.js';
import type { Checked } from '../../src/template/checked.js';
import { readDocument, type JsonDocument } from '../../src/template/json-document.js';
import type { Json, JsonObject } from '../../src/types/json.js';

export const NOW = new Date('2026-11-26T12:00:00Z');

/** A template with these resources. */
export function templateOf(resources: Json, more: JsonObject = {}): JsonObject {
  return {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    ...more,
    resources,
  };
}

export const KEY_VAULT_API =
  "[concat('/subscriptions/', subscription().subscriptionId, '/providers/Microsoft.Web/locations/', parameters('location'), '/managedApis/keyvault')]";

/** Gets a secret through the connection `keyvault`. */
export function getSecret(name = 'api-key', more: JsonObject = {}): JsonObject {
  return {
    type: 'ApiConnection',
    runAfter: {},
    inputs: {
      host: { connection: { name: "@parameters('$connections')['keyvault']['connectionId']" } },
      method: 'get',
      path: `/secrets/@{encodeURIComponent('${name}')}/value`,
    },
    ...more,
  };
}

export function hidden(...properties: readonly string[]): JsonObject {
  return { runtimeConfiguration: { secureData: { properties } } };
}

export function definitionOf(actions: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    $schema:
      'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
    contentVersion: '1.0.0.0',
    parameters: { $connections: { defaultValue: {}, type: 'Object' } },
    triggers: { manual: { type: 'Request', kind: 'Http', inputs: { schema: {} } } },
    actions,
    ...more,
  };
}

/** A Logic App with an identity and a Key Vault connection. */
export function workflowOf(actions: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    type: 'Microsoft.Logic/workflows',
    apiVersion: '2019-05-01',
    name: 'block-user',
    location: "[parameters('location')]",
    identity: { type: 'SystemAssigned' },
    properties: {
      state: 'Enabled',
      definition: definitionOf(actions),
      parameters: {
        $connections: {
          value: {
            keyvault: {
              connectionId: "[resourceId('Microsoft.Web/connections', 'kv-connection')]",
              connectionName: 'kv-connection',
              id: KEY_VAULT_API,
            },
          },
        },
      },
    },
    ...more,
  };
}

export function vaultOf(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    type: 'Microsoft.KeyVault/vaults',
    apiVersion: '2023-07-01',
    name: 'kv-playbooks',
    location: 'westeurope',
    properties: {
      tenantId: '[subscription().tenantId]',
      sku: { family: 'A', name: 'standard' },
      ...properties,
    },
    ...more,
  };
}

export const SAFE_VAULT: JsonObject = {
  enableSoftDelete: true,
  enablePurgeProtection: true,
  networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices', ipRules: [], virtualNetworkRules: [] },
};

export function documentOf(value: Json | string): JsonDocument {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  const document = readDocument(text);
  if ('what' in document) throw new Error(document.what);
  return document;
}

export function check(value: Json | string): Checked {
  const checked = checkDocument(documentOf(value), NOW);
  if (checked === null) throw new Error('It is neither a template nor a workflow.');
  return checked;
}

/** `rule pointer`, with `+` behind what --fix mends and `?` behind what the deployment decides. */
export function told(value: Json | string): readonly string[] {
  const { findings, undecided } = check(value);
  return [
    ...findings.map(({ rule, pointer, edits }) => `${rule} ${pointer}${edits.length > 0 ? ' +' : ''}`),
    ...undecided.map(({ rule, pointer }) => `${rule} ${pointer} ?`),
  ];
}
