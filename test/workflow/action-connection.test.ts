import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { ConnectionFacts } from '../../src/types/observation.js';
import {
  connectionOf,
  connectionUseOf,
  type OperationConnection,
} from '../../src/workflow/action-connection.js';
import { connectionsOf } from '../../src/workflow/connections.js';
import { constantsOf } from '../../src/workflow/constant.js';
import { operationsOf, type Operation } from '../../src/workflow/definition.js';
import {
  connectionIdOf,
  connectionsRead,
  CUSTOM_API,
  KEY_VAULT_API,
  OTHER_API,
  reference,
  workflowOf,
  type WorkflowParts,
} from './workflow-of.js';

function actionWith(name: Json, parts: WorkflowParts = {}) {
  const workflow = workflowOf({
    ...parts,
    actions: { A: { type: 'ApiConnection', inputs: { host: { connection: { name } } } } },
  });
  const operations = operationsOf(workflow);
  return { workflow, action: operations[0] as Operation, constants: constantsOf(workflow, operations) };
}

describe('connectionUseOf', () => {
  const byKey = { kind: 'key', key: 'keyvault_3' };
  const given = { key: { value: 'keyvault_3' } };
  const rows: readonly (readonly [string, Json, unknown])[] = [
    ['as the designer writes it', "@parameters('$connections')['keyvault_3']['connectionId']", byKey],
    ['with safe navigation', "@parameters('$connections')?['keyvault_3']?['connectionId']", byKey],
    ['with dots', "@parameters('$connections').keyvault_3.connectionId", byKey],
    ['within an interpolation', "@{parameters('$connections')['keyvault_3']['connectionId']}", byKey],
    ['with a key from a parameter', "@parameters('$connections')[parameters('key')]['connectionId']", byKey],
    [
      'with a key that is put together',
      "@parameters('$Connections')[concat('key', 'vault_3')]['connectionId']",
      byKey,
    ],
    [
      'by the id itself',
      connectionIdOf('KV'),
      { kind: 'id', connectionId: connectionIdOf('kv').toLowerCase() },
    ],
    [
      'with a key that is not known',
      "@parameters('$connections')[item()]['connectionId']",
      { kind: 'unknown' },
    ],
    ['another parameter', "@parameters('x')['keyvault_3']['connectionId']", { kind: 'unknown' }],
    ['all of $connections', "@parameters('$connections')", { kind: 'unknown' }],
    ['what does not parse', "@parameters('$connections')['keyvault_3'", { kind: 'unknown' }],
    ['a text that is no id', 'keyvault_3', { kind: 'unknown' }],
    ['no text', { a: 1 }, { kind: 'unknown' }],
  ];
  test.each(rows)('%s', (_, name, expected) => {
    const { action, constants } = actionWith(name, { given });
    expect(connectionUseOf(action, constants)).toEqual(expected);
  });
});

describe('connectionOf', () => {
  const keyVault = (vaultName: string | null): OperationConnection => ({ kind: 'key-vault', vaultName });
  const other: OperationConnection = { kind: 'other' };
  const named = (key: string) => `@parameters('$connections')['${key}']['connectionId']`;
  const kv: ConnectionFacts = { apiId: KEY_VAULT_API, vaultName: 'payments' };
  const rows: readonly (readonly [
    string,
    string,
    JsonObject,
    Readonly<Record<string, ConnectionFacts>>,
    OperationConnection,
  ])[] = [
    [
      'the connection resource decides and names the vault',
      named('a'),
      { a: reference('c', OTHER_API) },
      { c: kv },
      keyVault('payments'),
    ],
    [
      'the connection resource is another API',
      named('keyvault'),
      { keyvault: reference('c') },
      { c: { apiId: CUSTOM_API, vaultName: null } },
      other,
    ],
    [
      'a connection that has not been read is what the workflow claims',
      named('a'),
      { a: reference('c') },
      {},
      keyVault(null),
    ],
    [
      'a connection that has not been read and is claimed to be a custom API',
      named('keyvault'),
      { keyvault: reference('c', CUSTOM_API) },
      {},
      other,
    ],
    [
      'a key in another case',
      named('KeyVault'),
      { keyvault: reference('c') },
      { c: kv },
      keyVault('payments'),
    ],
    [
      'two keys that differ by case',
      named('KEYVAULT'),
      { keyvault: reference('d', OTHER_API), KEYVAULT: reference('c') },
      {},
      keyVault(null),
    ],
    [
      'a key that is not there, named as the designer does',
      named('keyvault'),
      { keyvault_1: reference('c') },
      { c: kv },
      keyVault(null),
    ],
    ['a key that is not there, with a suffix', named('keyvault_conn'), {}, {}, keyVault(null)],
    [
      'a key that is not there, named otherwise',
      named('mykeyvault'),
      { keyvault: reference('c') },
      {},
      other,
    ],
    ['an id that $connections has', connectionIdOf('C'), { a: reference('c') }, {}, keyVault(null)],
    ['an id that has been read', connectionIdOf('C'), {}, { c: kv }, keyVault('payments')],
    [
      'an id that has been read and is another API',
      connectionIdOf('C'),
      {},
      { c: { apiId: OTHER_API, vaultName: null } },
      other,
    ],
    ['an id that nothing is known of', connectionIdOf('C'), {}, {}, { kind: 'unknown' }],
    ['a name that is not known', '@item()', { keyvault: reference('c') }, { c: kv }, { kind: 'unknown' }],
  ];
  test.each(rows)('%s', (_, name, connections, read, expected) => {
    const { workflow, action, constants } = actionWith(name, { connections });
    expect(connectionOf(action, constants, connectionsOf(workflow), connectionsRead(read))).toEqual(expected);
  });
});
