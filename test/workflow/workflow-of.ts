import type { Json, JsonObject } from '../../src/types/json.js';
import type { ConnectionFacts, WorkflowDocument } from '../../src/types/observation.js';

const SUBSCRIPTION = '/subscriptions/11111111-2222-3333-4444-555555555555';
const GROUP = `${SUBSCRIPTION}/resourceGroups/rg`;

export const KEY_VAULT_API = `${SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault`;
export const OTHER_API = `${SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/office365`;
export const CUSTOM_API = `${GROUP}/providers/Microsoft.Web/customApis/keyvault`;

export function connectionIdOf(name: string): string {
  return `${GROUP}/providers/Microsoft.Web/connections/${name}`;
}

/** A `$connections` entry as the designer writes it. */
export function reference(name: string, apiId: string | null = KEY_VAULT_API): JsonObject {
  return {
    connectionId: connectionIdOf(name),
    connectionName: name,
    ...(apiId === null ? {} : { id: apiId }),
  };
}

/** The connection resources that have been read, by name. */
export function connectionsRead(
  facts: Readonly<Record<string, ConnectionFacts>>,
): ReadonlyMap<string, ConnectionFacts> {
  return new Map(Object.entries(facts).map(([name, fact]) => [connectionIdOf(name).toLowerCase(), fact]));
}

export interface WorkflowParts {
  readonly actions?: Json;
  readonly triggers?: Json;
  /** What `definition.parameters` declares, besides `$connections`. */
  readonly declared?: JsonObject;
  /** What `properties.parameters` gives, besides `$connections`. */
  readonly given?: JsonObject;
  readonly connections?: JsonObject;
  readonly endpointsConfiguration?: Json;
}

export function workflowOf(parts: WorkflowParts): WorkflowDocument {
  const {
    actions = {},
    triggers = {},
    declared = {},
    given = {},
    connections,
    endpointsConfiguration,
  } = parts;
  return {
    id: `${GROUP}/providers/Microsoft.Logic/workflows/playbook`,
    properties: {
      state: 'Enabled',
      definition: {
        parameters: { $connections: { type: 'Object', defaultValue: {} }, ...declared },
        triggers,
        actions,
      },
      parameters: {
        ...given,
        ...(connections === undefined ? {} : { $connections: { value: connections } }),
      },
      ...(endpointsConfiguration === undefined ? {} : { endpointsConfiguration }),
    },
  };
}

/** An action of the Key Vault connector, as the designer writes it. */
export function connectorAction(path: Json, key = 'keyvault', more: JsonObject = {}): JsonObject {
  return {
    type: 'ApiConnection',
    inputs: {
      host: { connection: { name: `@parameters('$connections')['${key}']['connectionId']` } },
      method: 'get',
      path,
    },
    ...more,
  };
}

export const GET_SECRET = "/secrets/@{encodeURIComponent('db-password')}/value";

export function httpAction(inputs: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'Http', inputs, ...more };
}

/** An action of a managed connector whose connection cannot be told before the workflow runs. */
export function actionThroughUnknown(path: Json): JsonObject {
  return {
    type: 'ApiConnection',
    inputs: { host: { connection: { name: '@item()' } }, method: 'get', path },
  };
}
