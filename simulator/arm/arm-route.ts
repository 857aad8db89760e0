import { ArmFailure } from './arm-error.js';
import {
  documentRoute,
  documentsRoute,
  type DocumentRoute,
  type DocumentsRoute,
} from '../documents/document-route.js';
import { deploymentRoute, type DeploymentRoute } from '../deployments/deployment-route.js';
import { extensionRoute, type ExtensionRoute } from './extension-route.js';
import { typeNamed, type ResourceType } from '../resource-types.js';

/** What an ARM path names. */
export type ArmRoute =
  | { readonly kind: 'groups'; readonly subscriptionId: string }
  | { readonly kind: 'group'; readonly subscriptionId: string; readonly group: string }
  | { readonly kind: 'all-resources'; readonly subscriptionId: string; readonly group: string | null }
  | {
      readonly kind: 'list';
      readonly subscriptionId: string;
      readonly group: string | null;
      readonly type: ResourceType;
    }
  | ResourceRoute
  | ExtensionRoute
  | DeletedVaultRoute
  | DocumentRoute
  | DocumentsRoute
  | DeploymentRoute
  | ActivityLogRoute
  | {
      readonly kind: 'tags';
      readonly subscriptionId: string;
      /** The path of what carries the tags. */
      readonly scope: string;
    };

export interface ResourceRoute {
  readonly kind: 'resource';
  readonly subscriptionId: string;
  readonly group: string;
  readonly type: ResourceType;
  readonly name: string;
  /** What follows the name: `[]` for the resource itself, `['accessPolicies', 'add']` for a child or action. */
  readonly rest: readonly string[];
}

export interface ActivityLogRoute {
  readonly kind: 'activity-log';
  readonly subscriptionId: string;
}

export interface DeletedVaultRoute {
  readonly kind: 'deleted-vaults';
  readonly subscriptionId: string;
  /** Null for the list of the whole subscription. */
  readonly vault: { readonly location: string; readonly name: string; readonly isPurge: boolean } | null;
}

const SUBSCRIPTION = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads the path of a request. Throws what ARM answers to one that it does not know. */
export function parseRoute(path: string): ArmRoute {
  const segments = decoded(path);
  const [subscriptions, subscriptionId = '', ...rest] = segments;
  const extension = extensionRoute(segments);
  if (extension?.subscriptionId === null) return extension;
  if (subscriptions?.toLowerCase() !== 'subscriptions') throw unknownPath(path);
  if (!SUBSCRIPTION.test(subscriptionId)) {
    // The wording: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
    throw new ArmFailure(
      400,
      'InvalidSubscriptionId',
      `The provided subscription identifier '${subscriptionId}' is malformed or invalid.`,
    );
  }
  const special =
    extension ??
    tagsRoute(subscriptionId, segments) ??
    deletedVaultRoute(subscriptionId, rest) ??
    deploymentRoute(subscriptionId, rest) ??
    activityLogRoute(subscriptionId, rest);
  if (special !== null) return special;
  const [first = '', group = ''] = rest.map((segment, i) => (i === 0 ? segment.toLowerCase() : segment));
  if (first === 'resources' && rest.length === 1)
    return { kind: 'all-resources', subscriptionId, group: null };
  if (first === 'providers') return providerRoute(path, subscriptionId, null, rest.slice(1));
  if (first !== 'resourcegroups') throw unknownPath(path);
  if (rest.length === 1) return { kind: 'groups', subscriptionId };
  if (rest.length === 2) return { kind: 'group', subscriptionId, group };
  const third = rest[2]?.toLowerCase();
  if (third === 'resources' && rest.length === 3) return { kind: 'all-resources', subscriptionId, group };
  if (third !== 'providers') throw unknownPath(path);
  return providerRoute(path, subscriptionId, group, rest.slice(3));
}

function providerRoute(
  path: string,
  subscriptionId: string,
  group: string | null,
  segments: readonly string[],
): ArmRoute {
  const [namespace = '', type = '', name, ...rest] = segments;
  const validation = validationRoute(subscriptionId, group, segments);
  if (validation !== null) return validation;
  const known = typeNamed(namespace, type);
  const document =
    group === null
      ? null
      : (documentRoute(subscriptionId, group, segments) ?? documentsRoute(subscriptionId, group, segments));
  if (document !== null) return document;
  if (known === undefined) throw unknownType(namespace, type);
  if (name === undefined || name === '') return { kind: 'list', subscriptionId, group, type: known };
  if (group === null) throw unknownPath(path);
  return { kind: 'resource', subscriptionId, group, type: known, name, rest };
}

/** `…/Microsoft.Logic/locations/{location}/workflows/{name}/validate` is the workflow's validate by another path. */
function validationRoute(
  subscriptionId: string,
  group: string | null,
  segments: readonly string[],
): ResourceRoute | null {
  const [namespace = '', locations, , type = '', name, ...rest] = segments;
  if (locations?.toLowerCase() !== 'locations' || name === undefined || group === null) return null;
  const known = typeNamed(namespace, type);
  if (known === undefined || rest.join('/').toLowerCase() !== 'validate') return null;
  return { kind: 'resource', subscriptionId, group, type: known, name, rest };
}

/** `…/Microsoft.KeyVault/deletedVaults` and `…/locations/{location}/deletedVaults/{name}[/purge]`. */
function deletedVaultRoute(subscriptionId: string, segments: readonly string[]): DeletedVaultRoute | null {
  const [providers, namespace, ...rest] = segments;
  if (providers?.toLowerCase() !== 'providers' || namespace?.toLowerCase() !== 'microsoft.keyvault')
    return null;
  const [first, location = '', type, name, action, ...more] = rest;
  if (first?.toLowerCase() === 'deletedvaults' && rest.length === 1) {
    return { kind: 'deleted-vaults', subscriptionId, vault: null };
  }
  const isOne = first?.toLowerCase() === 'locations' && type?.toLowerCase() === 'deletedvaults';
  const isPurge = action?.toLowerCase() === 'purge';
  if (!isOne || name === undefined || more.length > 0 || (action !== undefined && !isPurge)) return null;
  return { kind: 'deleted-vaults', subscriptionId, vault: { location, name, isPurge } };
}

function activityLogRoute(subscriptionId: string, segments: readonly string[]): ActivityLogRoute | null {
  const isLog =
    segments.join('/').toLowerCase() === 'providers/microsoft.insights/eventtypes/management/values';
  return isLog ? { kind: 'activity-log', subscriptionId } : null;
}

function tagsRoute(subscriptionId: string, segments: readonly string[]): ArmRoute | null {
  const tail = segments.slice(-4).join('/').toLowerCase();
  if (tail !== 'providers/microsoft.resources/tags/default') return null;
  return { kind: 'tags', subscriptionId, scope: `/${segments.slice(0, -4).join('/')}` };
}

function decoded(path: string): readonly string[] {
  const segments = path.replace(/\/$/, '').split('/').slice(1);
  return segments.map((segment) => {
    let text: string;
    try {
      text = decodeURIComponent(segment);
    } catch {
      throw badPath();
    }
    // What IIS and ARM turn away before they look for anything: climbing paths, hidden slashes, control characters.
    if (text === '' || text === '.' || text === '..' || /[/\\?#%<>*:&\p{Cc}]/u.test(text)) throw badPath();
    return text;
  });
}

function badPath(): ArmFailure {
  return new ArmFailure(400, 'BadRequest', 'The request URI contains an invalid segment.');
}

function unknownPath(path: string): ArmFailure {
  return new ArmFailure(404, 'NotFound', `No resource is found at '${path}'.`);
}

/** The wording: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-resource-not-found */
function unknownType(namespace: string, type: string): ArmFailure {
  const isKnown = ['microsoft.keyvault', 'microsoft.logic', 'microsoft.web'].includes(
    namespace.toLowerCase(),
  );
  if (!isKnown) {
    return new ArmFailure(
      404,
      'InvalidResourceNamespace',
      `The resource namespace '${namespace}' is invalid.`,
    );
  }
  return new ArmFailure(
    404,
    'InvalidResourceType',
    `The resource type '${type}' could not be found in the namespace '${namespace}'.`,
  );
}
