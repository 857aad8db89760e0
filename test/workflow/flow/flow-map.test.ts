import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/types/json.js';
import { flowMapOf, type FlowMap } from '../../../src/workflow/flow/flow-map.js';
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
const mapOf = (parts: WorkflowParts, related?: Parameters<typeof flowMapOf>[2]): FlowMap =>
  flowMapOf(workflowOf({ connections: { keyvault: reference('c') }, ...parts }), connections, related);
const hiding = (...properties: readonly string[]): JsonObject => ({
  runtimeConfiguration: { secureData: { properties } },
});
const VALUE = "@body('Secret')?['value']";
const secret = (more: JsonObject = {}): JsonObject => connectorAction(GET_SECRET, 'keyvault', more);

const ways = ({ edges }: FlowMap): readonly string[] => edges.map(({ from, to }) => `${from} > ${to}`).sort();
const leaks = ({ nodes }: FlowMap): readonly string[] =>
  nodes.flatMap(({ name, leaks: found }) =>
    found.map(({ where, canBeHidden }) => `${name}: ${where}${canBeHidden ? ', can be hidden' : ''}`),
  );

describe('flowMapOf', () => {
  it('is empty where there is no secret', () => {
    expect(mapOf({ actions: { A: { type: 'Compose', inputs: 'x' } } })).toEqual({
      secrets: [],
      nodes: [],
      edges: [],
      obstacle: null,
    });
  });

  it.each<[string, WorkflowParts, readonly string[], readonly string[]]>([
    [
      'a secret that is hidden to its end leaks nowhere',
      { actions: { Secret: secret(hiding('outputs')), Call: httpAction({ body: VALUE }) } },
      ['operation:secret > operation:call', 'vault:payments > operation:secret'],
      [],
    ],
    [
      'outputs that stand open leak, and so do the inputs that use them',
      { actions: { Secret: secret(), Call: httpAction({ body: VALUE }) } },
      ['operation:secret > operation:call', 'vault:payments > operation:secret'],
      ['Secret: outputs, can be hidden', 'Call: inputs, can be hidden'],
    ],
    [
      'a variable leaks, and no setting hides it',
      {
        actions: {
          Secret: secret(hiding('outputs')),
          Keep: { type: 'SetVariable', inputs: { name: 'Token', value: `@{outputs('Secret')}` } },
        },
      },
      [
        'operation:keep > variable:token',
        'operation:secret > operation:keep',
        'vault:payments > operation:secret',
      ],
      ['Keep: inputs', 'Keep: outputs'],
    ],
    [
      'a response hands it to whoever calls',
      {
        actions: {
          Secret: secret(hiding('outputs')),
          Answer: { type: 'Response', inputs: { statusCode: 200, body: VALUE }, ...hiding('inputs') },
        },
      },
      [
        'operation:answer > caller',
        'operation:secret > operation:answer',
        'vault:payments > operation:secret',
      ],
      ['Answer: response'],
    ],
    [
      'a secure parameter is where it comes from',
      {
        declared: { Password: { type: 'SecureString' } },
        actions: { Call: httpAction({ body: "@parameters('Password')" }) },
      },
      ['parameter:password > operation:call'],
      ['Call: inputs, can be hidden'],
    ],
  ])('%s', (_name, parts, expectedWays, expectedLeaks) => {
    const map = mapOf(parts);
    expect(ways(map)).toEqual(expectedWays);
    expect(leaks(map)).toEqual(expectedLeaks);
  });

  it('names the caller that hands the workflow a secret', () => {
    const map = mapOf(
      {
        triggers: { manual: { type: 'Request', kind: 'Http', inputs: {} } },
        actions: { Call: httpAction({ body: "@triggerBody()?['password']" }) },
      },
      { returnsSecret: new Set(), receivesSecret: true },
    );
    expect(ways(map)).toContain('caller > operation:manual');
    expect(map.nodes.find(({ name }) => name === 'manual')).toMatchObject({
      kind: 'trigger',
      type: 'request',
    });
  });

  it('has no edge to a node that is not there, and no secret that is not named', () => {
    const map = mapOf({
      declared: { Password: { type: 'SecureString' } },
      actions: {
        Secret: secret(),
        Loop: {
          type: 'Foreach',
          foreach: "@createArray(body('Secret')?['value'])",
          actions: { Inner: httpAction({ body: '@item()', headers: { a: "@parameters('Password')" } }) },
        },
        Join: { type: 'Join', inputs: { from: "@body('Inner')", joinWith: "@{body('Secret')?['value']}" } },
      },
    });
    const ids = new Set(map.nodes.map(({ id }) => id));
    const secrets = new Set(map.secrets.map(({ id }) => id));
    expect(ids.size).toBe(map.nodes.length);
    for (const { from, to, secrets: carried } of map.edges) {
      expect([ids.has(from), ids.has(to)]).toEqual([true, true]);
      expect(carried.length).toBeGreaterThan(0);
      expect(carried.every((id) => secrets.has(id))).toBe(true);
    }
    for (const { secrets: shown } of map.nodes.flatMap((node) => node.leaks))
      expect(shown.every((id) => secrets.has(id))).toBe(true);
  });

  it('holds no value that stands in the definition', () => {
    const canary = 'c4n4ry-p4ssw0rd';
    const map = mapOf({
      declared: { Password: { type: 'SecureString', defaultValue: canary } },
      given: { Password: { value: canary } },
      actions: {
        Secret: secret(),
        Call: httpAction({ uri: `https://x/${canary}`, body: VALUE, headers: { a: canary } }),
        Other: httpAction({ body: "@parameters('Password')", headers: { authorization: canary } }),
      },
    });
    expect(map.nodes.length).toBeGreaterThan(3);
    expect(JSON.stringify(map)).not.toContain(canary);
  });
});
