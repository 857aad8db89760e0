import { ArmFailure } from './arm-error.js';
import { regionOf } from '../platform-ips.js';
import type { ProviderCall } from './provider.js';

/** The location that a PUT names. It is required, and a resource does not move. */
export function checkedLocation(call: ProviderCall, text: string | undefined): string {
  const location: unknown = JSON.parse(text ?? 'null');
  if (typeof location !== 'string' || location.trim() === '') {
    throw new ArmFailure(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  const { existing, place } = call;
  if (existing === undefined) return regionOf(location);
  if (regionOf(location) === regionOf(existing.state.location)) return existing.state.location;
  // The wording: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-invalid-resource-location
  throw new ArmFailure(
    409,
    'InvalidResourceLocation',
    `The resource '${place.name}' already exists in location '${existing.state.location}' in resource group '${place.resourceGroup}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
  );
}
