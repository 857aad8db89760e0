import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { ConnectionFacts, SignIn, WorkflowDocument } from '../../src/types/observation.js';
import { readsOf } from '../../src/workflow/vault-reads.js';
import {
  actionThroughUnknown,
  connectionIdOf,
  connectionsRead,
  connectorAction,
  CUSTOM_API,
  GET_SECRET,
  httpAction,
  KEY_VAULT_API,
  OTHER_API,
  reference,
  workflowOf,
  type WorkflowParts,
} from './workflow-of.js';

const endpointsConfiguration = {
  workflow: { outgoingIpAddresses: [{ address: '1.1.1.1' }] },
  connector: { outgoingIpAddresses: [{ address: '2.2.2.2' }, { address: '3.3.3.0/28' }] },
};
const KV: ConnectionFacts = { apiId: KEY_VAULT_API, vaultName: 'payments' };
const UNKNOWN: SignIn = { kind: 'unknown' };
const viaConnector = (
  vaultName: string | null,
  uses: readonly string[] = [],
  hasUnknownUse = false,
  signIn: SignIn = UNKNOWN,
) => ({ vaultName, via: 'connector', signIn, uses, hasUnknownUse, addresses: ['2.2.2.2', '3.3.3.0/28'] });
const viaHttp = (
  vaultName: string | null,
  uses: readonly string[] = ['secrets/get'],
  hasUnknownUse = false,
  signIn: SignIn = UNKNOWN,
) => ({ vaultName, via: 'http', signIn, uses, hasUnknownUse, addresses: ['1.1.1.1'] });
const http = (uri: string, method = 'GET') => httpAction({ method, uri });

type Facts = Readonly<Record<string, ConnectionFacts>>;

describe('readsOf', () => {
  const rows: readonly (readonly [string, WorkflowParts, Facts, readonly unknown[]])[] = [
    [
      'a Key Vault connection names its vault, though no action uses it',
      { connections: { keyvault: reference('c') } },
      { c: KV },
      [viaConnector('payments')],
    ],
    [
      'the resource decides, whatever the claim',
      { connections: { mail: reference('c', OTHER_API) } },
      { c: KV },
      [viaConnector('payments')],
    ],
    [
      'a connection that is another API, whatever the claim',
      { connections: { keyvault: reference('c') } },
      { c: { apiId: CUSTOM_API, vaultName: null } },
      [],
    ],
    [
      'a connection that has not been read',
      { connections: { keyvault: reference('c') } },
      {},
      [viaConnector(null)],
    ],
    [
      'a connection without a vault name',
      { connections: { keyvault: reference('c') } },
      { c: { ...KV, vaultName: null } },
      [viaConnector(null)],
    ],
    [
      'two connections to one vault',
      { connections: { keyvault: reference('c'), keyvault_1: reference('d') } },
      { c: KV, d: KV },
      [viaConnector('payments')],
    ],
    [
      'two connections to two vaults',
      { connections: { keyvault: reference('c'), keyvault_1: reference('d') } },
      { c: KV, d: { ...KV, vaultName: 'hr' } },
      [viaConnector('payments'), viaConnector('hr')],
    ],
    [
      'an action whose connection is not there',
      { connections: { keyvault_1: reference('c') }, actions: { A: connectorAction(GET_SECRET) } },
      { c: KV },
      [viaConnector('payments'), viaConnector(null, ['secrets/get'], true)],
    ],
    [
      'an action whose connection cannot be told',
      { actions: { A: actionThroughUnknown(GET_SECRET) } },
      {},
      [viaConnector(null, ['secrets/get'], true)],
    ],
    [
      'an action of another connector that cannot be told',
      { actions: { A: actionThroughUnknown('/v2/Mail') } },
      {},
      [],
    ],
    [
      'an HTTP call, whatever its method',
      { actions: { A: http('https://KV1.vault.azure.net/secrets/x', 'PUT') } },
      {},
      [viaHttp('kv1', ['secrets/set'])],
    ],
    [
      'an HTTP call of a key',
      { actions: { A: http('https://kv1.vault.azure.net/keys/x') } },
      {},
      [viaHttp('kv1', ['keys/get'])],
    ],
    [
      'two HTTP calls of one vault',
      {
        actions: {
          A: http('https://kv1.vault.azure.net/secrets/x'),
          B: http('https://kv1.vault.azure.net/secrets/y'),
        },
      },
      {},
      [viaHttp('kv1')],
    ],
    [
      'an HTTP trigger',
      { triggers: { T: http('https://kv1.vault.azure.net/secrets/x') } },
      {},
      [viaHttp('kv1')],
    ],
    [
      'an HTTP call that is known by its audience alone',
      {
        actions: {
          A: httpAction({ uri: '@item()', authentication: { audience: 'https://vault.azure.net' } }),
        },
      },
      {},
      [viaHttp(null, [], true)],
    ],
    [
      'an HTTP call through a gateway, which has its own address',
      {
        actions: {
          A: httpAction({
            uri: 'https://gateway.example.com/secrets/x',
            authentication: { audience: 'https://vault.azure.net' },
          }),
        },
      },
      {},
      [],
    ],
    [
      'one vault both ways',
      {
        connections: { keyvault: reference('c') },
        actions: { A: http('https://payments.vault.azure.net/secrets/x') },
      },
      { c: KV },
      [viaConnector('payments'), viaHttp('payments')],
    ],
    [
      'a workflow that reaches no vault',
      { connections: { mail: reference('m', OTHER_API) }, actions: { A: http('https://example.com') } },
      {},
      [],
    ],
  ];
  test.each(rows)('%s', (_, parts, facts, expected) => {
    expect(readsOf(workflowOf({ endpointsConfiguration, ...parts }), connectionsRead(facts)).reads).toEqual(
      expected,
    );
  });

  const malformed: readonly (readonly [string, Json, readonly string[]])[] = [
    ['none', null, []],
    ['a list that is none', { connector: { outgoingIpAddresses: 'x' } }, []],
    [
      'entries that are none',
      {
        connector: {
          outgoingIpAddresses: [null, 7, {}, { address: 7 }, { address: ' ' }, { address: '1.2.3.4' }],
        },
      },
      ['1.2.3.4'],
    ],
    [
      'the same address twice',
      { connector: { outgoingIpAddresses: [{ address: '1.2.3.4' }, { address: ' 1.2.3.4 ' }] } },
      ['1.2.3.4'],
    ],
  ];
  test.each(malformed)('addresses: %s', (_, endpoints, expected) => {
    const workflow = workflowOf({
      connections: { keyvault: reference('c') },
      endpointsConfiguration: endpoints,
    });
    expect(readsOf(workflow, new Map()).reads).toEqual([{ ...viaConnector(null), addresses: expected }]);
  });

  it('names every connection once, in lower case, whatever its API', () => {
    const connections = { a: reference('KV'), b: reference('kv'), c: reference('Mail', OTHER_API), d: {} };
    expect(readsOf(workflowOf({ connections }), new Map()).connectionIds).toEqual(
      ['kv', 'mail'].map((name) => connectionIdOf(name).toLowerCase()),
    );
  });

  it('reads the fixture', () => {
    const text = readFileSync('test/fixtures/workflows/rotate-credentials.json', 'utf8');
    const { reads } = readsOf(JSON.parse(text) as WorkflowDocument, connectionsRead({ 'payments-kv': KV }));
    expect(reads).toEqual([
      {
        ...viaConnector('payments', ['keys/decrypt', 'secrets/get', 'secrets/list']),
        addresses: ['52.174.88.118', '13.69.64.208/28', '13.69.71.192-13.69.71.223'],
      },
      {
        ...viaHttp('kv-payments', ['secrets/get'], false, {
          kind: 'managed-identity',
          principalId: '99999999-2222-3333-4444-555555555555',
          userAssignedId: null,
        }),
        addresses: ['40.68.222.65', '40.68.209.23'],
      },
    ]);
  });
});

describe('as whom, and what for', () => {
  const IDENTITY =
    '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/Reader';
  const identity = {
    principalId: 'AAAA',
    userAssignedIdentities: { [IDENTITY]: { principalId: 'BBBB', clientId: 'c' } },
  };
  const own: SignIn = { kind: 'managed-identity', principalId: 'aaaa', userAssignedId: null };
  const given: SignIn = {
    kind: 'managed-identity',
    principalId: 'bbbb',
    userAssignedId: IDENTITY.toLowerCase(),
  };
  const MI: ConnectionFacts = { ...KV, signIn: 'managed-identity' };
  const msi = (more: JsonObject = {}) => ({
    connectionProperties: { authentication: { type: 'ManagedServiceIdentity', ...more } },
  });
  const keyvault = (more: JsonObject = {}) => ({ keyvault: { ...reference('c'), ...more } });
  const vault = 'https://kv1.vault.azure.net';
  const signed = (authentication: Json, more: JsonObject = {}) => ({
    A: httpAction({ method: 'GET', uri: `${vault}/secrets/x`, authentication, ...more }),
  });
  const get = { A: connectorAction(GET_SECRET) };
  const viaIdentity = viaConnector('payments', ['secrets/get'], false, own);
  const none: SignIn = { kind: 'managed-identity', principalId: null, userAssignedId: null };

  const rows: readonly (readonly [string, WorkflowParts, Facts, JsonObject, readonly unknown[]])[] = [
    [
      "the workflow's own identity",
      { connections: keyvault(msi()), actions: get },
      { c: MI },
      identity,
      [viaIdentity],
    ],
    [
      'an identity that it was given, in another case',
      { connections: keyvault(msi({ identity: IDENTITY.toUpperCase() })), actions: get },
      { c: MI },
      identity,
      [viaConnector('payments', ['secrets/get'], false, given)],
    ],
    [
      'an identity that it was not given',
      { connections: keyvault(msi({ identity: `${IDENTITY}2` })) },
      { c: MI },
      identity,
      [
        viaConnector('payments', [], false, {
          ...given,
          principalId: null,
          userAssignedId: `${IDENTITY}2`.toLowerCase(),
        }),
      ],
    ],
    [
      'an identity that is none',
      { connections: keyvault(msi({ identity: 7 })) },
      { c: MI },
      identity,
      [viaConnector('payments')],
    ],
    [
      'a workflow without an identity',
      { connections: keyvault(msi()) },
      { c: MI },
      {},
      [viaConnector('payments', [], false, none)],
    ],
    [
      'half-set: the connection says so, the workflow does not',
      { connections: keyvault() },
      { c: MI },
      identity,
      [viaConnector('payments', [], false, own)],
    ],
    [
      'the workflow says so, the connection says nothing',
      { connections: keyvault(msi()) },
      { c: KV },
      identity,
      [viaConnector('payments', [], false, own)],
    ],
    [
      'the connection decides: a user',
      { connections: keyvault(msi()) },
      { c: { ...KV, signIn: 'user' } },
      identity,
      [viaConnector('payments', [], false, { kind: 'user' })],
    ],
    [
      'the connection decides: an app',
      { connections: keyvault() },
      { c: { ...KV, signIn: 'application' } },
      identity,
      [viaConnector('payments', [], false, { kind: 'application' })],
    ],
    [
      'one vault, as two identities',
      {
        connections: {
          keyvault: { ...reference('c'), ...msi() },
          b: { ...reference('c'), ...msi({ identity: IDENTITY }) },
        },
        actions: { A: connectorAction(GET_SECRET, 'b'), B: connectorAction('/secrets', 'KeyVault') },
      },
      { c: MI },
      identity,
      [
        viaConnector('payments', ['secrets/list'], false, own),
        viaConnector('payments', ['secrets/get'], false, given),
      ],
    ],
    [
      'an action that names the id of a connection with two sign-ins',
      {
        connections: {
          keyvault: { ...reference('c'), ...msi() },
          b: { ...reference('c'), ...msi({ identity: IDENTITY }) },
        },
        actions: {
          A: {
            type: 'ApiConnection',
            inputs: { host: { connection: { name: connectionIdOf('c') } }, path: GET_SECRET },
          },
        },
      },
      { c: MI },
      identity,
      [
        viaConnector('payments', [], false, own),
        viaConnector('payments', [], false, given),
        viaConnector('payments', ['secrets/get']),
      ],
    ],
    [
      'several uses of one vault, sorted, each once',
      {
        connections: keyvault(msi()),
        actions: {
          A: connectorAction('/secrets'),
          B: connectorAction(GET_SECRET),
          C: connectorAction('/keys/k/encrypt'),
          D: connectorAction('/secrets'),
        },
      },
      { c: MI },
      identity,
      [viaConnector('payments', ['keys/encrypt', 'secrets/get', 'secrets/list'], false, own)],
    ],
    [
      'a use that cannot be told',
      {
        connections: keyvault(msi()),
        actions: { A: connectorAction(GET_SECRET), B: connectorAction('/secrets/x/metadata') },
      },
      { c: MI },
      identity,
      [viaConnector('payments', ['secrets/get'], true, own)],
    ],
    [
      'an action that may use any connection, in a way that cannot be told',
      { connections: keyvault(msi()), actions: { A: actionThroughUnknown('@item()') } },
      { c: MI },
      identity,
      [viaConnector('payments', [], true, own)],
    ],
    [
      'an action whose connection is not known, of another connector',
      { connections: keyvault(msi()), actions: { A: actionThroughUnknown('/v2/Mail') } },
      { c: MI },
      identity,
      [viaConnector('payments', [], false, own)],
    ],
    [
      'HTTP with its own identity',
      { actions: signed({ type: 'ManagedServiceIdentity' }) },
      {},
      identity,
      [viaHttp('kv1', ['secrets/get'], false, own)],
    ],
    [
      'HTTP with its own identity by name',
      { actions: signed({ Type: 'managedserviceidentity', Identity: 'SystemAssigned' }) },
      {},
      identity,
      [viaHttp('kv1', ['secrets/get'], false, own)],
    ],
    [
      'HTTP with an identity that it was given, from a parameter',
      {
        given: { auth: { value: { type: 'ManagedServiceIdentity', identity: IDENTITY } } },
        actions: signed("@parameters('auth')"),
      },
      {},
      identity,
      [viaHttp('kv1', ['secrets/get'], false, given)],
    ],
    [
      'HTTP with an identity that is not known before it runs',
      { actions: signed({ type: 'ManagedServiceIdentity', identity: '@item()' }) },
      {},
      identity,
      [viaHttp('kv1')],
    ],
    [
      "HTTP with an app's secret",
      { actions: signed({ type: 'ActiveDirectoryOAuth', secret: 's' }) },
      {},
      identity,
      [viaHttp('kv1', ['secrets/get'], false, { kind: 'application' })],
    ],
    ['HTTP without authentication', { actions: signed(null) }, {}, identity, [viaHttp('kv1')]],
    [
      'HTTP without a method',
      { actions: signed(null, { method: '@item()' }) },
      {},
      identity,
      [viaHttp('kv1', [], true)],
    ],
  ];
  test.each(rows)('%s', (_, parts, facts, identityOf, expected) => {
    const workflow = { ...workflowOf({ endpointsConfiguration, ...parts }), identity: identityOf };
    expect(readsOf(workflow, connectionsRead(facts)).reads).toEqual(expected);
  });

  it('is the same twice, and reads a large workflow in good time', () => {
    const many = Object.fromEntries(
      Array.from({ length: 3000 }, (_, i) => [
        `k${i}`,
        { ...reference(`c${i}`), ...msi({ identity: `${IDENTITY}${i}` }) },
      ]),
    );
    const userAssignedIdentities = Object.fromEntries(
      Array.from({ length: 3000 }, (_, i) => [`${IDENTITY}${i}`, { principalId: `p${i}` }]),
    );
    const workflow = { ...workflowOf({ connections: many }), identity: { userAssignedIdentities } };
    const started = performance.now();
    const { reads } = readsOf(workflow, new Map());
    expect(reads).toHaveLength(3000);
    expect(readsOf(workflow, new Map()).reads).toEqual(reads);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
