import { readAnswer, type ArmAnswer, type ArmCall } from '../arm/arm-call.js';
import { ArmFailure } from '../arm/arm-error.js';
import type { DeletedVaultRoute } from '../arm/arm-route.js';
import { pageOf } from '../arm/paging.js';
import { regionOf } from '../platform-ips.js';
import type { DeletedVault } from './deleted-vaults.js';

/** `…/Microsoft.KeyVault/deletedVaults` and `…/locations/{location}/deletedVaults/{name}[/purge]`. */
export function answerDeletedVaults(call: ArmCall, { subscriptionId, vault }: DeletedVaultRoute): ArmAnswer {
  const { world, now } = call;
  const deleted = world.estate.deletedVaults.of(subscriptionId, now);
  if (vault === null) return readAnswer(pageOf(call, deleted, deletedText));
  const found = deleted.find(
    ({ resource }) =>
      resource.name.toLowerCase() === vault.name.toLowerCase() &&
      regionOf(resource.state.location) === regionOf(vault.location),
  );
  if (found === undefined) {
    throw new ArmFailure(
      404,
      'DeletedVaultNotFound',
      `The specified deleted vault '${vault.name}' does not exist.`,
    );
  }
  return vault.isPurge ? purged(call, found) : readAnswer(deletedText(found));
}

function purged(call: ArmCall, deleted: DeletedVault): ArmAnswer {
  const { world } = call;
  if (isProtected(deleted)) {
    // Code and wording: https://github.com/microsoft/AzureTRE/issues/1446
    throw new ArmFailure(405, 'MethodNotAllowed', "Operation 'DeletedVaultPurge' is not allowed.");
  }
  const id = idOf(deleted);
  return {
    // The specification has 202 beside it, for a purge that takes longer.
    status: 200,
    body: '',
    effect: {
      resourceId: id,
      child: '',
      event: 'Action',
      isNew: false,
      change: {
        kind: 'extension',
        before: deletedText(deleted),
        after: null,
        store: () => {
          world.estate.deletedVaults.remove(deleted.resource.name);
        },
      },
    },
  };
}

function deletedText(deleted: DeletedVault): string {
  const { resource, deletedAt, purgeAt } = deleted;
  const properties = {
    vaultId: resource.id,
    location: resource.state.location,
    tags: JSON.parse(resource.state.tags ?? '{}') as unknown,
    deletionDate: time(deletedAt),
    scheduledPurgeDate: time(purgeAt),
    ...(isProtected(deleted) ? { purgeProtectionEnabled: true } : {}),
  };
  return JSON.stringify({
    id: idOf(deleted),
    name: resource.name,
    type: 'Microsoft.KeyVault/deletedVaults',
    properties,
  });
}

function idOf({ resource }: DeletedVault): string {
  return `/subscriptions/${resource.subscriptionId}/providers/Microsoft.KeyVault/locations/${resource.state.location}/deletedVaults/${resource.name}`;
}

function isProtected({ resource }: DeletedVault): boolean {
  return resource.state.properties.get('enablePurgeProtection')?.trim() === 'true';
}

function time(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
