import type { ArmRequest, RequestLine } from './arm-message.js';
import type { Operation } from './arm-operation.js';
import type { ArmRoute } from './arm-route.js';
import type { Place } from '../estate.js';
import type { Principal } from '../principal.js';
import type { Provider } from './provider.js';
import type { ResourceState, StoredResource } from '../resource.js';
import type { World } from '../world.js';

/** A request that is allowed, on its way to what it is about. */
export interface ArmCall {
  readonly world: World;
  readonly request: ArmRequest;
  readonly line: RequestLine;
  readonly route: ArmRoute;
  readonly operation: Operation;
  readonly apiVersion: string;
  readonly principal: Principal;
  readonly now: number;
  /** A read that shows what was before the last write. */
  readonly isStale: boolean;
}

export interface ArmAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the request did; null for a read. */
  readonly effect: Effect | null;
}

export interface Effect {
  readonly resourceId: string;
  /** The path below the resource that was written. */
  readonly child: string;
  readonly event: 'Write' | 'Delete' | 'Action' | null;
  readonly isNew: boolean;
  /** What is to be stored; null where nothing changes. */
  readonly change: Change | null;
  /** The trigger that fires at once because of it. */
  readonly startsRun?: string | undefined;
}

export type Change =
  | {
      readonly kind: 'put';
      readonly provider: Provider;
      readonly place: Place;
      readonly state: ResourceState;
      readonly existing: StoredResource | undefined;
    }
  | { readonly kind: 'delete'; readonly provider: Provider; readonly existing: StoredResource }
  /** Of what is not in the estate, e.g. a role assignment; the texts are as a GET shows it. */
  | {
      readonly kind: 'extension';
      readonly before: string | null;
      readonly after: string | null;
      readonly store: () => void;
    };

export function readAnswer(body: string): ArmAnswer {
  return { status: 200, body, effect: null };
}
