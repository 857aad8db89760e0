import { isSameJson, toPointer, valueAt } from '../types/apply-edits.js';
import type { SetEdit } from '../types/edit.js';
import { getIgnoringCase, isJsonObject, keyIgnoringCase, type Json, type JsonObject } from '../types/json.js';
import type { Successor, WorkflowDocument, WorkflowObservation } from '../types/observation.js';
import { isKeyVaultApi, type ConnectionEntry } from './connections.js';
import { hasForeignAuthentication, moveObstaclesOf } from './move-obstacles.js';
import { readingOf } from './reading.js';
import { identityToUse, type IdentityToUse } from './sign-in.js';

/** What points one `$connections` entry at its connection's successor; all of it in one write, or none. */
export interface ConnectionMove {
  readonly key: string;
  readonly vaultName: string | null;
  readonly successor: Successor;
  readonly identity: IdentityToUse;
  readonly edits: readonly SetEdit[];
  /** Why the workflow as it is written cannot be moved; empty where nothing in it stands in the way. */
  readonly obstacles: readonly string[];
}

type Observed = Pick<WorkflowObservation, 'workflow' | 'connections' | 'successors'>;

/** The `$connections` entries whose connection keeps credentials and has a successor. */
export function connectionMovesOf({
  workflow,
  connections,
  successors,
}: Observed): readonly ConnectionMove[] {
  const moving = readingOf(workflow).connectionEntries.flatMap((entry) => {
    const { connectionId } = entry;
    const facts = connectionId === null ? undefined : connections.get(connectionId);
    const successor = connectionId === null ? undefined : successors.get(connectionId);
    if (connectionId === null || facts === undefined || successor === undefined) return [];
    const keepsCredentials = facts.signIn === 'user' || facts.signIn === 'application';
    if (!isKeyVaultApi(facts.apiId) || !keepsCredentials) return [];
    return [{ entry, connectionId, successor, vaultName: facts.vaultName }];
  });
  if (moving.length === 0) return [];
  const identity = identityToUse(workflow);
  const obstaclesOf = moveObstaclesOf(workflow, connections);
  return moving.map(({ entry, connectionId, successor, vaultName }) => ({
    key: entry.key,
    vaultName,
    successor,
    identity,
    edits: editsOf(workflow, entry, successor, identity),
    obstacles: obstaclesOf(connectionId),
  }));
}

function editsOf(
  workflow: WorkflowDocument,
  { pointer, json }: ConnectionEntry,
  successor: Successor,
  identity: IdentityToUse,
): readonly SetEdit[] {
  const properties = getIgnoringCase(json, 'connectionProperties');
  const authentication: JsonObject = {
    type: 'ManagedServiceIdentity',
    ...(identity.kind === 'one' && identity.id !== null ? { identity: identity.id } : {}),
  };
  const path = (object: Json | undefined, key: string): string =>
    toPointer([isJsonObject(object) ? (keyIgnoringCase(object, key) ?? key) : key]);
  const properly = pointer + path(json, 'connectionProperties');
  const set = (at: string, after: Json, before = valueAt(workflow, at) ?? null): SetEdit => ({
    op: 'set',
    path: at,
    before,
    after,
    reason: `the connection keeps credentials; ${successor.connectionName} reads the same vault with the managed identity`,
  });
  return [
    set(pointer + path(json, 'connectionId'), successor.connectionId),
    set(pointer + path(json, 'connectionName'), successor.connectionName),
    // Another kind of authentication is an obstacle; what it holds may be a secret, and belongs in no record.
    hasForeignAuthentication(json)
      ? set(properly + path(properties, 'authentication'), authentication, null)
      : set(properly + path(properties, 'authentication'), authentication),
  ].filter(({ before, after }) => !isSameJson(before, after));
}
