import type { Place } from '../estate.js';
import type { Principal } from '../principal.js';
import type { ResourceState, StoredResource } from '../resource.js';
import type { ResourceType } from '../resource-types.js';
import type { World } from '../world.js';

/** A request that has passed ARM and reaches the service that owns the type. */
export interface ProviderCall {
  readonly world: World;
  readonly principal: Principal;
  readonly apiVersion: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** The text of a JSON object; empty where the request has no body. */
  readonly body: string;
  readonly now: number;
  readonly place: Place;
  readonly existing: StoredResource | undefined;
}

/** A call about a resource that is there. */
export interface ExistingCall extends ProviderCall {
  readonly existing: StoredResource;
}

export interface Written {
  readonly state: ResourceState;
  /** The name of the trigger that fires at once because of the write. */
  readonly startsRun?: string;
}

/** What is done to, or with, a resource by a path below it. */
export type ChildOperation = {
  /** The permission it needs, and its operationName in events. */
  readonly action: string;
  /** What its event says happened; null for what raises none. */
  readonly event: 'Write' | 'Action' | null;
} & (
  | { readonly about: 'resource'; readonly run: (call: ExistingCall) => ChildAnswer }
  /** It may also be asked of a resource that is not there. */
  | { readonly about: 'anything'; readonly run: (call: ProviderCall) => ChildAnswer }
);

export interface ChildAnswer {
  readonly status: number;
  readonly body: string;
  readonly written?: Written;
}

/** The service behind one resource type. */
export interface Provider {
  readonly type: ResourceType;
  /** The document as a GET gives it. */
  readonly text: (world: World, resource: StoredResource, state: ResourceState) => string;
  readonly put: (call: ProviderCall) => Written;
  readonly patch: (call: ExistingCall) => Written;
  /** Throws 404 or 405 for a child that there is not. */
  readonly child: (method: string, rest: readonly string[]) => ChildOperation;
  /** Completes what a test puts into the estate as it is, e.g. a workflow's version. */
  readonly adopt: (world: World, place: Place, state: ResourceState, now: number) => ResourceState;
}
