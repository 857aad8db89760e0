import type { Scope } from '../../types/scope.js';
import type { ArmError } from '../arm-error.js';

export const STORAGE_SERVICES = ['tables', 'queues', 'blobs'] as const;

export type StorageService = (typeof STORAGE_SERVICES)[number];

/** Whether a service of the storage account can be read and written: null, or what is wrong, as a sentence. */
export type StorageProbe = (service: StorageService) => Promise<string | null>;

/** What of a scope cannot be listed, kind by kind; a few small requests. Rejects with nothing but `ArmError`s. */
export type ScopeProbe = (scope: Scope, signal: AbortSignal) => Promise<readonly ArmError[]>;

export interface Backlog {
  /** Messages on the queue `reconcile`, those that are to be seen later among them; about that many. */
  readonly queued: number;
  /** When the message that can be seen first was put there; null where none can be seen. */
  readonly oldestAt: Date | null;
  /** Messages on its poison queue, about that many. */
  readonly poison: number;
  /** Dead letters beside those; counted no further than some thousands. */
  readonly deadLetters: number;
}

export type ReadBacklog = () => Promise<Backlog>;

/** What waits to be brought to one of the places where records go beside the audit log, and how that place has fared. */
export interface DeliveryBacklog {
  readonly target: string;
  /** How many records wait for it; `isMore`: at least so many. */
  readonly waiting: number;
  readonly isMore: boolean;
  /** Since when the one that has waited longest does, also where it waits on purpose; null where none does. */
  readonly oldestAt: Date | null;
  /** How often in a row it has failed. */
  readonly failures: number;
  /** Since when; null where it has not failed, or nobody has noted it. */
  readonly failingSince: Date | null;
  /** What it said last, in our words and without a secret; null where it has not failed. */
  readonly lastError: string | null;
  /** When it is asked again; null where that is at once. */
  readonly nextTry: Date | null;
  /** How many records were put aside in the last day, because it will never take them; a thousand at most. */
  readonly setAside: number;
}

export type ReadDeliveries = () => Promise<readonly DeliveryBacklog[]>;
