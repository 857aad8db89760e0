import { describe, expect, it, test } from 'vitest';
import type { Json } from '../../src/types/json.js';
import { moveObstaclesOf } from '../../src/workflow/move-obstacles.js';
import {
  actionThroughUnknown,
  connectionIdOf,
  connectionsRead,
  connectorAction,
  GET_SECRET,
  KEY_VAULT_API,
  reference,
  workflowOf,
  type WorkflowParts,
} from './workflow-of.js';

const ID = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/A';
const connections = connectionsRead({ c: { apiId: KEY_VAULT_API, vaultName: 'payments', signIn: 'user' } });

function obstaclesOf(parts: WorkflowParts, identity: Json = { principalId: 'own' }): readonly string[] {
  const workflow = { ...workflowOf({ connections: { keyvault: reference('c') }, ...parts }), identity };
  return moveObstaclesOf(workflow, connections)(connectionIdOf('c').toLowerCase());
}

describe('moveObstaclesOf', () => {
  const byId = (name: string) => ({
    type: 'ApiConnection',
    inputs: { host: { connection: { name: connectionIdOf(name) } }, path: GET_SECRET },
  });
  const withProperties = (connectionProperties: Json): WorkflowParts => ({
    connections: { keyvault: { ...reference('c'), connectionProperties } },
  });
  const obstacles: readonly (readonly [string, WorkflowParts, string | null])[] = [
    ['none: an action gets a secret', { actions: { A: connectorAction(GET_SECRET) } }, null],
    ['none: another connection is named by its id', { actions: { A: byId('d') } }, null],
    ['none: another connector cannot be told', { actions: { A: actionThroughUnknown('/v2/Mail') } }, null],
    [
      'none: half-set, the identity stands there already',
      withProperties({ authentication: { type: 'ManagedServiceIdentity' } }),
      null,
    ],
    ['none: connectionProperties that are null', withProperties(null), null],
    ['an action that names it by its id', { actions: { A: byId('C') } }, '"A" names its connection'],
    [
      'an action that may use any',
      { actions: { A: actionThroughUnknown('@item()') } },
      '"A" names its connection',
    ],
    ['an action that lists', { actions: { A: connectorAction('/secrets') } }, 'secrets/list'],
    ['an action that decrypts', { actions: { A: connectorAction('/keys/k/decrypt') } }, 'keys/decrypt'],
    [
      'an action whose use cannot be told',
      { actions: { A: connectorAction('/secrets/x/metadata') } },
      'something that cannot be told',
    ],
    ['connectionProperties that are no object', withProperties('x'), 'connectionProperties'],
    [
      'another authentication',
      withProperties({ authentication: { type: 'Raw', value: 'hush' } }),
      'connectionProperties',
    ],
    [
      'an authentication that is no object',
      withProperties({ authentication: 'hush' }),
      'connectionProperties',
    ],
  ];
  test.each(obstacles)('%s', (_, parts, obstacle) => {
    const found = obstaclesOf(parts);
    if (obstacle === null) expect(found).toEqual([]);
    else expect(found[0]).toContain(obstacle);
    expect(found.join()).not.toContain('hush');
  });

  it('several identities are an obstacle: nobody can say which', () => {
    const identity = { type: 'UserAssigned', userAssignedIdentities: { [ID]: {}, [`${ID}2`]: {} } };
    expect(obstaclesOf({}, identity)).toEqual([expect.stringContaining('several user-assigned identities')]);
  });
});
