import type { JsonObject } from '../../types/json.js';
import { propertiesOf, type ConnectionFacts, type MayRead, type Successor } from '../../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { mayRead } from '../../vault/access/may-read.js';
import { connectionsOf, isKeyVaultApi } from '../../workflow/connections.js';
import { identityToUse, type ManagedIdentity } from '../../workflow/sign-in.js';
import { isGoodSuccessor, successorIdOf } from '../../workflow/successor.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import { readSurroundings } from './observe-surroundings.js';

type Asking = Pick<EngineDeps, 'policy' | 'reader' | 'readers' | 'now'>;

/**
 * By the id of a Key Vault connection that a workflow names and that does not sign in with the managed identity: the
 * one that is to take its place, where it is there, and whether the workflow may read the vault through it. Asks Azure
 * for the vault, and only where connections are to be moved.
 */
export async function successorsFor(
  deps: Asking,
  workflow: JsonObject,
  connections: ReadonlyMap<string, ConnectionFacts>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Successor>> {
  const found = new Map<string, Successor>();
  if (deps.policy.modeOf('connection-managed-identity') === 'off') return found;
  for (const { connectionId } of connectionsOf(workflow)) {
    const old = connectionId === null ? undefined : connections.get(connectionId);
    if (connectionId === null || old === undefined || found.has(connectionId)) continue;
    const successor = await successorOf(deps, connectionId, old, workflow, signal);
    if (successor !== null) found.set(connectionId, successor);
  }
  return found;
}

async function successorOf(
  deps: Asking,
  connectionId: string,
  old: ConnectionFacts,
  workflow: JsonObject,
  signal: AbortSignal,
): Promise<Successor | null> {
  const { apiId, vaultName, signIn } = old;
  const id = tryParseResourceId(connectionId);
  if (id === null || vaultName === null || !isKeyVaultApi(apiId)) return null;
  if (signIn !== 'user' && signIn !== 'application') return null;
  const successor = successorIdOf(id);
  const facts = (await deps.readers.connections([successor.key])).get(successor.key);
  if (facts?.signIn !== 'managed-identity' || facts.vaultName !== vaultName) return null;
  const [connection, candidate] = await Promise.all([
    readIfShown(deps, id, signal),
    readIfShown(deps, successor, signal),
  ]);
  if (connection === null || candidate === null || !isGoodSuccessor(connection, candidate)) return null;
  const ask = await vaultAccess(deps, vaultName, signal);
  return {
    connectionId: successor.id,
    connectionName: successor.name,
    mayRead: ask(identityOf(workflow)),
  };
}

/** The identity that a workflow would read a vault as; null where it cannot be told. */
export function identityOf(workflow: JsonObject): ManagedIdentity | null {
  const chosen = identityToUse(workflow);
  return chosen.kind === 'one' ? chosen.signIn : null;
}

async function readIfShown(
  { reader }: Pick<EngineDeps, 'reader'>,
  id: ResourceId,
  signal: AbortSignal,
): Promise<JsonObject | null> {
  try {
    return (await reader.read(id, signal)).document;
  } catch (error) {
    if (error instanceof ArmError) return null;
    throw error;
  }
}

/** Who may read the secrets of a vault, by its name. */
export type VaultAccessOf = (vaultName: string) => ReturnType<typeof vaultAccess>;

/** Each vault asked for once: many connections are for the same. */
export function rememberingAccess(deps: Asking, signal: AbortSignal): VaultAccessOf {
  const known = new Map<string, ReturnType<typeof vaultAccess>>();
  return (vaultName) => {
    const access = known.get(vaultName) ?? vaultAccess(deps, vaultName, signal);
    known.set(vaultName, access);
    return access;
  };
}

/** Reads a vault and tells who may read its secrets; whatever cannot be read is unknown. */
export async function vaultAccess(
  deps: Asking,
  vaultName: string,
  signal: AbortSignal,
): Promise<(identity: ManagedIdentity | null) => MayRead> {
  const id = await deps.readers.vaultId(vaultName);
  if (id === null) return () => 'unknown';
  try {
    const { document } = await deps.reader.read(id, signal);
    const isRbac = propertiesOf(document).enableRbacAuthorization === true;
    const read = isRbac ? await readSurroundings(deps, id, document, null, signal) : null;
    const roleAssignments = read?.surroundings.roleAssignments ?? null;
    return (identity) => {
      const principalId = identity?.principalId ?? null;
      if (principalId === null) return 'unknown';
      return mayRead(document, { roleAssignments }, principalId);
    };
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    return () => 'unknown';
  }
}
