import { describe, expect, it, test } from 'vitest';
import { applyEdits, valueAt } from '../../src/types/apply-edits.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { ConnectionFacts } from '../../src/types/observation.js';
import { connectionMovesOf } from '../../src/workflow/connection-moves.js';
import {
  connectionIdOf,
  connectionsRead,
  CUSTOM_API,
  KEY_VAULT_API,
  reference,
  workflowOf,
  type WorkflowParts,
} from './workflow-of.js';

const USER: ConnectionFacts = { apiId: KEY_VAULT_API, vaultName: 'payments', signIn: 'user' };
const successor = { connectionId: connectionIdOf('C-mi'), connectionName: 'C-mi', mayRead: 'yes' } as const;
const successors = new Map([[connectionIdOf('c').toLowerCase(), successor]]);
const ID = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/A';
const OWN: JsonObject = { type: 'SystemAssigned', principalId: 'own' };
const observed = (parts: WorkflowParts, facts: ConnectionFacts = USER, identity: Json = OWN) => ({
  workflow: { ...workflowOf({ connections: { keyvault: reference('c') }, ...parts }), identity },
  connections: connectionsRead({ c: facts }),
  successors,
});
const AT = '/properties/parameters/$connections/value';

describe('connectionMovesOf', () => {
  const kept: readonly (readonly [string, ConnectionFacts, boolean])[] = [
    ["a user's", USER, true],
    ["an app's", { ...USER, signIn: 'application' }, true],
    ["a managed identity's", { ...USER, signIn: 'managed-identity' }, false],
    ['one that cannot be told', { ...USER, signIn: 'unknown' }, false],
    ['one that was stored before it was told', { apiId: KEY_VAULT_API, vaultName: 'payments' }, false],
    ['another API', { ...USER, apiId: CUSTOM_API }, false],
  ];
  test.each(kept)('is moved, or not: %s', (_, facts, moves) => {
    expect(connectionMovesOf(observed({}, facts))).toHaveLength(moves ? 1 : 0);
  });

  it('one without a successor is not moved', () => {
    expect(connectionMovesOf({ ...observed({}), successors: new Map() })).toEqual([]);
  });

  const authentication: readonly (readonly [string, Json, Json])[] = [
    ['its own identity', OWN, { type: 'ManagedServiceIdentity' }],
    [
      'the one that it was given',
      { type: 'UserAssigned', userAssignedIdentities: { [ID]: { principalId: 'p' } } },
      { type: 'ManagedServiceIdentity', identity: ID },
    ],
  ];
  test.each(authentication)('changes three things together: %s', (_, identity, expected) => {
    const { workflow, ...rest } = observed({}, USER, identity);
    const [move] = connectionMovesOf({ workflow, ...rest });
    expect(move?.edits.map(({ path, before, after }) => [path, before, after])).toEqual([
      [`${AT}/keyvault/connectionId`, connectionIdOf('c'), connectionIdOf('C-mi')],
      [`${AT}/keyvault/connectionName`, 'c', 'C-mi'],
      [`${AT}/keyvault/connectionProperties/authentication`, null, expected],
    ]);
    expect(move?.obstacles).toEqual([]);
    expect(valueAt(applyEdits(workflow, move?.edits ?? []), `${AT}/keyvault/id`)).toBe(KEY_VAULT_API);
  });

  it('keeps keys as they are spelled, and what stands beside them', () => {
    const entry = {
      ConnectionID: connectionIdOf('C'),
      ConnectionProperties: { throttle: 1, Authentication: { type: 'ManagedServiceIdentity' } },
    };
    const { workflow, ...rest } = observed({ connections: { 'a/b': entry } });
    const [move] = connectionMovesOf({ workflow, ...rest });
    expect(valueAt(applyEdits(workflow, move?.edits ?? []), `${AT}/a~1b`)).toEqual({
      ConnectionID: connectionIdOf('C-mi'),
      ConnectionProperties: { throttle: 1, Authentication: { type: 'ManagedServiceIdentity' } },
      connectionName: 'C-mi',
    });
  });

  it('moves each key that names the connection', () => {
    const moves = connectionMovesOf(observed({ connections: { a: reference('c'), b: reference('C') } }));
    expect(moves.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('says what stands in the way, and no secret that stands there', () => {
    const connectionProperties = { authentication: { type: 'Raw', value: 'hush' } };
    const connections = { keyvault: { ...reference('c'), connectionProperties } };
    const moves = connectionMovesOf(observed({ connections }));
    expect(moves.map(({ obstacles }) => obstacles)).toEqual([
      [expect.stringContaining('connectionProperties')],
    ]);
    expect(JSON.stringify(moves)).not.toContain('hush');
  });
});
