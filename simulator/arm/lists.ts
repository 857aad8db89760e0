import { badRequest } from './arm-error.js';
import { providerOf } from './arm-operation.js';
import { pageSize, pageText, skipToken, type PageCall } from './paging.js';
import { visibleState } from '../estate.js';
import type { Principal } from '../principal.js';
import { objectText } from '../raw-json.js';
import { fullTypeOf, RESOURCE_TYPES, type ResourceType } from '../resource-types.js';
import { documentText, type StoredResource } from '../resource.js';

/** What to list, and from where on. */
export interface ListCall extends PageCall {
  readonly principal: Principal;
  readonly subscriptionId: string;
  readonly group: string | null;
  readonly now: number;
}

/** Whole resources of one type, as their GET shows them. */
export function listResources(call: ListCall, type: ResourceType): string {
  const { world, subscriptionId, group, now } = call;
  if (call.line.query.has('$filter')) {
    throw badRequest("The query option '$filter' is not part of this simulator.");
  }
  const provider = providerOf(type);
  // The connections' list has no nextLink in its specification: it comes in one piece.
  const size = type.kind === 'connection' ? Number.MAX_SAFE_INTEGER : pageSize(call);
  const found = world.estate.after(type, subscriptionId, group, skipToken(call), size + 1);
  const page = found.length > size ? found.slice(0, size) : found;
  const items = page.flatMap((resource) => {
    const state = visibleState(resource, now);
    return state === null || !maySee(call, resource) ? [] : [provider.text(world, resource, state)];
  });
  return pageText(call, items, found.length > size ? page.at(-1)?.sequence : undefined);
}

/** `/resources`: every type, without properties. */
export function listAnything(call: ListCall): string {
  const { world, subscriptionId, group, now } = call;
  const types = filteredTypes(call.line.query.get('$filter'));
  const size = pageSize(call);
  const found = types
    .flatMap((type) => world.estate.after(type, subscriptionId, group, skipToken(call), size + 1))
    .toSorted((a, b) => a.sequence - b.sequence);
  const page = found.slice(0, size);
  const items = page.flatMap((resource) => {
    const state = visibleState(resource, now);
    if (state === null || !maySee(call, resource)) return [];
    const document = documentText(resource, state, new Map(), new Map());
    return [document.replace(/,"properties":\{\}\}$/, '}')];
  });
  return pageText(call, items, found.length > size ? page.at(-1)?.sequence : undefined);
}

export function listGroups(call: ListCall): string {
  const { world, subscriptionId } = call;
  const size = pageSize(call);
  const found = world.estate.groupsAfter(subscriptionId, skipToken(call), size + 1);
  const page = found.slice(0, size);
  const read = 'Microsoft.Resources/subscriptions/resourceGroups/read';
  const items = page
    .map((group) => ({ id: `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`, group }))
    .filter(({ id }) => world.permissions.isAllowed(call.principal, read, id))
    .map(({ group }) => groupText(group));
  return pageText(call, items, found.length > size ? page.at(-1)?.sequence : undefined);
}

export function groupText(group: {
  readonly subscriptionId: string;
  readonly name: string;
  readonly location: string;
  readonly tags: string | null;
}): string {
  const id = `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`;
  return objectText(
    new Map([
      ['id', JSON.stringify(id)],
      ['name', JSON.stringify(group.name)],
      ['type', '"Microsoft.Resources/resourceGroups"'],
      ['location', JSON.stringify(group.location)],
      ...(group.tags === null ? [] : [['tags', group.tags] as const]),
      ['properties', '{"provisioningState":"Succeeded"}'],
    ]),
  );
}

function maySee({ world, principal }: ListCall, resource: StoredResource): boolean {
  return world.permissions.isAllowed(principal, `${fullTypeOf(resource.type)}/read`, resource.id);
}

/** Of the filter only the form that the SDKs send: `resourceType eq 'Microsoft.KeyVault/vaults'`. */
function filteredTypes(filter: string | null): readonly ResourceType[] {
  if (filter === null) return RESOURCE_TYPES;
  const wanted = /^resourceType eq '([^']+)'$/i.exec(filter)?.[1]?.toLowerCase();
  if (wanted === undefined) throw badRequest(`The filter '${filter}' is not part of this simulator.`);
  return RESOURCE_TYPES.filter((type) => fullTypeOf(type).toLowerCase() === wanted);
}
