import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectionManagedIdentity } from '../../src/remediators/connection-managed-identity.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import { getIgnoringCase, type Json, type JsonObject } from '../../src/types/json.js';
import type { ConnectionUser, MayRead, WorkflowDocument } from '../../src/types/observation.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { connectionEntriesOf, readConnectionFacts } from '../../src/workflow/connections.js';
import { moveObstaclesOf } from '../../src/workflow/move-obstacles.js';
import { identityToUse } from '../../src/workflow/sign-in.js';
import { isGoodSuccessor, successorIdOf, successorOf } from '../../src/workflow/successor.js';
import { writeHazardsOf } from '../../src/workflow/write-hazards.js';
import { observeWorkflow } from './workflow-observation.js';
import {
  connectionIdOf,
  connectorAction,
  GET_SECRET,
  KEY_VAULT_API,
  reference,
  workflowOf,
} from './workflow-of.js';

const OLD = parseResourceId(connectionIdOf('kv'));
const NEW = successorIdOf(OLD);

/** Connections by their keys, workflows, and the principals that the vault lets read. */
interface World {
  readonly connections: Map<string, JsonObject>;
  readonly workflows: WorkflowDocument[];
  readonly granted: ReadonlySet<string>;
}

const isManaged = (connection: JsonObject | undefined): boolean =>
  connection !== undefined && readConnectionFacts(connection).signIn === 'managed-identity';

function authenticationIn(entry: Json | undefined): Json | undefined {
  return getIgnoringCase(getIgnoringCase(entry, 'connectionProperties'), 'authentication');
}

/**
 * What Azure holds every save of a workflow to: a managed identity's connection with the identity in `$connections`
 * (https://github.com/Azure/LogicAppsUX/issues/2203), and no other connection with one
 * (https://github.com/Azure/bicep-types-az/issues/2197).
 */
function isAccepted(world: World, workflow: WorkflowDocument): boolean {
  return connectionEntriesOf(workflow).every(({ connectionId, json }) => {
    const connection = world.connections.get(connectionId ?? '');
    const type = getIgnoringCase(authenticationIn(json), 'type');
    return connection !== undefined && isManaged(connection) === (type === 'ManagedServiceIdentity');
  });
}

/** Whether a run would get its secret: as the user of the connection, or as an identity that the vault knows. */
function canRead(world: World, workflow: WorkflowDocument): boolean {
  return connectionEntriesOf(workflow).every(({ connectionId, json }) => {
    const connection = world.connections.get(connectionId ?? '');
    if (connection === undefined) return false;
    if (!isManaged(connection)) return authenticationIn(json) === undefined;
    const named = getIgnoringCase(authenticationIn(json), 'identity');
    const holder = workflow.identity ?? null;
    const identity =
      named === undefined
        ? holder
        : getIgnoringCase(getIgnoringCase(holder, 'userAssignedIdentities'), named as string);
    const principal = getIgnoringCase(identity, 'principalId');
    return typeof principal === 'string' && world.granted.has(principal);
  });
}

function mayRead(world: World, workflow: WorkflowDocument): MayRead {
  const identity = identityToUse(workflow);
  if (identity.kind !== 'one') return 'unknown';
  return world.granted.has(identity.signIn.principalId ?? '') ? 'yes' : 'no';
}

function factsIn({ connections }: World) {
  return new Map([...connections].map(([key, document]) => [key, readConnectionFacts(document)]));
}

/** Looks at the old connection and makes what is planned. */
function stepConnection(world: World): void {
  const old = world.connections.get(OLD.key) ?? {};
  const facts = factsIn(world);
  const users = world.workflows.flatMap((workflow): readonly ConnectionUser[] => {
    const keys = connectionEntriesOf(workflow).flatMap(({ key, connectionId }) =>
      connectionId === OLD.key ? [key] : [],
    );
    if (keys.length === 0) return [];
    const identity = identityToUse(workflow);
    return [
      {
        workflowId: workflow.id as string,
        keys,
        identity: identity.kind === 'one' ? identity.signIn : null,
        mayRead: mayRead(world, workflow),
        obstacles: [...writeHazardsOf(workflow, false).reasons, ...moveObstaclesOf(workflow, facts)(OLD.key)],
      },
    ];
  });
  const successor = world.connections.get(NEW.key) ?? null;
  const plan = connectionManagedIdentity.plan({
    kind: 'connection',
    id: OLD,
    connection: old,
    users,
    successor,
  });
  for (const { path, after } of plan.edits) {
    expect(path).toBe(`/connections/${NEW.name}`);
    expect(world.connections.has(NEW.key)).toBe(false);
    world.connections.set(NEW.key, after as JsonObject);
  }
}

/** Looks at one workflow and writes what is planned; Azure must take it. */
function stepWorkflow(world: World, index: number): void {
  const workflow = world.workflows[index];
  if (workflow === undefined) return;
  const old = world.connections.get(OLD.key) ?? {};
  const candidate = world.connections.get(NEW.key);
  const isThere = candidate !== undefined && isGoodSuccessor(old, candidate);
  const successor = { connectionId: NEW.id, connectionName: NEW.name, mayRead: mayRead(world, workflow) };
  const plan = connectionManagedIdentity.plan(
    observeWorkflow(workflow, {
      connections: factsIn(world),
      successors: new Map(isThere ? [[OLD.key, successor]] : []),
    }),
  );
  if (plan.edits.length === 0) return;
  const written = applyEdits(workflow, plan.edits);
  expect(isAccepted(world, written)).toBe(true);
  world.workflows[index] = written;
}

const USER_ID =
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/';
const given = (...names: readonly string[]): JsonObject => ({
  type: 'UserAssigned',
  userAssignedIdentities: Object.fromEntries(names.map((name) => [USER_ID + name, { principalId: name }])),
});
const identities: readonly Json[] = [
  null,
  { type: 'SystemAssigned', principalId: 'own' },
  given('a'),
  given('a', 'b'),
];
const pinned = {
  type: 'ApiConnection',
  inputs: { host: { connection: { name: OLD.id } }, path: GET_SECRET },
};
const actions: readonly JsonObject[] = [
  { A: connectorAction(GET_SECRET) },
  {},
  { A: connectorAction('/secrets') },
  { A: pinned },
];
const managed = { connectionProperties: { authentication: { type: 'ManagedServiceIdentity' } } };

const startOf = fc.record({
  signIn: fc.constantFrom<JsonObject>({ 'token:grantType': 'code' }, { 'token:clientId': 'c' }, {}),
  successor: fc.constantFrom<'none' | 'good' | 'other vault' | 'user'>(
    'none',
    'none',
    'good',
    'other vault',
    'user',
  ),
  granted: fc.subarray(['own', 'a', 'b']),
  workflows: fc.array(
    fc.record({
      identity: fc.constantFrom(...identities),
      isMoved: fc.boolean(),
      keys: fc.constantFrom<readonly string[]>(['keyvault'], ['keyvault', 'keyvault-1']),
      actions: fc.constantFrom(...actions),
      isSecure: fc.constantFrom(false, false, true),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

function worldOf(start: typeof startOf extends fc.Arbitrary<infer S> ? S : never): World {
  const old: JsonObject = {
    id: OLD.id,
    location: 'westeurope',
    properties: {
      api: { id: KEY_VAULT_API },
      nonSecretParameterValues: { vaultName: 'payments', ...start.signIn },
    },
  };
  const good = successorOf(old) ?? {};
  const successors: Readonly<Record<string, JsonObject>> = {
    good,
    user: old,
    'other vault': {
      ...good,
      properties: { ...(good.properties as JsonObject), alternativeParameterValues: { vaultName: 'hr' } },
    },
  };
  const successor = successors[start.successor];
  const connections = new Map([[OLD.key, old]]);
  if (successor !== undefined) connections.set(NEW.key, successor);
  const workflows = start.workflows.map((workflow, i): WorkflowDocument => {
    const entry =
      workflow.isMoved && start.successor === 'good'
        ? { ...reference(NEW.name), ...managed }
        : reference('kv');
    const connectionsNamed = Object.fromEntries(workflow.keys.map((key) => [key, entry]));
    const declared: JsonObject = workflow.isSecure ? { p: { type: 'SecureString' } } : {};
    const document = workflowOf({ connections: connectionsNamed, actions: workflow.actions, declared });
    return { ...document, id: `${document.id as string}${i}`, identity: workflow.identity };
  });
  return { connections, workflows, granted: new Set(start.granted) };
}

describe('a connection is moved by a successor', () => {
  const steps = fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 12 });

  it('whatever the start and the order, and wherever it stops, whoever could read can read', () => {
    fc.assert(
      fc.property(startOf, steps, (start, order) => {
        const world = worldOf(start);
        const could = world.workflows.map((workflow) => canRead(world, workflow));
        for (const step of order) {
          if (step < 0) stepConnection(world);
          else stepWorkflow(world, step);
          const can = world.workflows.map((workflow) => canRead(world, workflow));
          expect(can.map((one, i) => one || could[i] === false)).not.toContain(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('where nothing is missing, every workflow ends on the successor, and nothing is left to do', () => {
    const plain = startOf.map((start) => ({
      ...start,
      signIn: { 'token:grantType': 'code' },
      successor: start.successor === 'good' ? ('good' as const) : ('none' as const),
      granted: ['own', 'a'],
      workflows: start.workflows.map((workflow, i) => ({
        ...workflow,
        isMoved: false,
        identity: identities[1 + (i % 2)] ?? null,
        actions: { A: connectorAction(GET_SECRET) },
        isSecure: false,
      })),
    }));
    fc.assert(
      fc.property(plain, (start) => {
        const world = worldOf(start);
        stepConnection(world);
        world.workflows.forEach((_, i) => {
          stepWorkflow(world, i);
        });
        const named = world.workflows.flatMap((workflow) => connectionEntriesOf(workflow));
        expect(new Set(named.map(({ connectionId }) => connectionId))).toEqual(new Set([NEW.key]));
        expect(world.workflows.every((workflow) => canRead(world, workflow))).toBe(true);
        const before = [...world.workflows];
        stepConnection(world);
        world.workflows.forEach((_, i) => {
          stepWorkflow(world, i);
        });
        expect(world.workflows).toEqual(before);
      }),
    );
  });
});
