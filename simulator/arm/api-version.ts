import { ArmFailure } from './arm-error.js';
import type { ArmRoute } from './arm-route.js';
import {
  fullTypeOf,
  RESOURCE_GROUP_API_VERSIONS,
  TAGS_API_VERSIONS,
  RESOURCE_TYPES,
  type ResourceType,
} from '../resource-types.js';

/** https://github.com/cloudquery/cloudquery/issues/6626 */
export function demandApiVersion(query: URLSearchParams): string {
  const version = query.get('api-version') ?? '';
  if (version !== '') return version;
  throw new ArmFailure(
    400,
    'MissingApiVersionParameter',
    'The api-version query parameter (?api-version=) is required for all requests.',
  );
}

/** A version that ARM's own types, or the resource provider, do not have. */
export function checkApiVersion(route: ArmRoute, version: string): void {
  if (route.kind === 'list' || route.kind === 'resource') {
    checkProviderVersion(route.type, version);
    return;
  }
  const supported = route.kind === 'tags' ? TAGS_API_VERSIONS : RESOURCE_GROUP_API_VERSIONS;
  if (supported.includes(version.toLowerCase())) return;
  throw new ArmFailure(
    400,
    'InvalidApiVersionParameter',
    `The api-version '${version}' is invalid. The supported versions are '${[...supported].reverse().join(',')}'.`,
  );
}

/** https://github.com/Azure/azure-cli/issues/19389 */
function checkProviderVersion(type: ResourceType, version: string): void {
  if (type.apiVersions.includes(version.toLowerCase())) return;
  throw new ArmFailure(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location 'global' and API version '${version}' for type '${type.type}'. The supported api-versions are '${type.apiVersions.join(', ')}'. The supported locations are 'westeurope, northeurope, westus, eastus'.`,
  );
}

/** Adds the newest stable api-version of what the path names, where the path names none. */
export function withApiVersion(path: string): string {
  if (/[?&]api-version=/.test(path)) return path;
  const lower = path.toLowerCase();
  const isTags = lower.includes('/providers/microsoft.resources/tags/');
  const type = RESOURCE_TYPES.find((known) =>
    lower.includes(`/providers/${fullTypeOf(known).toLowerCase()}`),
  );
  const stable = type?.apiVersions.filter((version) => !version.endsWith('-preview')).at(-1);
  const version = isTags ? '2021-04-01' : (stable ?? '2021-04-01');
  return `${path}${path.includes('?') ? '&' : '?'}api-version=${version}`;
}
