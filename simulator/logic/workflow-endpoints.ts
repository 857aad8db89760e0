import { guidOf } from '../random.js';
import { objectText } from '../raw-json.js';
import type { StoredResource } from '../resource.js';
import type { World } from '../world.js';

/** Where a workflow calls from and is called at: the platform's addresses of its region, at this moment. */
export function endpointsConfiguration(world: World, location: string): string {
  const ips = world.platformIps.of(location);
  return objectText(
    new Map([
      [
        'workflow',
        objectText(
          new Map([
            ['outgoingIpAddresses', addresses(ips.runtime)],
            ['accessEndpointIpAddresses', addresses(ips.access)],
          ]),
        ),
      ],
      ['connector', objectText(new Map([['outgoingIpAddresses', addresses(ips.connector)]]))],
    ]),
  );
}

export function accessEndpoint(resource: StoredResource, location: string): string {
  const key = guidOf(resource.id).replaceAll('-', '');
  return `https://prod-00.${location}.logic.azure.com:443/workflows/${key}`;
}

function addresses(list: readonly string[]): string {
  return JSON.stringify(list.map((address) => ({ address })));
}
