import { demandDeletable, removeDocument } from '../documents/remove-document.js';
import type { Document } from '../documents/document-type.js';
import type { World } from '../world.js';
import type { ArmAnswer } from './arm-call.js';
import { ArmFailure } from './arm-error.js';
import { groupText } from './lists.js';

/**
 * Deletes a resource group with all that is in it. What the service keeps stays, and the group with it; the rest is gone.
 * ARM answers 202 and then takes its time; here the answer is what comes of it.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/delete-resource-group
 */
export function deleteGroup(world: World, subscriptionId: string, name: string): ArmAnswer {
  const group = world.estate.demandGroup(subscriptionId, name);
  const id = `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`;
  demandUnlockedWithin(world, id);
  const kept = removeAllIn(world, id);
  if (kept.length > 0) throw blocked(group.name, kept);
  const store = (): void => {
    world.roleAssignments.removeUnder(id);
    world.deployments.removeUnder(id);
    world.estate.removeGroup(group);
  };
  return {
    status: 200,
    body: '',
    effect: {
      resourceId: id,
      child: '',
      event: 'Delete',
      isNew: false,
      change: { kind: 'extension', before: groupText(group), after: null, store },
    },
  };
}

/** "…if any resource in the group is locked": https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources */
function demandUnlockedWithin(world: World, groupId: string): void {
  for (const { scope } of world.locks.all) {
    if (scope.toLowerCase().startsWith(`${groupId.toLowerCase()}/`))
      world.locks.demandUnlocked(scope, 'delete');
  }
}

/** Gives what could not be removed. */
function removeAllIn(world: World, groupId: string): readonly Document[] {
  const isIn = ({ id }: { readonly id: string }): boolean =>
    id.toLowerCase().startsWith(`${groupId.toLowerCase()}/providers/`);
  for (const resource of world.estate.all().filter(isIn)) {
    world.estate.remove(resource, world.clock.now(), 0);
    world.roleAssignments.removeUnder(resource.id);
  }
  const kept: Document[] = [];
  for (const document of world.documents.all) {
    if (!isIn(document) || document.parentId !== null) continue;
    if (isDeletable(world, document)) removeDocument(world, document);
    else kept.push(document);
  }
  return kept;
}

function isDeletable(world: World, document: Document): boolean {
  try {
    demandDeletable(world, document);
    return true;
  } catch (error) {
    if (error instanceof ArmFailure) return false;
    throw error;
  }
}

/** The code and the wording are Azure's, from public logs of clients that delete groups. */
function blocked(group: string, kept: readonly Document[]): ArmFailure {
  const names = kept.map(({ type, name }) => `${type.type}/${name}`).join(',');
  return new ArmFailure(
    409,
    'ResourceGroupDeletionBlocked',
    `Deletion of resource group '${group}' failed as resources with identifiers '${names}' could not be deleted. The provisioning state of the resource group will be rolled back.`,
  );
}
