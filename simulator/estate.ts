import { ArmFailure } from './arm/arm-error.js';
import { DeletedVaults } from './key-vault/deleted-vaults.js';
import { OrderedIndex } from './ordered-index.js';
import type { ResourceState, StoredResource } from './resource.js';
import { resourceId } from './resource.js';
import type { ResourceType } from './resource-types.js';

export interface ResourceGroup {
  readonly subscriptionId: string;
  readonly name: string;
  readonly location: string;
  /** JSON text; null where there are none. */
  readonly tags: string | null;
  readonly sequence: number;
}

/** Where a resource is to go: its place is known before it exists. */
export type Place = Pick<StoredResource, 'type' | 'id' | 'key' | 'subscriptionId' | 'resourceGroup' | 'name'>;

/** Subscriptions, resource groups and resources: what there is, without any rule of what may be. */
export class Estate {
  readonly #subscriptions = new Set<string>();
  readonly #groups = new Map<string, ResourceGroup>();
  readonly #groupLists = new Map<string, OrderedIndex<ResourceGroup>>();
  readonly #resources = new Map<string, StoredResource>();
  readonly #lists = new Map<string, OrderedIndex<StoredResource>>();
  readonly #vaultNames = new Map<string, string>();
  readonly deletedVaults = new DeletedVaults();
  readonly #ghosts = new Map<string, { readonly resource: StoredResource; readonly until: number }>();
  #sequence = 0;

  addSubscription(subscriptionId: string): void {
    this.#subscriptions.add(subscriptionId.toLowerCase());
  }

  /** The wording: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found */
  demandSubscription(subscriptionId: string): void {
    if (this.#subscriptions.has(subscriptionId.toLowerCase())) return;
    throw new ArmFailure(
      404,
      'SubscriptionNotFound',
      `The subscription '${subscriptionId}' could not be found.`,
    );
  }

  demandGroup(subscriptionId: string, name: string): ResourceGroup {
    const group = this.group(subscriptionId, name);
    if (group !== undefined) return group;
    throw new ArmFailure(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
  }

  group(subscriptionId: string, name: string): ResourceGroup | undefined {
    return this.#groups.get(groupKey(subscriptionId, name));
  }

  putGroup(
    subscriptionId: string,
    name: string,
    location: string,
    tags: string | null = null,
  ): ResourceGroup {
    this.addSubscription(subscriptionId);
    const key = groupKey(subscriptionId, name);
    const existing = this.#groups.get(key);
    const group: ResourceGroup = {
      subscriptionId: subscriptionId.toLowerCase(),
      name: existing?.name ?? name,
      location: existing?.location ?? location,
      tags,
      sequence: existing?.sequence ?? this.nextSequence(),
    };
    this.#groups.set(key, group);
    indexIn(this.#groupLists, group.subscriptionId).put(group);
    return group;
  }

  removeGroup(group: ResourceGroup): void {
    this.#groups.delete(groupKey(group.subscriptionId, group.name));
    indexIn(this.#groupLists, group.subscriptionId).remove(group.sequence);
  }

  groupsAfter(subscriptionId: string, sequence: number, count: number): readonly ResourceGroup[] {
    return indexIn(this.#groupLists, subscriptionId.toLowerCase()).after(sequence, count);
  }

  /** The id is spelled as the group is, and otherwise as it was asked for. */
  placeOf(type: ResourceType, group: ResourceGroup, name: string): Place {
    const id = resourceId(group.subscriptionId, group.name, type, name);
    const { subscriptionId, name: resourceGroup } = group;
    return { type, id, key: id.toLowerCase(), subscriptionId, resourceGroup, name };
  }

  find(key: string): StoredResource | undefined {
    return this.#resources.get(key.toLowerCase());
  }

  /**
   * The resource as a read sees it at that time, or undefined where a read does not see it. A stale read sees what
   * was there before the last write, however long ago that was.
   */
  visible(
    key: string,
    now: number,
    isStale = false,
  ): { readonly resource: StoredResource; readonly state: ResourceState } | undefined {
    const resource = this.find(key);
    if (resource === undefined) {
      const ghost = this.#ghosts.get(key.toLowerCase());
      if (ghost === undefined || (now >= ghost.until && !isStale)) return undefined;
      return { resource: ghost.resource, state: ghost.resource.state };
    }
    const state = isStale ? resource.previous.state : visibleState(resource, now);
    return state === null ? undefined : { resource, state };
  }

  /** Stores a new state; `staleMs` is for how long reads still show the earlier one. */
  put(place: Place, state: ResourceState, now: number, staleMs: number): StoredResource {
    const existing = this.find(place.key);
    const resource: StoredResource = {
      ...(existing ?? { ...place, sequence: this.nextSequence() }),
      state,
      versions: versionsWith(existing, place.type, state),
      previous: { state: existing?.state ?? null, until: now + staleMs },
    };
    this.#resources.set(resource.key, resource);
    for (const list of this.listsOf(resource)) list.put(resource);
    if (resource.type.kind !== 'vault') return resource;
    this.#vaultNames.set(resource.name.toLowerCase(), resource.key);
    this.deletedVaults.remove(resource.name);
    return resource;
  }

  remove(resource: StoredResource, now: number, staleMs: number): void {
    this.#resources.delete(resource.key);
    for (const list of this.listsOf(resource)) list.remove(resource.sequence);
    this.#ghosts.set(resource.key, { resource, until: now + staleMs });
    if (resource.type.kind !== 'vault') return;
    this.#vaultNames.delete(resource.name.toLowerCase());
    this.deletedVaults.add(resource, now);
  }

  /** What stood here last before it was deleted; undefined where nothing did. */
  deletedAt({ key }: Place): StoredResource | undefined {
    return this.#ghosts.get(key)?.resource;
  }

  /** As if it had never been there: nothing stays of it, also no deleted vault. */
  forget(resource: StoredResource): void {
    this.remove(resource, 0, 0);
    this.#ghosts.delete(resource.key);
    if (resource.type.kind === 'vault') this.deletedVaults.remove(resource.name);
  }

  /** Vault names are unique in the whole cloud. */
  vaultKeyNamed(name: string): string | undefined {
    return this.#vaultNames.get(name.toLowerCase());
  }

  /** Resources of a type in a subscription, or in one group of it, after a place in the order. */
  after(
    type: ResourceType,
    subscriptionId: string,
    group: string | null,
    sequence: number,
    count: number,
  ): readonly StoredResource[] {
    return indexIn(this.#lists, listKey(type, subscriptionId, group)).after(sequence, count);
  }

  all(): readonly StoredResource[] {
    return [...this.#resources.values()];
  }

  private listsOf(resource: StoredResource): readonly OrderedIndex<StoredResource>[] {
    const { type, subscriptionId, resourceGroup } = resource;
    return [
      indexIn(this.#lists, listKey(type, subscriptionId, null)),
      indexIn(this.#lists, listKey(type, subscriptionId, resourceGroup)),
    ];
  }

  private nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }
}

export function visibleState(resource: StoredResource, now: number): ResourceState | null {
  return now < resource.previous.until ? resource.previous.state : resource.state;
}

function versionsWith(
  existing: StoredResource | undefined,
  type: ResourceType,
  state: ResourceState,
): readonly ResourceState[] {
  if (type.kind !== 'workflow') return [];
  const earlier = existing?.versions ?? [];
  const version = state.properties.get('version');
  // Tags and enabling make no version; the present state then stands for the one it has.
  return [state, ...earlier.filter((candidate) => candidate.properties.get('version') !== version)];
}

function indexIn<T extends { readonly sequence: number }>(
  lists: Map<string, OrderedIndex<T>>,
  key: string,
): OrderedIndex<T> {
  const existing = lists.get(key);
  if (existing !== undefined) return existing;
  const created = new OrderedIndex<T>();
  lists.set(key, created);
  return created;
}

function groupKey(subscriptionId: string, name: string): string {
  return `${subscriptionId}/${name}`.toLowerCase();
}

function listKey(type: ResourceType, subscriptionId: string, group: string | null): string {
  return `${type.kind}|${subscriptionId}|${group ?? ''}`.toLowerCase();
}
