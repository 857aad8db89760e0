import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/types/json.js';
import type { ConnectionSignIn } from '../../src/types/observation.js';
import { connectionSignInOf } from '../../src/workflow/connection-sign-in.js';

describe('connectionSignInOf', () => {
  const vaultName = 'kv1';
  const consent = { vaultName, 'token:TenantId': 't', 'token:grantType': 'code' };
  const app = { vaultName, 'token:clientID': 'c', 'token:grantType': 'client_credentials' };
  const rows: readonly (readonly [string, Json | undefined, ConnectionSignIn])[] = [
    [
      'a managed identity',
      { parameterValueType: 'Alternative', alternativeParameterValues: { vaultName } },
      'managed-identity',
    ],
    ['a managed identity in another case', { ParameterValueType: 'alternative' }, 'managed-identity'],
    [
      'a managed identity whose values say more than they should',
      { parameterValueType: 'Alternative', alternativeParameterValues: consent },
      'managed-identity',
    ],
    [
      'a managed identity that ARM shows with its vault',
      { parameterValueType: 'Alternative', nonSecretParameterValues: { vaultName } },
      'managed-identity',
    ],
    [
      'a value set with the managed identity',
      { parameterValueSet: { name: 'oauthMI', values: { vaultName: { value: vaultName } } } },
      'managed-identity',
    ],
    [
      "a value set with connectors' common name for it",
      { parameterValueSet: { Name: 'ManagedIdentityAuth' } },
      'managed-identity',
    ],
    ['a user', { parameterValues: consent }, 'user'],
    ['a user, as ARM shows it', { nonSecretParameterValues: consent }, 'user'],
    ['a user, known by name alone', { authenticatedUser: { name: 'a@example.com' } }, 'user'],
    ['a value set with a user', { parameterValueSet: { name: 'oauthDefault' } }, 'user'],
    ['an app', { parameterValues: app }, 'application'],
    ['an app, known by its id alone', { nonSecretParameterValues: { 'token:clientId': 'c' } }, 'application'],
    [
      'an app that a user made',
      { nonSecretParameterValues: app, authenticatedUser: { name: 'a' } },
      'application',
    ],
    ['a value set with an app', { parameterValueSet: { name: 'oauthServicePrincipal' } }, 'application'],
    ['a value set with a certificate', { parameterValueSet: { name: 'CertOauth' } }, 'application'],
    ['a value set of a name that is not known', { parameterValueSet: { name: 'oauthNew' } }, 'unknown'],
    [
      'half-set: a managed identity with what is left of a user',
      { parameterValueType: 'Alternative', authenticatedUser: { name: 'a@example.com' } },
      'unknown',
    ],
    [
      'half-set: a managed identity and an app',
      { parameterValueType: 'Alternative', nonSecretParameterValues: app },
      'unknown',
    ],
    ['an app without its id', { parameterValues: { 'token:clientId': ' ', vaultName } }, 'unknown'],
    ['a vault and nothing else', { nonSecretParameterValues: { vaultName } }, 'unknown'],
    ['nothing', {}, 'unknown'],
    [
      'hostile: values of other kinds',
      { parameterValueType: 7, parameterValueSet: [], parameterValues: 'x' },
      'unknown',
    ],
    ['hostile: no properties', undefined, 'unknown'],
  ];
  test.each(rows)('%s', (_, properties, expected) => {
    expect(connectionSignInOf(properties)).toBe(expected);
  });
});
