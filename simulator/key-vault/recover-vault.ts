import { ArmFailure } from '../arm/arm-error.js';
import type { ProviderCall, Written } from '../arm/provider.js';
import { systemData } from '../arm/system-data.js';
import { regionOf } from '../platform-ips.js';
import type { ResourceState } from '../resource.js';
import type { World } from '../world.js';

/**
 * A PUT with `createMode: recover`. The vault comes back as it was, access policies, firewall and tags with it: what
 * else is sent is not applied (Azure/azure-rest-api-specs#21306 shows it for networkAcls,
 * hashicorp/terraform-provider-azurerm#17375 for the rest). Its role assignments do not come back.
 */
export function recoverVault(call: ProviderCall, location: string): Written {
  const { world, existing, place, now, principal } = call;
  if (existing !== undefined) return { state: existing.state };
  const deleted = world.estate.deletedVaults.find(place.name, now);
  // A vault is recovered to where it was: its deleted self is known by subscription and location only, and the
  // commands that recover it ask for the group (MicrosoftDocs/azure-docs#11125).
  const isHere = deleted?.resource.key === place.key;
  if (deleted === undefined || !isHere || regionOf(deleted.resource.state.location) !== regionOf(location)) {
    throw new ArmFailure(
      404,
      'SoftDeletedVaultDoesNotExist',
      'A soft deleted vault with the given name does not exist. Ensure that the name for the vault that is being attempted to recover is in a recoverable state. For more information on soft delete please follow this link https://go.microsoft.com/fwlink/?linkid=2149745',
    );
  }
  const { state } = deleted.resource;
  const data = systemData(state.top.get('systemData'), principal, now, world.switches.values);
  const top = new Map([...state.top, ['systemData', data]]);
  return { state: { ...state, top, ...registeredAt(call) } };
}

/** When the name of a vault that is made now will be in the DNS. */
export function registeredAt(call: ProviderCall): Pick<ResourceState, 'registeredAt'> {
  const { existing, now, world } = call;
  const known = existing?.state.registeredAt;
  if (existing !== undefined) return known === undefined ? {} : { registeredAt: known };
  return { registeredAt: now + world.switches.values.vaultRegistrationMs };
}

/** A vault that is new or recovered first says RegisteringDns (the specification's provisioningState). */
export function isRegistering(world: World, state: ResourceState): boolean {
  return state.registeredAt !== undefined && world.clock.now() < state.registeredAt;
}
