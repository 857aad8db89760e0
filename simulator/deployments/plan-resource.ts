import type { Node } from 'jsonc-parser';
import { memberOf } from '../template/json-node.js';
import { isDeployment } from '../template/nested-deployment.js';
import { resourceCopyScopes } from '../template/property-copy.js';
import { readMember, readStringMember } from '../template/read-member.js';
import { interleave, resourceIdOf } from '../template/resource-id.js';
import type { Scope } from '../template/scope.js';
import { deploymentId } from './deployment-route.js';
import type { PlannedResource } from './planned-resource.js';
import { invalidTemplate } from './template-failure.js';

/** A resource of the template, as often as its loop says. */
export function planResource(node: Node, pointer: string, scope: Scope): readonly PlannedResource[] {
  const copy = memberOf(node, 'copy');
  const count = memberOf(copy, 'count');
  if (copy === undefined || count === undefined) return [planOnce(node, pointer, scope, null)];
  const loop = readStringMember(copy, 'name', `${pointer}/copy`, scope) ?? '';
  return resourceCopyScopes(loop, count, `${pointer}/copy`, scope).map((turn) =>
    planOnce(node, pointer, turn, loop),
  );
}

function planOnce(node: Node, pointer: string, scope: Scope, loop: string | null): PlannedResource {
  const type = readStringMember(node, 'type', pointer, scope) ?? '';
  const name = readStringMember(node, 'name', pointer, scope) ?? '';
  const apiVersion = readStringMember(node, 'apiVersion', pointer, scope) ?? '';
  const extended = readMember(node, 'scope', pointer, scope);
  const nested = isDeployment(type) ? nestedPlace(node, pointer, scope) : null;
  const id =
    nested === null
      ? resourceIdOf(scope.place, typeof extended === 'string' ? extended : null, type, name)
      : deploymentId({ ...nested, name });
  if (id === null) throw wrongSegments(type, name);
  if (
    nested === null &&
    (memberOf(node, 'subscriptionId') ?? memberOf(node, 'resourceGroup')) !== undefined
  ) {
    throw invalidTemplate(
      `The resource '${name}' of type '${type}' is no deployment and has no scope of its own`,
    );
  }
  const condition = readMember(node, 'condition', pointer, scope) ?? true;
  if (typeof condition !== 'boolean') throw invalidTemplate(`The condition of '${name}' is no boolean`);
  const references = [...idsOf(scope, type, name), id, name, ...(loop === null ? [] : [loop])];
  return {
    node,
    pointer,
    scope,
    type,
    name,
    apiVersion,
    id,
    references: references.map((reference) => reference.toLowerCase()),
    isWanted: condition,
    nested,
    dependsOn: new Set(),
  };
}

/** What resourceId() and subscriptionResourceId() make of it, and the short form with type and name. */
function idsOf({ place }: Scope, type: string, name: string): readonly string[] {
  const path = interleave(type, name.split('/'));
  if (path === null) throw wrongSegments(type, name);
  const subscription = `/subscriptions/${place.subscriptionId ?? ''}`;
  const scope =
    place.resourceGroup === null ? subscription : `${subscription}/resourceGroups/${place.resourceGroup}`;
  return [`${scope}/providers/${path}`, path, `${type}/${name}`];
}

/**
 * Where a nested deployment goes. With a location it is one to a subscription, as a resource group's has none:
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-to-resource-group#create-resource-group
 */
function nestedPlace(
  node: Node,
  pointer: string,
  scope: Scope,
): { readonly subscriptionId: string; readonly group: string | null } {
  const { place } = scope;
  const read = (name: string): string | null => readStringMember(node, name, pointer, scope);
  const subscriptionId = read('subscriptionId') ?? place.subscriptionId ?? '';
  const group = read('resourceGroup');
  if (group !== null) return { subscriptionId, group };
  return { subscriptionId, group: memberOf(node, 'location') === undefined ? place.resourceGroup : null };
}

/** https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-invalid-name-segments */
function wrongSegments(type: string, name: string): Error {
  return invalidTemplate(
    `The template resource '${name}' for type '${type}' has incorrect segment lengths. A nested resource type must have identical number of segments as its resource name. A root resource type must have segment length one greater than its resource name`,
  );
}
