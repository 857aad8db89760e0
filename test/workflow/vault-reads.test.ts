import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import type { Json } from '../../src/types/json.js';
import type { ConnectionFacts, WorkflowDocument } from '../../src/types/observation.js';
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
const viaConnector = (vaultName: string | null) => ({
  vaultName,
  via: 'connector',
  addresses: ['2.2.2.2', '3.3.3.0/28'],
});
const viaHttp = (vaultName: string | null) => ({ vaultName, via: 'http', addresses: ['1.1.1.1'] });
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
      [viaConnector('payments'), viaConnector(null)],
    ],
    [
      'an action whose connection cannot be told',
      { actions: { A: actionThroughUnknown(GET_SECRET) } },
      {},
      [viaConnector(null)],
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
      [viaHttp('kv1')],
    ],
    [
      'an HTTP call of a key',
      { actions: { A: http('https://kv1.vault.azure.net/keys/x') } },
      {},
      [viaHttp('kv1')],
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
      [viaHttp(null)],
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
    expect(readsOf(workflow, new Map()).reads).toEqual([
      { vaultName: null, via: 'connector', addresses: expected },
    ]);
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
        vaultName: 'payments',
        via: 'connector',
        addresses: ['52.174.88.118', '13.69.64.208/28', '13.69.71.192-13.69.71.223'],
      },
      { vaultName: 'kv-payments', via: 'http', addresses: ['40.68.222.65', '40.68.209.23'] },
    ]);
  });
});
