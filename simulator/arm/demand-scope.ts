import { ArmFailure, resourceNotFound } from './arm-error.js';
import { documentTypeNamed } from '../documents/document-route.js';
import type { StoredResource } from '../resource.js';
import { fullTypeOf, typeNamed } from '../resource-types.js';
import type { World } from '../world.js';

export interface Scope {
  /** As Azure spells it. */
  readonly id: string;
  /** Where the scope is a resource, or lies below one. */
  readonly resource: StoredResource | null;
}

/** What an extension hangs on: a subscription, a resource group or a resource. Throws 404 for what is not there. */
export function demandScope(world: World, scope: string): Scope {
  const [, , subscriptionId = '', groups, group = '', providers, namespace = '', type = '', name, ...rest] =
    scope.split('/');
  const subscription = `/subscriptions/${subscriptionId.toLowerCase()}`;
  if (groups === undefined) return { id: subscription, resource: null };
  if (groups.toLowerCase() !== 'resourcegroups') throw unknownScope(scope);
  const { name: spelled } = world.estate.demandGroup(subscriptionId, group);
  const groupId = `${subscription}/resourceGroups/${spelled}`;
  if (providers === undefined) return { id: groupId, resource: null };
  const document = world.documents.find(`${groupId}/${scope.split('/').slice(5).join('/')}`);
  // A workspace may be there for its logs alone.
  const id = document?.id ?? world.logs.workspace(scope)?.id;
  if (id !== undefined) return { id, resource: null };
  const known = typeNamed(namespace, type);
  if (known === undefined && documentTypeNamed(`${namespace}/${type}`) !== undefined && name !== undefined) {
    throw resourceNotFound(`${namespace}/${type}`, name, spelled);
  }
  if (known === undefined || name === undefined) throw unknownScope(scope);
  const resource = world.estate.find(`${groupId}/providers/${fullTypeOf(known)}/${name}`);
  if (resource === undefined) throw resourceNotFound(fullTypeOf(known), name, spelled);
  return { id: [resource.id, ...rest].join('/'), resource };
}

function unknownScope(scope: string): ArmFailure {
  return new ArmFailure(404, 'NotFound', `No resource is found at '${scope}'.`);
}
