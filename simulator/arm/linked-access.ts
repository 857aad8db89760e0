import type { ProviderCall } from './provider.js';
import { fullTypeOf } from '../resource-types.js';

/**
 * A write that names another resource needs a permission there too: `joinViaServiceEndpoint` on a vault's subnets,
 * `join` on a workflow's connections. Microsoft's pages say so for what is being added, and Cosmos DB's for all.
 * https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview#provisioning
 */
export function demandJoin(
  call: ProviderCall,
  linkedAction: string,
  targets: readonly string[],
  before: readonly string[],
): void {
  const { world, principal, place } = call;
  const mode = world.switches.values.linkedAccess;
  if (mode === 'off') return;
  const known = new Set(before.map((id) => id.toLowerCase()));
  for (const target of targets) {
    if (mode === 'new-links' && known.has(target.toLowerCase())) continue;
    const action = `${fullTypeOf(place.type)}/write`;
    world.permissions.demandLinked(principal, action, place.id, linkedAction, target);
  }
}
