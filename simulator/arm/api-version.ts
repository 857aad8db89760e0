import { ArmFailure } from './arm-error.js';
import type { ArmRoute } from './arm-route.js';
import { extensionOf, extensionVersion } from './extension-route.js';
import {
  fullTypeOf,
  RESOURCE_GROUP_API_VERSIONS,
  TAGS_API_VERSIONS,
  RESOURCE_TYPES,
  VAULT,
} from '../resource-types.js';

/** https://learn.microsoft.com/rest/api/monitor/activity-logs/list */
const ACTIVITY_LOG_API_VERSIONS = ['2014-04-01', '2015-04-01'];

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
  const versioned = versionedOf(route);
  if (versioned !== null) {
    checkProviderVersion(versioned, version);
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

interface Versioned {
  readonly type: string;
  readonly apiVersions: readonly string[];
}

/** What has versions of its own; null for what ARM answers itself. */
function versionedOf(route: ArmRoute): Versioned | null {
  switch (route.kind) {
    case 'list':
    case 'resource':
      return route.type;
    case 'document':
    case 'documents':
      return route.type;
    case 'role-assignments':
    case 'role-definitions':
    case 'diagnostic-settings':
      return extensionOf(route.kind);
    case 'deleted-vaults':
      return { type: 'deletedVaults', apiVersions: VAULT.apiVersions };
    case 'activity-log':
      return { type: 'eventtypes', apiVersions: ACTIVITY_LOG_API_VERSIONS };
    case 'groups':
    case 'group':
    case 'all-resources':
    case 'deployment':
    case 'tags':
      return null;
  }
}

/** https://github.com/Azure/azure-cli/issues/19389 */
function checkProviderVersion(type: Versioned, version: string): void {
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
  const extension = extensionVersion(path);
  const isTags = lower.includes('/providers/microsoft.resources/tags/');
  const type = RESOURCE_TYPES.find((known) =>
    lower.includes(`/providers/${fullTypeOf(known).toLowerCase()}`),
  );
  const isDeletedVault = lower.includes('/deletedvaults');
  const stable = (isDeletedVault ? VAULT : type)?.apiVersions
    .filter((version) => !version.endsWith('-preview'))
    .at(-1);
  if (lower.includes('/microsoft.insights/eventtypes/')) {
    return `${path}${path.includes('?') ? '&' : '?'}api-version=2015-04-01`;
  }
  const version = isTags ? '2021-04-01' : (extension ?? stable ?? '2021-04-01');
  return `${path}${path.includes('?') ? '&' : '?'}api-version=${version}`;
}
