import { getIgnoringCase, isJsonObject, type Json } from '../types/json.js';
import type { WorkflowDocument, WorkflowRead } from '../types/observation.js';
import { connectionUseOf, usesConnection } from './action-connection.js';
import type { ConnectionEntry, Connections } from './connections.js';
import type { Constants } from './constant.js';
import type { Operation } from './definition.js';
import { readingOf } from './reading.js';
import { identityToUse } from './sign-in.js';
import { readsOf } from './vault-reads.js';
import { mayBeConnectorPath } from './vault-uses.js';

interface Context {
  readonly entries: readonly ConnectionEntry[];
  readonly connections: Connections;
  readonly reads: readonly WorkflowRead[];
  /** By the id of a connection, in lower case, an operation that names it past `$connections`. */
  readonly pinned: ReadonlyMap<string, Operation>;
  /** It has several identities, and nobody can say which has the access. */
  readonly isUndecided: boolean;
}

/** Stands for a connection that cannot be told. */
const ANY = '';

/**
 * Tells, by a connection's id in lower case, why a workflow as it is written cannot be pointed at another one in its
 * place: each reason is a sentence, and there is none where it can.
 */
export function moveObstaclesOf(
  workflow: WorkflowDocument,
  connections: Connections,
): (connectionId: string) => readonly string[] {
  const context: Context = {
    entries: readingOf(workflow).connectionEntries,
    connections,
    reads: readsOf(workflow, connections).reads,
    pinned: pinnedIn(workflow),
    isUndecided: identityToUse(workflow).kind === 'several',
  };
  return (connectionId) => obstaclesIn(context, connectionId);
}

function obstaclesIn(context: Context, connectionId: string): readonly string[] {
  const pin = context.pinned.get(connectionId) ?? context.pinned.get(ANY);
  const foreign = context.entries.find(
    ({ connectionId: id, json }) => id === connectionId && hasForeignAuthentication(json),
  );
  const uses = otherUses(context, connectionId);
  return [
    ...(context.isUndecided
      ? [
          'The workflow has several user-assigned identities and none of its own, so it is not guessed as which of them it is to read the vault. Point it at a connection with the managed identity by hand.',
        ]
      : []),
    ...(pin === undefined
      ? []
      : [
          `${pin.kind === 'action' ? 'Action' : 'Trigger'} "${pin.name}" names its connection by an id, or in a way that cannot be told, so it would not move with $connections. Let it name the connection by its key there.`,
        ]),
    ...(foreign === undefined
      ? []
      : [
          `The connectionProperties of "${foreign.key}" say something else than a managed identity. Put them right in the workflow's code view.`,
        ]),
    ...(uses === ''
      ? []
      : [
          `Through the connection, the workflow does more than read secrets (${uses}), which its identity may not be allowed. See to that, and point it at a connection with the managed identity by hand.`,
        ]),
  ];
}

/** Whether a `$connections` entry's `connectionProperties` hold what is not a managed identity's, or are no object. */
export function hasForeignAuthentication(entry: Json | undefined): boolean {
  const properties = getIgnoringCase(entry, 'connectionProperties') ?? null;
  if (properties === null) return false;
  if (!isJsonObject(properties)) return true;
  const authentication = getIgnoringCase(properties, 'authentication') ?? null;
  if (authentication === null) return false;
  if (!isJsonObject(authentication)) return true;
  const type = getIgnoringCase(authentication, 'type');
  const isManagedIdentity =
    typeof type === 'string' && type.trim().toLowerCase() === 'managedserviceidentity';
  return (
    !isManagedIdentity ||
    Object.keys(authentication).some((key) => !['type', 'identity'].includes(key.toLowerCase()))
  );
}

/** What is done through a connection besides what was asked for when its successor was found good. */
function otherUses({ reads, connections }: Context, connectionId: string): string {
  const facts = connections.get(connectionId);
  const through = reads.filter(
    ({ via, vaultName, signIn }) =>
      via === 'connector' && vaultName === (facts?.vaultName ?? null) && signIn.kind === facts?.signIn,
  );
  const uses = through.flatMap((read) => [
    ...read.uses.filter((use) => use !== 'secrets/get'),
    ...(read.hasUnknownUse ? ['something that cannot be told'] : []),
  ]);
  return [...new Set(uses)].join(', ');
}

function pinnedIn(workflow: WorkflowDocument): ReadonlyMap<string, Operation> {
  const { operations, constants } = readingOf(workflow);
  const pinned = new Map<string, Operation>();
  for (const operation of operations.filter(usesConnection)) {
    const use = connectionUseOf(operation, constants);
    if (use.kind === 'id') pinned.set(use.connectionId, operation);
    if (use.kind === 'unknown' && mayReachVault(operation, constants)) pinned.set(ANY, operation);
  }
  return pinned;
}

function mayReachVault({ json }: Operation, constants: Constants): boolean {
  return mayBeConnectorPath(constants.fold(getIgnoringCase(getIgnoringCase(json, 'inputs'), 'path')));
}
