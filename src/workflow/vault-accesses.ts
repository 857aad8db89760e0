import { getIgnoringCase } from '../types/json.js';
import type { SignIn, VaultPermission, WorkflowDocument, WorkflowRead } from '../types/observation.js';
import {
  connectionOf,
  connectionUseOf,
  usesConnection,
  type ConnectionUse,
  type OperationConnection,
} from './action-connection.js';
import { isKeyVaultReference, type ConnectionEntry, type Connections } from './connections.js';
import type { Constants } from './constant.js';
import type { Operation } from './definition.js';
import type { Folded } from './folded.js';
import { httpVaultCallOf } from './http-vault-call.js';
import { readingOf } from './reading.js';
import { looksLikeConnectorSecret } from './secret-actions.js';
import { connectorSignInOf, httpSignInOf, identitiesOf, type WorkflowIdentities } from './sign-in.js';
import { connectorPermissionOf, mayBeConnectorPath, restPermissionOf } from './vault-uses.js';

/** One way in which a workflow reaches a vault. */
export type VaultAccess = Pick<WorkflowRead, 'vaultName' | 'signIn' | 'uses' | 'hasUnknownUse'>;

export interface AccessContext {
  readonly workflow: WorkflowDocument;
  readonly operations: readonly Operation[];
  readonly constants: Constants;
  readonly connections: Connections;
}

/** Whether there is any of what `connectorAccesses` finds: an entry of `$connections` is enough. */
export function hasConnectorAccess(workflow: WorkflowDocument, connections: Connections): boolean {
  const { operations, constants, connectionEntries } = readingOf(workflow);
  if (connectionEntries.some((entry) => isKeyVaultReference(entry, connections))) return true;
  return operations.some(
    (operation) =>
      usesConnection(operation) &&
      isVaultCall(operation, connectionOf(operation, constants, connectionEntries, connections), constants),
  );
}

/** Whether a call through a connection counts as one of a vault: what cannot be told counts where it looks like one. */
function isVaultCall(call: Operation, connection: OperationConnection, constants: Constants): boolean {
  if (connection.kind === 'unknown') return looksLikeConnectorSecret(call, constants);
  return connection.kind === 'key-vault';
}

/** A connection's vault counts though no action uses it: the next save of the workflow may. */
export function connectorAccesses(context: AccessContext): readonly VaultAccess[] {
  const { workflow, operations, constants, connections } = context;
  const { connectionEntries: entries } = readingOf(workflow);
  const identities = identitiesOf(workflow);
  const calls = operations.filter(usesConnection);
  const mayUseAny = calls.some(
    (call) =>
      connectionUseOf(call, constants).kind === 'unknown' && mayBeConnectorPath(pathOf(call, constants)),
  );
  const named = entries
    .filter((entry) => isKeyVaultReference(entry, connections))
    .map((entry): VaultAccess => ({
      vaultName:
        entry.connectionId === null ? null : (connections.get(entry.connectionId)?.vaultName ?? null),
      signIn: connectorSignInOf(entry, identities, connections),
      uses: [],
      hasUnknownUse: mayUseAny,
    }));
  const signInOf = signInsByUse(entries, identities, connections);
  const used = calls.flatMap((call): readonly VaultAccess[] => {
    const connection = connectionOf(call, constants, entries, connections);
    if (!isVaultCall(call, connection, constants)) return [];
    const permission = connectorPermissionOf(pathOf(call, constants));
    const vaultName = connection.kind === 'key-vault' ? connection.vaultName : null;
    return [accessOf(vaultName, signInOf(connectionUseOf(call, constants)), permission)];
  });
  return [...named, ...used];
}

/** Whatever the method: a write needs a way through the firewall as a read does. */
export function httpAccesses({ workflow, operations, constants }: AccessContext): readonly VaultAccess[] {
  const identities = identitiesOf(workflow);
  return operations.flatMap((operation): readonly VaultAccess[] => {
    const call = httpVaultCallOf(operation, constants);
    if (call === null || call.by === 'proxy') return [];
    const permission = call.path === null ? null : restPermissionOf(call.method, call.path);
    return [accessOf(call.vaultName, httpSignInOf(operation, identities, constants), permission)];
  });
}

/**
 * Whether a workflow calls a vault through something else: an HTTP action whose token is for a vault, and whose URI
 * leads elsewhere. What such a call does, and to which vault, its definition does not say.
 */
export function callsThroughProxy({ operations, constants }: AccessContext): boolean {
  return operations.some((operation) => httpVaultCallOf(operation, constants)?.by === 'proxy');
}

/** What is done with a vault that is not known is not known of any. */
function accessOf(vaultName: string | null, signIn: SignIn, permission: VaultPermission | null): VaultAccess {
  return {
    vaultName,
    signIn,
    uses: permission === null ? [] : [permission],
    hasUnknownUse: permission === null || vaultName === null,
  };
}

/** As whom a call that names its connection so reaches the vault; unknown where `$connections` says two things. */
function signInsByUse(
  entries: readonly ConnectionEntry[],
  identities: WorkflowIdentities,
  connections: Connections,
): (use: ConnectionUse) => SignIn {
  const signIns = new Map<string, SignIn>();
  const note = (name: string, signIn: SignIn): void => {
    const known = signIns.get(name);
    const isSame = known === undefined || JSON.stringify(known) === JSON.stringify(signIn);
    signIns.set(name, isSame ? signIn : { kind: 'unknown' });
  };
  for (const entry of entries) {
    const signIn = connectorSignInOf(entry, identities, connections);
    note(`key ${entry.key}`, signIn);
    note(`key in lower case ${entry.key.toLowerCase()}`, signIn);
    if (entry.connectionId !== null) note(`id ${entry.connectionId}`, signIn);
  }
  return (use) => {
    if (use.kind === 'unknown') return { kind: 'unknown' };
    const names =
      use.kind === 'id'
        ? [`id ${use.connectionId}`]
        : [`key ${use.key}`, `key in lower case ${use.key.toLowerCase()}`];
    const found = names.map((name) => signIns.get(name)).find((signIn) => signIn !== undefined);
    return found ?? { kind: 'unknown' };
  };
}

function pathOf({ inputs }: Operation, constants: Constants): Folded {
  return constants.fold(getIgnoringCase(inputs, 'path'));
}
