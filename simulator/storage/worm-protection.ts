import { ArmFailure } from '../arm/arm-error.js';
import type { Document } from '../documents/document-type.js';
import { at } from '../json.js';
import type { World } from '../world.js';

const POLICY = 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies';

/*
 * What a container's immutability policy keeps:
 * https://learn.microsoft.com/azure/storage/blobs/immutable-container-level-worm-policies#scenarios
 * Codes and wordings: https://github.com/Azure/azure-powershell/issues/26148
 */

export function isLocked({ content }: Document): boolean {
  return at(content.properties, 'state') === 'Locked';
}

/** A container with a policy goes only when it is empty. */
export function demandUnprotectedContainer(world: World, container: Document): void {
  const policy = policiesUnder(world, container)[0];
  if (policy === undefined || !world.filledContainers.has(container.id)) return;
  throw new ArmFailure(
    409,
    'ContainerImmutabilityPolicyLocked',
    'The requested operation is not allowed as the container has a locked immutability policy.',
  );
}

/**
 * An account stays for a locked policy. Of an unlocked one the page says both: an active policy keeps the account where
 * there is a blob, and unlocked policies protect no account; so it is a switch.
 */
export function demandUnprotectedAccount(world: World, account: Document): void {
  const isKept = world.switches.values.unlockedPolicyKeepsAccount === 'with-blobs';
  const keeping = policiesUnder(world, account).filter(
    (policy) => isLocked(policy) || (isKept && world.filledContainers.has(policy.parentId ?? '')),
  );
  if (keeping.length === 0) return;
  const containers = keeping.map(({ parentId }) => parentId?.split('/').at(-1) ?? '').join(', ');
  throw new ArmFailure(
    409,
    'AccountProtectedFromDeletion',
    `${account.name} is protected from deletion. The container(s) ${containers} have a locked immutability policy.`,
  );
}

function policiesUnder(world: World, document: Document): readonly Document[] {
  return world.documents.under(document.id).filter(({ type }) => type.type === POLICY);
}
