import { describe, expect, it, test } from 'vitest';
import { valueAt } from '../../src/types/apply-edits.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { ConnectionFacts } from '../../src/types/observation.js';
import {
  apiDisagreementsOf,
  connectionEntriesOf,
  connectionsOf,
  isKeyVaultApi,
  isKeyVaultReference,
  readConnectionFacts,
  toConnectionId,
} from '../../src/workflow/connections.js';
import {
  connectionIdOf,
  connectionsRead,
  CUSTOM_API,
  KEY_VAULT_API,
  OTHER_API,
  reference,
  workflowOf,
} from './workflow-of.js';

describe('isKeyVaultApi', () => {
  const rows: readonly (readonly [string, string | null, boolean])[] = [
    ['the Key Vault connector', KEY_VAULT_API, true],
    ['in another case', KEY_VAULT_API.replace('keyvault', 'KeyVault').toUpperCase(), true],
    ['with a slash at the end', `${KEY_VAULT_API}/`, true],
    ['another connector', OTHER_API, false],
    ['a custom API of that name', CUSTOM_API, false],
    ['a custom API in a group named like the connector', CUSTOM_API.replace('/rg/', '/managedApis/'), false],
    ['a connector whose name goes on', `${KEY_VAULT_API}2`, false],
    ['something below the connector', `${KEY_VAULT_API}/x`, false],
    ['none', null, false],
  ];
  test.each(rows)('%s', (_, apiId, expected) => {
    expect(isKeyVaultApi(apiId)).toBe(expected);
  });
});

describe('connectionsOf', () => {
  const rows: readonly (readonly [string, JsonObject, readonly unknown[]])[] = [
    [
      'an entry as the designer writes it',
      { keyvault_3: reference('KV') },
      [{ key: 'keyvault_3', connectionId: connectionIdOf('kv').toLowerCase(), claimedApiId: KEY_VAULT_API }],
    ],
    [
      'keys in another case',
      { a: { ConnectionId: connectionIdOf('b'), Id: OTHER_API } },
      [{ key: 'a', connectionId: connectionIdOf('b').toLowerCase(), claimedApiId: OTHER_API }],
    ],
    ['an entry that says nothing', { a: {} }, [{ key: 'a', connectionId: null, claimedApiId: null }]],
    [
      'an entry that is no object',
      { a: 'x', b: null, c: [1] },
      ['a', 'b', 'c'].map((key) => ({ key, connectionId: null, claimedApiId: null })),
    ],
    [
      "an id that is no connection's",
      { a: { connectionId: '/subscriptions/../x', id: 7 } },
      [{ key: 'a', connectionId: null, claimedApiId: null }],
    ],
  ];
  test.each(rows)('%s', (_, connections, expected) => {
    expect(connectionsOf(workflowOf({ connections }))).toEqual(expected);
  });

  const absent: readonly (readonly [string, JsonObject])[] = [
    ['no properties', {}],
    ['no parameters', { properties: {} }],
    ['no $connections', workflowOf({})],
    ['$connections without a value', { properties: { parameters: { $connections: {} } } }],
    ['a value that is a list', { properties: { parameters: { $connections: { value: [] } } } }],
  ];
  test.each(absent)('%s means no connections', (_, workflow) => {
    expect(connectionsOf(workflow)).toEqual([]);
  });

  it('an entry named like an inherited property is data', () => {
    const connections = JSON.parse(`{"__proto__":{"id":"${OTHER_API}"}}`) as JsonObject;
    expect(connectionsOf(workflowOf({ connections }))).toEqual([
      { key: '__proto__', connectionId: null, claimedApiId: OTHER_API },
    ]);
  });
});

describe('toConnectionId', () => {
  const rows: readonly (readonly [string, Json | undefined, string | null])[] = [
    ['a connection in lower case', connectionIdOf('KV'), connectionIdOf('kv').toLowerCase()],
    [
      'another resource',
      connectionIdOf('kv').replace('Microsoft.Web/connections', 'Microsoft.KeyVault/vaults'),
      null,
    ],
    ['no text', 7, null],
    ['nothing', undefined, null],
  ];
  test.each(rows)('%s', (_, value, expected) => {
    expect(toConnectionId(value)).toBe(expected);
  });
});

describe('connectionEntriesOf', () => {
  it('points at an entry with the keys as they are spelled', () => {
    const entry = { ConnectionId: connectionIdOf('b') };
    const workflow = { properties: { Parameters: { $Connections: { Value: { 'a/b': entry } } } } };
    const [found] = connectionEntriesOf(workflow);
    expect(found).toMatchObject({ key: 'a/b', connectionId: connectionIdOf('b').toLowerCase(), json: entry });
    expect(valueAt(workflow, found?.pointer ?? '')).toBe(entry);
  });
});

describe('readConnectionFacts', () => {
  const api = { id: KEY_VAULT_API, name: 'keyvault' };
  const rows: readonly (readonly [string, JsonObject, string | null])[] = [
    [
      'a connection with a managed identity',
      { parameterValueType: 'Alternative', alternativeParameterValues: { vaultName: 'KV1' } },
      'kv1',
    ],
    ['a key that begins with a capital', { AlternativeParameterValues: { VaultName: 'kv1' } }, 'kv1'],
    [
      'a value set',
      { parameterValueSet: { name: 'oauthMI', values: { vaultName: { value: 'kv1' } } } },
      'kv1',
    ],
    [
      'a value set without an object around the value',
      { parameterValueSet: { name: 'oauthMI', values: { vaultName: 'kv1' } } },
      'kv1',
    ],
    [
      'a connection that signs in',
      { parameterValues: { 'token:grantType': 'code', vaultName: 'kv1' } },
      'kv1',
    ],
    [
      'a connection as ARM shows it, without its secrets',
      { nonSecretParameterValues: { vaultName: 'kv1' } },
      'kv1',
    ],
    ['custom values', { customParameterValues: { vaultName: 'kv1' } }, 'kv1'],
    [
      'the same name twice',
      {
        customParameterValues: {},
        alternativeParameterValues: { vaultName: 'kv1' },
        nonSecretParameterValues: { vaultName: 'KV1' },
      },
      'kv1',
    ],
    [
      'two names that contradict each other',
      { alternativeParameterValues: { vaultName: 'kv1' }, parameterValues: { vaultName: 'kv2' } },
      null,
    ],
    ['no name', { customParameterValues: {}, parameterValues: { vaultName: '' } }, null],
    ['something that is no vault name', { parameterValues: { vaultName: 'kv1/../x' } }, null],
    [
      'values of another kind',
      { parameterValues: 'kv1', alternativeParameterValues: null, parameterValueSet: [] },
      null,
    ],
  ];
  test.each(rows)('%s', (_, properties, vaultName) => {
    expect(readConnectionFacts({ properties: { api, ...properties } })).toMatchObject({
      apiId: KEY_VAULT_API,
      vaultName,
    });
  });

  test.each([
    {},
    { properties: null },
    { properties: { api: 'keyvault' } },
    { properties: { api: { id: 7 } } },
  ])('a resource that does not say its API: %j', (document) => {
    expect(readConnectionFacts(document)).toEqual({ apiId: null, vaultName: null, signIn: 'unknown' });
  });
});

describe('isKeyVaultReference', () => {
  const read = (apiId: string | null): ConnectionFacts => ({ apiId, vaultName: null });
  const rows: readonly (readonly [string, string, string | null, ConnectionFacts | null, boolean])[] = [
    ['the resource says so, whatever the claim', 'mail', OTHER_API, read(KEY_VAULT_API), true],
    ['the resource says no, whatever the claim', 'keyvault', KEY_VAULT_API, read(OTHER_API), false],
    ['the resource is a custom API', 'keyvault', KEY_VAULT_API, read(CUSTOM_API), false],
    ['the resource does not say, the claim does', 'a', KEY_VAULT_API, read(null), true],
    ['the resource has not been read, the claim says so', 'a', KEY_VAULT_API, null, true],
    ['the resource has not been read, the claim says no', 'keyvault', CUSTOM_API, null, false],
    ['nothing but the key says so', 'KeyVault_2', null, null, true],
    ['nothing says so', 'mail', null, null, false],
  ];
  test.each(rows)('%s', (_, key, claim, facts, expected) => {
    const [entry] = connectionsOf(workflowOf({ connections: { [key]: reference('c', claim) } }));
    expect(entry && isKeyVaultReference(entry, connectionsRead(facts === null ? {} : { c: facts }))).toBe(
      expected,
    );
  });
});

describe('apiDisagreementsOf', () => {
  const rows: readonly (readonly [string, string | null, string | null | undefined, boolean])[] = [
    ['the same API', KEY_VAULT_API, KEY_VAULT_API.toUpperCase(), false],
    ['the same API in another region', KEY_VAULT_API, KEY_VAULT_API.replace('westeurope', 'eastus'), false],
    ['another connector', OTHER_API, KEY_VAULT_API, true],
    ['a custom API of the same name', KEY_VAULT_API, CUSTOM_API, true],
    ['a claim that is missing', null, KEY_VAULT_API, false],
    ['a resource that does not say', OTHER_API, null, false],
    ['a resource that has not been read', OTHER_API, undefined, false],
  ];
  test.each(rows)('%s', (_, claimedApiId, apiId, disagrees) => {
    const workflow = workflowOf({ connections: { kv: reference('c', claimedApiId) } });
    const connections = connectionsRead(apiId === undefined ? {} : { c: { apiId, vaultName: null } });
    expect(apiDisagreementsOf(workflow, connections)).toEqual(
      disagrees ? [{ key: 'kv', connectionId: connectionIdOf('c').toLowerCase(), claimedApiId, apiId }] : [],
    );
  });
});
