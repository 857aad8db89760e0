import { getIgnoringCase, isJsonObject, type JsonObject } from '../../types/json.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { isInScope } from '../../types/scope.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import type { Look } from '../look/look.js';
import type { Seen } from './observe.js';
import type { ResourceMemory } from '../ports/memory.js';

/** A vault that is not there, as one that was deleted and can be recovered; null where it is neither. */
export async function observeDeletedVault(
  deps: EngineDeps,
  { id }: Look,
  signal: AbortSignal,
): Promise<Seen | null> {
  const deleted = await listDeletedInScope(deps, id.subscriptionId, signal);
  const found = deleted.find((one) => one.id.key === id.key);
  return found === undefined ? null : deletedVaultSeen(found, await deps.memory.read(id));
}

export interface DeletedVault {
  /** The id that the vault had, and would have again. */
  readonly id: ResourceId;
  readonly document: JsonObject;
}

/** The deleted vaults of a subscription that were in scope; none where Azure does not show them. */
export async function listDeletedInScope(
  deps: Pick<EngineDeps, 'reader' | 'policy'>,
  subscriptionId: string,
  signal: AbortSignal,
): Promise<readonly DeletedVault[]> {
  const documents = await deps.reader.listDeletedVaults(subscriptionId, signal).catch((error: unknown) => {
    if (error instanceof ArmError && ['unauthorized', 'not-found'].includes(error.details.kind)) return [];
    throw error;
  });
  return documents.flatMap((document) => {
    const vaultId = getIgnoringCase(getIgnoringCase(document, 'properties'), 'vaultId');
    const id = typeof vaultId === 'string' ? tryParseResourceId(vaultId) : null;
    return id?.kind === 'vault' && isInScope(id, deps.policy.scopes) ? [{ id, document }] : [];
  });
}

/** Its tags stand among its properties; an exemption among them holds as before. */
export function deletedVaultSeen({ id, document }: DeletedVault, memory: ResourceMemory): Seen {
  const tags = getIgnoringCase(getIgnoringCase(document, 'properties'), 'tags');
  const deletedVault = isJsonObject(tags) ? { ...document, tags } : document;
  return {
    text: '',
    document: deletedVault,
    memory,
    surroundings: null,
    isFresh: true,
    observed: { kind: 'deleted-vault', id, deletedVault },
  };
}
