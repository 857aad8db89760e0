import type { Place } from '../scope.js';
import { interleave } from '../resource-id.js';
import { Unresolved } from '../unresolved.js';
import type { Value } from '../value.js';
import { resourceGroupPath } from './deployment-functions.js';
import { asText, takes, type FunctionTable } from './template-function.js';

interface NamedResource {
  /** What stands before the type: a subscription, a resource group. */
  readonly before: readonly string[];
  /** `Microsoft.Web/connections/name`, types and names in turn. */
  readonly path: string;
}

/** The type is the first argument with a slash, as ARM finds it. */
function readArguments(args: readonly Value[]): NamedResource {
  const texts = args.map(asText);
  const at = texts.findIndex((text) => text.includes('/'));
  const type = texts[at];
  if (type === undefined) throw new Unresolved('resourceId() is given no resource type');
  const names = texts.slice(at + 1);
  if (names.includes('')) throw new Unresolved(`a name of the resource type '${type}' is empty`);
  const path = interleave(type, names);
  if (path === null) {
    throw new Unresolved(`the resource type '${type}' does not take ${names.length} names`);
  }
  return { before: texts.slice(0, at), path };
}

function resourceId(args: readonly Value[], place: Place): string {
  const { before, path } = readArguments(args);
  if (before.length > 2) throw new Unresolved('resourceId() is given too much before the resource type');
  // In a deployment to a subscription, what stands before the type is the subscription.
  if (place.resourceGroup === null && before.length < 2) return subscriptionResourceId(args, place);
  const group = { ...place, resourceGroup: before.at(-1) ?? place.resourceGroup };
  const subscription = before.length === 2 ? before[0] : undefined;
  const base = resourceGroupPath(
    subscription === undefined ? group : { ...group, subscriptionId: subscription },
  );
  return `${base}/providers/${path}`;
}

function subscriptionResourceId(args: readonly Value[], place: Place): string {
  const { before, path } = readArguments(args);
  const subscription = before.at(-1) ?? place.subscriptionId;
  if (subscription === null || before.length > 1) {
    throw new Unresolved('the subscription of the resource is not told');
  }
  return `/subscriptions/${subscription}/providers/${path}`;
}

function extensionResourceId([base, ...rest]: readonly Value[]): string {
  return `${asText(base).replace(/\/$/, '')}/providers/${readArguments(rest).path}`;
}

export const resourceIdFunctions: FunctionTable = {
  extensionResourceId: takes(3, Infinity, extensionResourceId),
  managementGroupResourceId: takes(3, Infinity, ([group, ...rest]) =>
    extensionResourceId([`/providers/Microsoft.Management/managementGroups/${asText(group)}`, ...rest]),
  ),
  resourceId: takes(2, Infinity, (args, { place }) => resourceId(args, place)),
  subscriptionResourceId: takes(2, Infinity, (args, { place }) => subscriptionResourceId(args, place)),
  tenantResourceId: takes(2, Infinity, (args) => `/providers/${readArguments(args).path}`),
};
