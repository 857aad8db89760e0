import { describe, expect, it, test } from 'vitest';
import { workflowPut } from '../../src/engine/write/workflow-put.js';
import { connectionManagedIdentity } from '../../src/remediators/connection-managed-identity.js';
import type { Plan } from '../../src/remediators/remediator.js';
import { applyEdits, valueAt } from '../../src/types/apply-edits.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { ConnectionObservation, ConnectionUser, MayRead } from '../../src/types/observation.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { observeWorkflow } from '../workflow/workflow-observation.js';
import {
  connectionIdOf,
  connectionsRead,
  connectorAction,
  CUSTOM_API,
  KEY_VAULT_API,
  OTHER_API,
  reference,
  workflowOf,
  type WorkflowParts,
} from '../workflow/workflow-of.js';

const api = { id: KEY_VAULT_API };
const consent = { vaultName: 'payments', 'token:grantType': 'code' };
const connection = (properties: JsonObject): JsonObject => ({
  id: connectionIdOf('kv'),
  location: 'westeurope',
  properties: { api, ...properties },
});
const USER = connection({ nonSecretParameterValues: consent });
const GOOD = connection({
  parameterValueType: 'Alternative',
  alternativeParameterValues: { vaultName: 'payments' },
});
const user = (more: Partial<ConnectionUser> = {}): ConnectionUser => ({
  workflowId: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Logic/workflows/Playbook',
  keys: ['keyvault'],
  identity: { kind: 'managed-identity', principalId: 'p-1', userAssignedId: null },
  mayRead: 'yes',
  obstacles: [],
  ...more,
});
const shown = ({ edits, refusals, findings }: Plan) => ({
  paths: edits.map(({ path }) => path),
  refused: refusals.map(({ reason }) => reason),
  found: findings.map(({ severity, about }) => [severity, about]),
});

describe('connection-managed-identity, on a connection', () => {
  const planOf = (more: Partial<ConnectionObservation>): Plan =>
    connectionManagedIdentity.plan({
      kind: 'connection',
      id: parseResourceId(connectionIdOf('kv')),
      connection: USER,
      users: [user()],
      successor: null,
      ...more,
    });
  const aboutUser = `user:${user().workflowId.toLowerCase()}`;
  type Found = readonly (readonly [severity: string, about: string])[];
  const rows: readonly (readonly [string, Partial<ConnectionObservation>, boolean, Found])[] = [
    [
      'compliant: another API',
      { connection: connection({ api: { id: OTHER_API }, nonSecretParameterValues: consent }) },
      false,
      [],
    ],
    [
      'compliant: a custom API of that name',
      { connection: connection({ api: { id: CUSTOM_API } }) },
      false,
      [],
    ],
    ['compliant: the managed identity already', { connection: GOOD }, false, []],
    ['drifted: a user, and every workflow can be moved', {}, true, [['medium', 'movable']]],
    [
      "drifted: an app's secret",
      {
        connection: connection({
          nonSecretParameterValues: { vaultName: 'payments', 'token:clientId': 'c' },
        }),
      },
      true,
      [['medium', 'movable']],
    ],
    ['half-set: being moved', { successor: GOOD }, false, [['low', 'moving']]],
    [
      'half-set: some are moved, one cannot be',
      { successor: GOOD, users: [user(), user({ mayRead: 'no' })] },
      false,
      [
        ['medium', aboutUser],
        ['low', 'moving'],
      ],
    ],
    [
      'half-set: those that are left cannot be moved',
      { successor: GOOD, users: [user({ mayRead: 'no' })] },
      false,
      [['medium', aboutUser]],
    ],
    ['missing: the access', { users: [user(), user({ mayRead: 'no' })] }, false, [['medium', aboutUser]]],
    [
      'missing: knowledge of the access',
      { users: [user({ mayRead: 'unknown' })] },
      false,
      [['medium', aboutUser]],
    ],
    ['missing: the identity', { users: [user({ identity: null })] }, false, [['medium', aboutUser]]],
    [
      'missing: the identity, though it is named',
      { users: [user({ identity: { kind: 'managed-identity', principalId: null, userAssignedId: 'x' } })] },
      false,
      [['medium', aboutUser]],
    ],
    [
      'a workflow that cannot be written',
      { users: [user({ obstacles: ['It declares secure parameters.'] })] },
      false,
      [['medium', aboutUser]],
    ],
    ['nobody uses it', { users: [] }, false, [['low', 'unused']]],
    ['nobody uses it any more', { users: [], successor: GOOD }, false, [['low', 'unused']]],
    [
      'unexpected: a successor that signs in as a user',
      { successor: USER },
      false,
      [['medium', 'successor']],
    ],
    ['unexpected: a successor that Azure does not show', { successor: {} }, false, [['medium', 'successor']]],
    [
      'unexpected: a successor in an error',
      { successor: connection({ ...(GOOD.properties as JsonObject), statuses: [{ status: 'Error' }] }) },
      false,
      [['medium', 'successor']],
    ],
    [
      'unexpected: no vault',
      { connection: connection({ nonSecretParameterValues: { 'token:grantType': 'code' } }) },
      false,
      [['medium', 'vault']],
    ],
    ['unexpected: no location', { connection: { ...USER, location: 7 } }, false, [['medium', 'location']]],
    [
      'unexpected: a sign-in that cannot be told',
      { connection: connection({ nonSecretParameterValues: { vaultName: 'payments' } }), users: [] },
      false,
      [['medium', 'sign-in']],
    ],
    ['hostile: nothing in it', { connection: {} }, false, []],
  ];
  test.each(rows)('%s', (_, more, makes, found) => {
    const plan = planOf(more);
    expect(shown(plan)).toEqual({ paths: makes ? ['/connections/kv-mi'] : [], refused: [], found });
    expect(plan.warnings).toEqual([]);
  });

  it('makes a connection for the same vault beside it, and a good one leaves nothing to make', () => {
    const [edit] = planOf({}).edits;
    expect(edit).toMatchObject({
      op: 'set',
      before: null,
      after: {
        kind: 'V1',
        location: 'westeurope',
        properties: {
          displayName: 'kv-mi',
          api,
          parameterValueType: 'Alternative',
          alternativeParameterValues: { vaultName: 'payments' },
        },
      },
    });
    expect(planOf({ successor: edit?.after as JsonObject }).edits).toEqual([]);
  });

  it('says all that a workflow lacks', () => {
    const lacking = user({ mayRead: 'no', obstacles: ['The trigger "R" has no startTime.'] });
    const [one] = planOf({ users: [lacking] }).findings;
    expect(one?.reason).toContain(lacking.workflowId);
    expect(one?.reason).toContain('Its identity p-1 may not read the secrets of the vault payments.');
    expect(one?.reason).toContain('"R" has no startTime');
  });
});

describe('connection-managed-identity, on a workflow', () => {
  const facts = connectionsRead({
    kv: { apiId: KEY_VAULT_API, vaultName: 'payments', signIn: 'user' },
    'kv-mi': { apiId: KEY_VAULT_API, vaultName: 'payments', signIn: 'managed-identity' },
  });
  const OWN: JsonObject = { type: 'SystemAssigned', principalId: 'p-1' };
  const several = { type: 'UserAssigned', userAssignedIdentities: { a: {}, b: {} } };
  const AT = '/properties/parameters/$connections/value/keyvault';
  const MOVED = [`${AT}/connectionId`, `${AT}/connectionName`, `${AT}/connectionProperties/authentication`];
  const observe = (parts: WorkflowParts, mayRead: MayRead | null, identity: Json = OWN) =>
    observeWorkflow(
      { ...workflowOf({ connections: { keyvault: reference('kv') }, ...parts }), identity },
      {
        connections: facts,
        successors:
          mayRead === null
            ? new Map()
            : new Map([
                [
                  connectionIdOf('kv').toLowerCase(),
                  { connectionId: connectionIdOf('kv-mi'), connectionName: 'kv-mi', mayRead },
                ],
              ]),
      },
    );

  const rows: readonly (readonly [
    string,
    WorkflowParts,
    MayRead | null,
    Json,
    Partial<ReturnType<typeof shown>>,
  ])[] = [
    ['compliant: no successor is there yet', {}, null, OWN, {}],
    ['compliant: it is moved', { connections: { keyvault: reference('kv-mi') } }, 'yes', OWN, {}],
    ['compliant: no connection', { connections: {} }, 'yes', OWN, {}],
    ['drifted: three things in one write', {}, 'yes', OWN, { paths: MOVED }],
    ['missing: the access', {}, 'no', OWN, { found: [['medium', 'move:keyvault']] }],
    ['missing: knowledge of the access', {}, 'unknown', OWN, { found: [['medium', 'move:keyvault']] }],
    ['missing: the identity', {}, 'unknown', null, { found: [['medium', 'move:keyvault']] }],
    [
      'missing: the identity, whatever is said of its access',
      {},
      'yes',
      null,
      { found: [['medium', 'move:keyvault']] },
    ],
    [
      'unexpected: several identities',
      {},
      'unknown',
      several,
      { refused: [expect.stringContaining('several user-assigned identities') as string] },
    ],
    [
      'an action that does more than read',
      { actions: { A: connectorAction('/keys/k/decrypt') } },
      'yes',
      OWN,
      { refused: [expect.stringContaining('keys/decrypt') as string] },
    ],
    [
      'secure parameters: refused',
      { declared: { p: { type: 'SecureString' } } },
      'yes',
      OWN,
      { refused: [expect.stringContaining('secure parameters') as string] },
    ],
    ['hostile: an entry that is no object', { connections: { keyvault: 7, b: null } }, 'yes', OWN, {}],
  ];
  test.each(rows)('%s', (_, parts, mayRead, identity, expected) => {
    const plan = connectionManagedIdentity.plan(observe(parts, mayRead, identity));
    expect(shown(plan)).toEqual({ paths: [], refused: [], found: [], ...expected });
  });

  it('a move that is made leaves nothing to plan, and the text is spliced', () => {
    const observation = observe({}, 'yes');
    const { edits } = connectionManagedIdentity.plan(observation);
    const sent = JSON.parse(workflowPut(JSON.stringify(observation.workflow), edits)) as JsonObject;
    expect(valueAt(sent, AT)).toEqual({
      ...reference('kv-mi'),
      connectionProperties: { authentication: { type: 'ManagedServiceIdentity' } },
    });
    const workflow = applyEdits(observation.workflow, edits);
    expect(connectionManagedIdentity.plan({ ...observation, workflow })).toEqual({
      edits: [],
      warnings: [],
      refusals: [],
      findings: [],
    });
  });
});
