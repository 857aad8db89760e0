import { describe, expect, it, test } from 'vitest';
import type { JsonObject } from '../../src/types/json.js';
import { constantsOf } from '../../src/workflow/constant.js';
import { operationsOf, type Operation } from '../../src/workflow/definition.js';
import { httpVaultCallOf, type HttpVaultCall } from '../../src/workflow/http-vault-call.js';
import { httpAction, workflowOf, type WorkflowParts } from './workflow-of.js';

function callOf(action: JsonObject, parts: WorkflowParts = {}): HttpVaultCall | null {
  const workflow = workflowOf({ ...parts, actions: { A: action } });
  const operations = operationsOf(workflow);
  return httpVaultCallOf(operations[0] as Operation, constantsOf(workflow, operations));
}

const SECRET = 'https://kv1.vault.azure.net/secrets/x';
const identity = { type: 'ManagedServiceIdentity', audience: 'https://vault.azure.net/' };
const given = {
  method: { value: 'put' },
  auth: { value: identity },
  aud: { value: 'https://vault.azure.net' },
};

describe('httpVaultCallOf', () => {
  const byHost: HttpVaultCall = {
    method: 'GET',
    by: 'host',
    vaultName: 'kv1',
    path: '/secrets/x',
    isSecret: true,
  };
  const byAudience: HttpVaultCall = {
    method: 'GET',
    by: 'audience',
    vaultName: null,
    path: null,
    isSecret: true,
  };
  const rows: readonly (readonly [string, JsonObject, HttpVaultCall | null])[] = [
    ['a vault by its host, whatever the authentication', { method: 'get', uri: SECRET }, byHost],
    ['no method', { uri: SECRET }, { ...byHost, method: null }],
    [
      'a method from a parameter',
      { method: "@parameters('method')", uri: SECRET },
      { ...byHost, method: 'PUT' },
    ],
    ['a method that is not known', { method: '@item()', uri: SECRET }, { ...byHost, method: null }],
    [
      'a list of secrets',
      { method: 'GET', uri: 'https://kv1.vault.azure.net/secrets?maxresults=1' },
      { ...byHost, path: '/secrets', isSecret: false },
    ],
    [
      'a URI that is not known, with a token for a vault',
      { method: 'GET', uri: '@item()', authentication: identity },
      byAudience,
    ],
    [
      'an audience from a parameter',
      {
        method: 'GET',
        uri: '@item()',
        authentication: { type: 'ManagedServiceIdentity', audience: "@{parameters('aud')}" },
      },
      byAudience,
    ],
    [
      'an authentication from a parameter',
      { method: 'GET', uri: '@item()', authentication: "@parameters('auth')" },
      byAudience,
    ],
    [
      "an app's own credentials",
      {
        method: 'GET',
        uri: '@item()',
        authentication: { type: 'ActiveDirectoryOAuth', audience: 'https://vault.azure.net', secret: 's' },
      },
      byAudience,
    ],
    ['no URI, with a token for a vault', { method: 'GET', authentication: identity }, byAudience],
    [
      'another host, with a token for a vault',
      { method: 'GET', uri: 'https://gateway.example.com/secrets/x', authentication: identity },
      { ...byAudience, by: 'proxy' },
    ],
    [
      'another host and another path, with a token for a vault',
      { method: 'GET', uri: 'https://gateway.example.com/keys/x', authentication: identity },
      { ...byAudience, by: 'proxy' },
    ],
    [
      'a URI that is not known, with another token',
      {
        method: 'GET',
        uri: '@item()',
        authentication: { ...identity, audience: 'https://graph.microsoft.com' },
      },
      null,
    ],
    ['a URI that is not known, without a token', { method: 'GET', uri: '@item()' }, null],
    ['another host', { method: 'GET', uri: 'https://example.com/secrets/x' }, null],
  ];
  test.each(rows)('%s', (_, inputs, expected) => {
    expect(callOf(httpAction(inputs), { given })).toEqual(expected);
  });

  it('only an HTTP operation calls a vault so', () => {
    expect(callOf({ type: 'Compose', inputs: { method: 'GET', uri: SECRET } })).toBeNull();
  });

  it('a call without inputs is none', () => {
    expect(callOf({ type: 'Http' })).toBeNull();
  });
});
