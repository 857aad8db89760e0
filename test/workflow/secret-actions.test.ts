import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { ConnectionFacts, WorkflowDocument } from '../../src/types/observation.js';
import { secretActionsOf } from '../../src/workflow/secret-actions.js';
import {
  actionThroughUnknown,
  connectionsRead,
  connectorAction,
  CUSTOM_API,
  GET_SECRET,
  httpAction,
  KEY_VAULT_API,
  OTHER_API,
  reference,
  workflowOf,
} from './workflow-of.js';

const KV: ConnectionFacts = { apiId: KEY_VAULT_API, vaultName: 'payments' };
const identity = { type: 'ManagedServiceIdentity', audience: 'https://vault.azure.net' };
const SECRET = 'https://kv1.vault.azure.net/secrets/x?api-version=7.4';

function kindsOf(action: Json, connections: JsonObject = { keyvault: reference('c') }) {
  const workflow = workflowOf({ actions: { A: action }, connections, given: { vault: { value: 'kv1' } } });
  return secretActionsOf(workflow, connectionsRead({ c: KV })).map(({ kind, vaultName }) => [
    kind,
    vaultName,
  ]);
}

describe('secretActionsOf', () => {
  const getSecret = [['connector-get-secret', 'payments']];
  const decrypt = [['connector-decrypt', 'payments']];
  const rows: readonly (readonly [string, Json, readonly unknown[]])[] = [
    ['get secret', connectorAction(GET_SECRET), getSecret],
    [
      'get secret whose path is one expression',
      connectorAction("@concat('/secrets/', encodeURIComponent(item()), '/value')"),
      getSecret,
    ],
    [
      'get secret with a name from the run',
      connectorAction("/secrets/@{encodeURIComponent(last(split(parameters('uri'), '/')))}/value"),
      getSecret,
    ],
    [
      'get secret version',
      connectorAction("/secrets/@{encodeURIComponent('a')}/versions/@{encodeURIComponent(item())}/value"),
      getSecret,
    ],
    ['get secret by a key in another case', connectorAction(GET_SECRET, 'KEYVAULT'), getSecret],
    ['a type in another case', { ...connectorAction(GET_SECRET), type: 'apiconnection' }, getSecret],
    ['decrypt', connectorAction("/keys/@{encodeURIComponent('k')}/decrypt"), decrypt],
    [
      'decrypt with a key version',
      connectorAction("/keys/@{encodeURIComponent('k')}/versions/1/decrypt"),
      decrypt,
    ],
    ['a path that cannot be told', connectorAction("@variables('path')"), getSecret],
    ['no path', connectorAction(null), getSecret],
    ['list secrets', connectorAction('/secrets'), []],
    ['list secret versions', connectorAction("/secrets/@{encodeURIComponent('a')}/versions"), []],
    ['secret metadata', connectorAction("/secrets/@{encodeURIComponent('a')}/metadata"), []],
    ['encrypt', connectorAction("/keys/@{encodeURIComponent('k')}/encrypt"), []],
    ['list keys', connectorAction('/keys'), []],
    [
      'a connection that cannot be told, on the path of a secret',
      actionThroughUnknown(GET_SECRET),
      [['connector-get-secret', null]],
    ],
    ['a connection that cannot be told, on a path that cannot be told', actionThroughUnknown('@item()'), []],
    ['a connection that cannot be told, on another path', actionThroughUnknown('/v2/Mail'), []],
    ['an HTTP GET of a secret', httpAction({ method: 'GET', uri: SECRET }), [['http-get-secret', 'kv1']]],
    ['an HTTP call without a method', httpAction({ uri: SECRET }), [['http-get-secret', 'kv1']]],
    [
      'an HTTP call whose host is put together',
      httpAction({
        method: 'GET',
        uri: "https://@{parameters('vault')}.@{toLower('VAULT')}.azure.net/secrets/@{item()}",
      }),
      [['http-get-secret', 'kv1']],
    ],
    [
      'an HTTP GET of what cannot be told, with a token for a vault',
      httpAction({ method: 'GET', uri: '@item()', authentication: identity }),
      [['http-get-secret', null]],
    ],
    ['an HTTP PUT of a secret', httpAction({ method: 'PUT', uri: SECRET }), []],
    [
      'an HTTP PUT with a token for a vault',
      httpAction({ method: 'PUT', uri: '@item()', authentication: identity }),
      [],
    ],
    [
      'an HTTP GET of the list of secrets',
      httpAction({ method: 'GET', uri: 'https://kv1.vault.azure.net/secrets', authentication: identity }),
      [],
    ],
    [
      'an HTTP GET of a key',
      httpAction({ method: 'GET', uri: 'https://kv1.vault.azure.net/keys/k', authentication: identity }),
      [],
    ],
    ...['decrypt', 'unwrapkey'].map(
      (what) =>
        [
          `an HTTP POST that has a key ${what}`,
          httpAction({ method: 'POST', uri: `https://kv1.vault.azure.net/keys/k/1/${what}?api-version=7.4` }),
          [['http-decrypt', 'kv1']],
        ] as const,
    ),
    [
      'an HTTP POST that has a key encrypt',
      httpAction({ method: 'POST', uri: 'https://kv1.vault.azure.net/keys/k/1/encrypt' }),
      [],
    ],
    ['an HTTP GET elsewhere', httpAction({ method: 'GET', uri: 'https://example.com/secrets/x' }), []],
    ['another type of action', { type: 'Compose', inputs: SECRET }, []],
    ['an action that says nothing', {}, []],
  ];
  test.each(rows)('%s', (_, action, expected) => {
    expect(kindsOf(action)).toEqual(expected);
  });

  const connections: readonly (readonly [string, JsonObject, readonly unknown[]])[] = [
    ['a custom API named keyvault', { keyvault: reference('x', CUSTOM_API) }, []],
    ['another connector under that key', { keyvault: reference('x', OTHER_API) }, []],
    ['a connection that has not been read', { keyvault: reference('x') }, [['connector-get-secret', null]]],
    [
      'a key that $connections does not have',
      { keyvault_1: reference('x') },
      [['connector-get-secret', null]],
    ],
    [
      'a connection that is Key Vault, whatever the claim',
      { keyvault: reference('c', OTHER_API) },
      [['connector-get-secret', 'payments']],
    ],
  ];
  test.each(connections)('get secret through %s', (_, given, expected) => {
    expect(kindsOf(connectorAction(GET_SECRET), given)).toEqual(expected);
  });

  it('a trigger that polls a secret', () => {
    const triggers = { Poll: { type: 'Http', inputs: { method: 'GET', uri: SECRET }, recurrence: {} } };
    const found = secretActionsOf(workflowOf({ triggers }), new Map());
    expect(found.map(({ name, pointer }) => [name, pointer])).toEqual([
      ['Poll', '/properties/definition/triggers/Poll'],
    ]);
  });

  it('finds each one in the fixture, however deep', () => {
    const text = readFileSync('test/fixtures/workflows/rotate-credentials.json', 'utf8');
    const found = secretActionsOf(
      JSON.parse(text) as WorkflowDocument,
      connectionsRead({ 'Payments-KV': KV }),
    );
    const loop = '/properties/definition/actions/For_each_secret/actions';
    expect(found.map(({ kind, pointer, vaultName }) => [kind, pointer, vaultName])).toEqual([
      ['connector-get-secret', `${loop}/Get_secret_in_loop`, 'payments'],
      [
        'connector-decrypt',
        `${loop}/Is_it_old/actions/Which_kind/cases/Case~1wrapped/actions/Decrypt_it's_value`,
        'payments',
      ],
      [
        'connector-get-secret',
        `${loop}/Is_it_old/actions/Which_kind/default/actions/Get_version`,
        'payments',
      ],
      [
        'http-get-secret',
        `${loop}/Is_it_old/else/actions/Until_it_is_there/actions/Read_over_http`,
        'kv-payments',
      ],
    ]);
  });
});
