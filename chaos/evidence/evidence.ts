import type { Azure } from '../../simulator/azure.js';
import type { StorageState } from '../storage/storage-state.js';
import type { Invocation } from '../world/host.js';
import type { Exchange } from '../world/wire.js';

/** Something that was done or that happened, in the order in which it did: the story of a run. */
export interface Moment {
  readonly at: number;
  readonly what: string;
}

/** All that a run leaves behind, seen from outside the app: what it is judged from. */
export interface Evidence {
  readonly azure: Azure;
  /** What is in the storage account. */
  readonly storage: StorageState;
  readonly wire: readonly Exchange[];
  readonly story: readonly Moment[];
  /** Everything that the app gave out: log lines, answers over HTTP, errors. */
  readonly given: readonly string[];
  readonly invocations: readonly Invocation[];
  /** Values that must be seen nowhere but in Azure. */
  readonly canaries: readonly string[];
  readonly time: { readonly now: () => number };
}
