import type { Stored } from './stored.js';

/** How far the sweep of a subscription has come, and what it knows of each resource. Under that sweep's lease. */
export interface SweepStore {
  /** Throws `NewerVersionError`. */
  readProgress(subscriptionId: string): Promise<Stored<SweepProgress> | null>;
  /** Throws `OutrunError` where the stored one is not that of `etag` (null: there is none) any more. */
  writeProgress(subscriptionId: string, progress: SweepProgress, etag: string | null): Promise<string>;
  readSnapshot(subscriptionId: string): Promise<Stored<Buffer> | null>;
  /** Throws `OutrunError`. */
  writeSnapshot(subscriptionId: string, bytes: Buffer, etag: string | null): Promise<string>;
}

/** The parts of a subscription's sweep, in their order. */
export const SWEEP_PHASES = [
  'connections',
  'workflows',
  'unlisted',
  'vaults',
  'deleted',
  'moves',
  'gone',
] as const;

export type SweepPhase = (typeof SWEEP_PHASES)[number];

export interface SweepProgress {
  /** Of the run: of all subscriptions that are swept at one time. */
  readonly correlationId: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  /** When this was stored. */
  readonly notedAt: string;
  /** The run's number in the snapshot. */
  readonly run: number;
  /** `over` where there is nothing left to do. */
  readonly phase: SweepPhase | 'over';
  /** Which of the subscription's scopes is being listed, and where the list goes on; null at its beginning. */
  readonly scope: number;
  readonly link: string | null;
  /** Tells the scopes from those of other settings. */
  readonly scopes: string;
  readonly queued: number;
  /** The workflows whose runs were counted, and the vaults whose surroundings were read. */
  readonly counted: number;
  readonly refreshed: number;
  /** What was not seen, and why: the first of them, and how many there are. */
  readonly problems: readonly string[];
  readonly problemCount: number;
  /** Of which of the subscription's scopes not all connections and workflows could be listed. */
  readonly gaps: readonly number[];
  /** Since when the vaults have been waiting for other subscriptions; null where they have not. RFC 3339. */
  readonly waitingSince: string | null;
  /** Whether Azure lists the subscription's connections by resource group alone; false where that is not known. */
  readonly byGroup: boolean;
  /** The correlation ids of the runs that were over before this one, the last first; absent where none is known. */
  readonly over?: readonly string[];
}

/** How many resources the last complete sweep saw, by subscription. */
export interface SweepTotals {
  /** By subscription id in lower case; one that was never swept completely is not in it. May be a minute old. */
  read(): Promise<ReadonlyMap<string, number>>;
  /** When each of them was last swept completely. */
  completedAt(): Promise<ReadonlyMap<string, Date>>;
  save(subscriptionId: string, resources: number): Promise<void>;
}
