import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { isGoodSuccessor, successorFault, successorIdOf, successorOf } from '../../src/workflow/successor.js';
import { connectionIdOf, CUSTOM_API, KEY_VAULT_API } from './workflow-of.js';

function connection(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    id: connectionIdOf('kv'),
    location: 'westeurope',
    properties: { api: { id: KEY_VAULT_API, name: 'keyvault' }, ...properties },
    ...more,
  };
}
const USER = connection({
  authenticatedUser: { name: 'a@example.com' },
  nonSecretParameterValues: { vaultName: 'Payments', 'token:grantType': 'code' },
});

describe('successorIdOf', () => {
  test.each([
    ['a short name', 'kv', 'kv-mi'],
    ['a name that is as long as names may be', 'k'.repeat(80), `${'k'.repeat(77)}-mi`],
    ['a name that looks like one', 'kv-mi', 'kv-mi-mi'],
  ])('%s', (_, name, expected) => {
    const id = successorIdOf(parseResourceId(connectionIdOf(name)));
    expect(id).toEqual(parseResourceId(connectionIdOf(expected)));
  });
});

describe('successorOf', () => {
  const body = (values: JsonObject): JsonObject => ({
    kind: 'V1',
    location: 'westeurope',
    properties: { displayName: 'kv-mi', api: { id: KEY_VAULT_API }, ...values },
  });
  const alternative = {
    parameterValueType: 'Alternative',
    alternativeParameterValues: { vaultName: 'payments' },
  };
  const rows: readonly (readonly [string, JsonObject, JsonObject | null])[] = [
    ['a connection with single values', USER, body(alternative)],
    [
      'a connection with a value set',
      connection({
        parameterValueSet: { name: 'oauthDefault', values: { vaultName: { value: 'payments' } } },
      }),
      body({ parameterValueSet: { name: 'oauthMI', values: { vaultName: { value: 'payments' } } } }),
    ],
    [
      'nothing else of the connection goes with it',
      connection(
        {
          displayName: 'x',
          parameterValues: { vaultName: 'payments', 'token:clientSecret': 's' },
          testLinks: [],
        },
        { tags: { owner: 'soc' }, kind: 'V1', etag: 'e' },
      ),
      body(alternative),
    ],
    ['no vault', connection({}), null],
    ['no location', { ...USER, location: null }, null],
    ['no API', { ...USER, properties: { nonSecretParameterValues: { vaultName: 'payments' } } }, null],
    ['hostile: no properties', { properties: 'x' }, null],
  ];
  test.each(rows)('%s', (_, document, expected) => {
    expect(successorOf(document)).toEqual(expected);
  });

  it('is a good one', () => {
    const candidate = successorOf(USER);
    expect(candidate && isGoodSuccessor(USER, candidate)).toBe(true);
  });
});

describe('successorFault', () => {
  const good = { parameterValueType: 'Alternative', alternativeParameterValues: { vaultName: 'payments' } };
  const set = { parameterValueSet: { name: 'oauthMI', values: { vaultName: { value: 'PAYMENTS' } } } };
  const api = (id: Json) => ({ api: { id } });
  const rows: readonly (readonly [string, JsonObject, string | null])[] = [
    ['alternative values', connection(good), null],
    ['a value set', connection(set), null],
    ['a good status', connection({ ...good, overallStatus: 'Ready', statuses: [{ status: 'Ready' }] }), null],
    ['the API in another case', connection({ ...good, ...api(`${KEY_VAULT_API.toUpperCase()}/`) }), null],
    [
      'another region',
      connection({ ...good, ...api(KEY_VAULT_API.replace('westeurope', 'eastus')) }),
      'region',
    ],
    ['another API of that name', connection({ ...good, ...api(CUSTOM_API) }), 'not a Key Vault connection'],
    ['a user', USER, 'managed identity'],
    [
      'half-set: a managed identity and a user',
      connection({ ...good, authenticatedUser: { name: 'a' } }),
      'managed identity',
    ],
    [
      'another vault',
      connection({ ...good, alternativeParameterValues: { vaultName: 'hr' } }),
      'the same vault',
    ],
    ['no vault', connection({ parameterValueType: 'Alternative' }), 'the same vault'],
    ['an error', connection({ ...good, statuses: [{ status: 'Error', error: { code: 'x' } }] }), 'status'],
    ['an error over all', connection({ ...good, overallStatus: 'error' }), 'status'],
    [
      'hostile: statuses that are none',
      connection({ ...good, statuses: [7, null], overallStatus: {} }),
      null,
    ],
    ['hostile: nothing', {}, 'not a Key Vault connection'],
  ];
  test.each(rows)('%s', (_, candidate, fault) => {
    const found = successorFault(USER, candidate);
    if (fault === null) expect(found).toBeNull();
    else expect(found).toContain(fault);
    expect(isGoodSuccessor(USER, candidate)).toBe(fault === null);
  });

  it('a connection whose vault is not known has none', () => {
    expect(isGoodSuccessor(connection({}), connection({ parameterValueType: 'Alternative' }))).toBe(false);
  });
});
