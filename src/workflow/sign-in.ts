import { getIgnoringCase, isJsonObject, type Json } from '../types/json.js';
import type { SignIn, WorkflowDocument } from '../types/observation.js';
import type { Constants } from './constant.js';
import type { ConnectionEntry, Connections } from './connections.js';
import type { Operation } from './definition.js';
import { httpAuthenticationOf } from './http-vault-call.js';

export type ManagedIdentity = Extract<SignIn, { kind: 'managed-identity' }>;

/** The managed identities of one workflow. */
export interface WorkflowIdentities {
  readonly system: ManagedIdentity;
  /** By their resource ids in lower case. */
  readonly assigned: ReadonlyMap<string, ManagedIdentity>;
}

/** Which of a workflow's identities is to read a vault that it does not read as one of them yet. */
export type IdentityToUse =
  /** `id` is the resource id of a user-assigned identity, as the workflow spells it; null for its own. */
  | { readonly kind: 'one'; readonly id: string | null; readonly signIn: ManagedIdentity }
  | { readonly kind: 'none' | 'several' };

const UNKNOWN: SignIn = { kind: 'unknown' };

const USER_ASSIGNED_ID =
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.managedidentity\/userassignedidentities\/[^/]+$/;

/** A workflow's own identity, with its `principalId` null where it has none. */
export function systemIdentityOf(workflow: WorkflowDocument): ManagedIdentity {
  return managedIdentity(getIgnoringCase(workflow, 'identity'), null);
}

/** The identities that a workflow was given, by their resource ids as it spells them. */
export function userIdentitiesOf(workflow: WorkflowDocument): ReadonlyMap<string, ManagedIdentity> {
  const assigned = getIgnoringCase(getIgnoringCase(workflow, 'identity'), 'userAssignedIdentities');
  return new Map(
    Object.entries(isJsonObject(assigned) ? assigned : {}).map(([id, identity]) => [
      id,
      managedIdentity(identity, id.trim().toLowerCase()),
    ]),
  );
}

export function identitiesOf(workflow: WorkflowDocument): WorkflowIdentities {
  const assigned = [...userIdentitiesOf(workflow).values()];
  return {
    system: systemIdentityOf(workflow),
    assigned: new Map(assigned.map((identity) => [identity.userAssignedId ?? '', identity])),
  };
}

/** Its own before one that it was given; of several, nobody can say which has the access. */
export function identityToUse(workflow: WorkflowDocument): IdentityToUse {
  const own = systemIdentityOf(workflow);
  if (own.principalId !== null) return { kind: 'one', id: null, signIn: own };
  const [assigned, ...others] = userIdentitiesOf(workflow);
  if (assigned === undefined) return { kind: 'none' };
  return others.length > 0 ? { kind: 'several' } : { kind: 'one', id: assigned[0], signIn: assigned[1] };
}

function managedIdentity(document: Json | undefined, userAssignedId: string | null): ManagedIdentity {
  const principalId = lower(getIgnoringCase(document, 'principalId'));
  return { kind: 'managed-identity', principalId, userAssignedId };
}

/**
 * As whom a workflow's calls through a `$connections` entry reach the vault. The connection decides; of a managed
 * identity, the entry says which (https://learn.microsoft.com/azure/logic-apps/authenticate-with-managed-identity).
 */
export function connectorSignInOf(
  { connectionId, json }: ConnectionEntry,
  identities: WorkflowIdentities,
  connections: Connections,
): SignIn {
  const facts = connectionId === null ? undefined : connections.get(connectionId);
  const kind = facts?.signIn ?? 'unknown';
  if (kind === 'user' || kind === 'application') return { kind };
  const authentication = getIgnoringCase(getIgnoringCase(json, 'connectionProperties'), 'authentication');
  if (authentication === undefined || authentication === null)
    return kind === 'managed-identity' ? identities.system : UNKNOWN;
  return isManagedIdentity(getIgnoringCase(authentication, 'type'))
    ? identityNamed(getIgnoringCase(authentication, 'identity'), identities)
    : UNKNOWN;
}

/**
 * As whom an HTTP operation calls a vault.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#authentication-types-for-connectors
 */
export function httpSignInOf(
  operation: Operation,
  identities: WorkflowIdentities,
  constants: Constants,
): SignIn {
  const authentication = httpAuthenticationOf(operation, constants);
  const [type, identity] = ['type', 'identity'].map((name) =>
    valueOf(getIgnoringCase(authentication, name), constants),
  );
  if (lower(type) === 'activedirectoryoauth') return { kind: 'application' };
  if (!isManagedIdentity(type)) return UNKNOWN;
  const isWritten = (getIgnoringCase(authentication, 'identity') ?? null) !== null;
  return isWritten && identity === undefined ? UNKNOWN : identityNamed(identity, identities);
}

function identityNamed(identity: Json | undefined, { system, assigned }: WorkflowIdentities): SignIn {
  if (identity === undefined || identity === null || identity === '') return system;
  const id = lower(identity);
  if (id === 'systemassigned') return system;
  if (id === null || !USER_ASSIGNED_ID.test(id)) return UNKNOWN;
  const given = assigned.get(id);
  return given ?? { kind: 'managed-identity', principalId: null, userAssignedId: id };
}

function isManagedIdentity(type: Json | undefined): boolean {
  return lower(type) === 'managedserviceidentity';
}

/** Undefined where it is not known before the workflow runs. */
function valueOf(value: Json | undefined, constants: Constants): Json | undefined {
  const folded = constants.fold(value);
  return folded.kind === 'constant' ? folded.value : undefined;
}

function lower(value: Json | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim().toLowerCase() : null;
}
