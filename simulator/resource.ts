import { objectText, type Members } from './raw-json.js';
import { fullTypeOf, type ResourceType } from './resource-types.js';

/** What is stored of a resource at one moment. It is replaced, never changed. */
export interface ResourceState {
  readonly location: string;
  /** JSON text; null where there are none. */
  readonly tags: string | null;
  /** The other members beside `properties`, e.g. identity, kind, systemData, as text. */
  readonly top: Members;
  readonly properties: Members;
  /** What was sent and is never given out: values of secure parameters, credentials of connections. */
  readonly secrets: ReadonlyMap<string, string>;
  /** When a vault's name has reached the DNS; left out where it has long since. */
  readonly registeredAt?: number;
  /** Who has signed in to a connection; left out where nobody has. */
  readonly signedIn?: { readonly objectId: string; readonly name: string };
}

export interface StoredResource {
  readonly type: ResourceType;
  /** As it was spelled when the resource was created. */
  readonly id: string;
  /** The id in lower case. */
  readonly key: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  /** Where it stands in lists. */
  readonly sequence: number;
  readonly state: ResourceState;
  /** Earlier states of a workflow with the present one, newest first; empty for other types. */
  readonly versions: readonly ResourceState[];
  /** What it was before, and until when reads still show that; a null state means that it was not there. */
  readonly previous: { readonly state: ResourceState | null; readonly until: number };
}

export function resourceId(
  subscriptionId: string,
  resourceGroup: string,
  type: ResourceType,
  name: string,
): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${fullTypeOf(type)}/${name}`;
}

/** The document around the properties that a resource type renders. */
export function documentText(
  resource: StoredResource,
  state: ResourceState,
  top: Members,
  properties: Members,
): string {
  const members = new Map<string, string>([
    ['id', JSON.stringify(resource.id)],
    ['name', JSON.stringify(resource.name)],
    ['type', JSON.stringify(fullTypeOf(resource.type))],
    ['location', JSON.stringify(state.location)],
    ['tags', state.tags ?? '{}'],
    ...top,
    ['properties', objectText(properties)],
  ]);
  return objectText(members);
}
