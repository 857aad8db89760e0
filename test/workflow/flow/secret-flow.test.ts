import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/types/json.js';
import { describeSecret } from '../../../src/workflow/flow/describe-secret.js';
import { secretFlowOf } from '../../../src/workflow/flow/secret-flow.js';
import {
  connectionsRead,
  connectorAction,
  GET_SECRET,
  httpAction,
  KEY_VAULT_API,
  reference,
  workflowOf,
  type WorkflowParts,
} from '../workflow-of.js';

const connections = connectionsRead({ c: { apiId: KEY_VAULT_API, vaultName: 'payments' } });
const flowOf = (parts: WorkflowParts, related?: Parameters<typeof secretFlowOf>[2]) =>
  secretFlowOf(workflowOf({ connections: { keyvault: reference('c') }, ...parts }), connections, related);
const hiding = (...properties: readonly string[]): JsonObject => ({
  runtimeConfiguration: { secureData: { properties } },
});
const VALUE = "@body('Secret')?['value']";
const CHILD = '/subscriptions/X/resourceGroups/Rg/providers/Microsoft.Logic/workflows/Child';

describe('secretFlowOf', () => {
  it('is empty where there is no secret', () => {
    const flow = flowOf({ actions: { A: { type: 'Compose', inputs: 'x' } } });
    expect(flow.holdingsIf(() => true)).toEqual([]);
    expect(flow).toMatchObject({
      secrets: [],
      holdings: [],
      workflowOutputs: [],
      returnsSecret: false,
      handsSecretTo: [],
    });
    expect(flow.edges()).toEqual([]);
  });

  it('says how each operation is hidden, and the way that the secret took', () => {
    const { holdings } = flowOf({
      actions: {
        Secret: connectorAction(GET_SECRET, 'keyvault', hiding('outputs')),
        Direct: httpAction({ uri: 'https://example.org', body: VALUE }),
        Kept: { type: 'Compose', inputs: VALUE },
        Variable: { type: 'SetVariable', inputs: { name: 'k', value: "@outputs('Kept')" } },
        Open: httpAction({ uri: 'https://example.org', body: "@variables('k')" }),
        Set: httpAction({ uri: 'https://example.org', body: "@variables('k')" }, hiding('inputs')),
        Both: { type: 'Select', inputs: { from: "@createArray(variables('k'))", select: '@item()' } },
      },
    });
    const rows = holdings.map(({ operation, inputs, outputs }) => [
      operation.name,
      inputs?.hiding ?? null,
      outputs?.hiding ?? null,
      (inputs ?? outputs)?.secrets.map(({ path }) => path.join(' > ')),
    ]);
    expect(rows).toEqual([
      ['Secret', null, 'by-setting', ['Secret']],
      ['Direct', 'by-itself', null, ['Secret > Direct']],
      ['Kept', 'by-itself', 'by-itself', ['Secret > Kept']],
      ['Variable', 'impossible', 'impossible', ['Secret > Kept > Variable']],
      ['Open', 'open', null, ['Secret > Kept > Variable > k > Open']],
      ['Set', 'by-setting', null, ['Secret > Kept > Variable > k > Set']],
      ['Both', 'open', 'open', ['Secret > Kept > Variable > k > Both']],
    ]);
  });

  it('counts what a text that does not parse mentions, wherever else that is used', () => {
    const { holdings } = flowOf({
      declared: { p: { type: 'SecureString' } },
      actions: {
        First: { type: 'Compose', inputs: "@concat(parameters('p'" },
        Second: { type: 'Compose', inputs: "@parameters('p')" },
      },
    });
    expect(holdings.map(({ operation }) => operation.name)).toEqual(['First', 'Second']);
  });

  it('shows what uses outputs that are not hidden, and what would be if they were', () => {
    const flow = flowOf({
      actions: { Secret: connectorAction(GET_SECRET), A: { type: 'Compose', inputs: VALUE } },
    });
    const hidingOfA = (holdings: typeof flow.holdings) =>
      holdings.find(({ operation }) => operation.name === 'A')?.inputs?.hiding;
    expect([hidingOfA(flow.holdings), hidingOfA(flow.holdingsIf(() => true))]).toEqual(['open', 'by-itself']);
  });

  it('names the vault and the secret, where they can be told', () => {
    const { secrets } = flowOf({
      actions: {
        A: connectorAction(GET_SECRET),
        B: connectorAction('/secrets/@{encodeURIComponent(triggerBody())}/value'),
        C: httpAction({
          method: 'GET',
          uri: 'https://kv1.vault.azure.net/secrets/api-key/1?api-version=7.4',
        }),
        D: connectorAction('/keys/k/decrypt'),
        E: httpAction({ method: 'PUT', uri: 'https://kv1.vault.azure.net/secrets/fresh', body: {} }),
        F: httpAction({ method: 'POST', uri: 'https://kv1.vault.azure.net/keys/k/1/decrypt', body: {} }),
      },
      declared: { p: { type: 'SecureObject' } },
    });
    expect(secrets.map(describeSecret)).toEqual([
      'the secret "db-password" of the vault payments (from "A")',
      'a secret of the vault payments (from "B")',
      'the secret "api-key" of the vault kv1 (from "C")',
      'what a key of the vault payments decrypts (from "D")',
      'what a key of the vault kv1 decrypts (from "F")',
      'the secret "fresh" that "E" writes into the vault kv1',
      'the secure parameter "p"',
    ]);
  });

  it('tells a token and what it was got for', () => {
    const { secrets } = flowOf({
      actions: {
        Secret: connectorAction(GET_SECRET),
        Login: httpAction({ method: 'POST', uri: 'https://example.org', body: VALUE }),
        Use: httpAction({
          uri: 'https://example.org',
          headers: { Authorization: "Bearer @{body('Login')?['token']}" },
        }),
      },
    });
    expect(
      secrets.map(({ kind, source, derivedFrom }) => [kind, source, derivedFrom.map((from) => from.source)]),
    ).toEqual([
      ['connector-get-secret', 'Secret', []],
      ['derived', 'Login', ['Secret']],
    ]);
  });

  it('has each step of a way as an edge', () => {
    const { edges } = flowOf({
      actions: {
        Secret: connectorAction(GET_SECRET),
        V: { type: 'SetVariable', inputs: { name: 'k', value: VALUE } },
        S: { type: 'Scope', actions: { In: { type: 'Compose', inputs: "@variables('k')" } } },
        R: { type: 'Compose', inputs: "@result('S')" },
      },
    });
    expect(edges().map(({ from, to }) => `${from.kind} ${from.name} > ${to.kind} ${to.name}`)).toEqual([
      'operation Secret > operation V',
      'operation V > variable k',
      'variable k > operation In',
      'operation In > operation S',
      'operation S > operation R',
    ]);
  });

  it('says that a Response gives a secret, and to whom a secret is handed', () => {
    const child = (body: string, id = CHILD): JsonObject => ({
      type: 'Workflow',
      inputs: { host: { workflow: { id } }, body },
    });
    const flow = flowOf({
      actions: {
        Secret: connectorAction(GET_SECRET),
        A: child(VALUE),
        B: child('x'),
        C: child(VALUE, '@triggerBody()'),
        R: { type: 'Response', inputs: { body: { token: VALUE } } },
      },
    });
    expect([flow.returnsSecret, flow.handsSecretTo]).toEqual([
      true,
      [{ workflowId: CHILD.toLowerCase() }, { workflowId: null }],
    ]);
  });

  it('says that a Response gives none, where it only says how a call ended', () => {
    const flow = flowOf({
      actions: {
        Secret: connectorAction(GET_SECRET),
        R: { type: 'Response', inputs: { statusCode: "@outputs('Secret')['statusCode']", body: 'done' } },
      },
    });
    expect([flow.returnsSecret, flow.handsSecretTo]).toEqual([false, []]);
  });

  it('knows what other workflows give back, and what a caller hands over', () => {
    const { secrets, returnsSecret } = flowOf(
      {
        triggers: { manual: { type: 'Request' }, Timer: { type: 'Recurrence' } },
        actions: {
          A: { type: 'Workflow', inputs: { host: { workflow: { id: CHILD } } } },
          R: { type: 'Response', inputs: { body: "@triggerBody()?['key']" } },
        },
      },
      { returnsSecret: new Set([CHILD.toLowerCase()]), receivesSecret: true },
    );
    expect(secrets.map(({ kind, source }) => `${kind} ${source}`)).toEqual([
      'child-workflow A',
      'caller manual',
    ]);
    expect(returnsSecret).toBe(true);
  });

  it.each([
    ['no definition', {}],
    ['a definition that is a text', { properties: { definition: 'x' } }],
    ['actions that are lists', { properties: { definition: { actions: [1], triggers: null, outputs: [] } } }],
  ])('takes %s', (_, workflow) => {
    expect(secretFlowOf(workflow, new Map()).secrets).toEqual([]);
  });
});
