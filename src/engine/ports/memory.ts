import type {
  KnownGoodFirewall,
  OwnedRule,
  RecentCaller,
  SecretExposure,
  TemporaryRule,
  VaultSurroundings,
} from '../../types/observation.js';
import type { Actor } from '../../types/record.js';
import type { ResourceId } from '../../types/resource-id.js';

/** What Holdfast remembers of one resource. Read and written under that resource's lease. */
export interface ResourceMemory {
  readonly ownedRules: readonly OwnedRule[];
  /** The rules that were put in for a while. */
  readonly temporaryRules: readonly TemporaryRule[];
  readonly knownGood: KnownGoodFirewall | null;
  /**
   * What stands in the audit log of this resource, so that the same plan, refusal, failure or exemption of the same
   * drift is recorded once. `record-memory.ts` knows the keys.
   */
  readonly recorded: Readonly<Record<string, string>>;
  /** When ARM says that Holdfast's last write was made; a read that shows an earlier state is stale. */
  readonly lastWriteAt: string | null;
  /** The write id of that write; absent where an older code has remembered it. */
  readonly lastWriteId?: string;
  /** What belongs to the vault but does not stand in it, as read last; null where it never was. */
  readonly surroundings: RememberedSurroundings | null;
  /** The values of foreign rules that came in while the vault stood open. */
  readonly arrivedOpen: readonly string[];
  /** The workflow's actions that have stood open. */
  readonly exposures: readonly SecretExposure[];
  /** The edits that were applied lately, and those that somebody else keeps reverting. */
  readonly editHistory: readonly EditHistory[];
}

/** What became of one edit. */
export interface EditHistory {
  /** A digest of what it does and where: `contested.ts`. */
  readonly edit: string;
  /** When it was applied, oldest first; RFC 3339, UTC. */
  readonly appliedAt: readonly string[];
  /** Who caused the look at which it had to be made again; null if unknown. */
  readonly revertedBy: Actor | null;
  /** The last pause that it was put in; null where it was in none lately. */
  readonly pause: EditPause | null;
}

/** For how long an edit is left alone because somebody else keeps reverting it. */
export interface EditPause {
  /** RFC 3339, UTC. */
  readonly since: string;
  /** RFC 3339, UTC. */
  readonly until: string;
  /** The first, the second, … */
  readonly count: number;
  /** The record that says so; null before there is one. */
  readonly recordId: string | null;
}

export interface RememberedSurroundings extends VaultSurroundings {
  /** When role assignments and diagnostic settings were read; RFC 3339, UTC. */
  readonly readAt: string;
  /** Who called while the vault was open and never seen shut; null where the log was not asked or did not answer. */
  readonly recentCallers: readonly RecentCaller[] | null;
  /** When the log answered, RFC 3339, UTC; null if never. */
  readonly callersAskedAt: string | null;
}

export const NO_MEMORY: ResourceMemory = {
  ownedRules: [],
  temporaryRules: [],
  knownGood: null,
  recorded: {},
  lastWriteAt: null,
  surroundings: null,
  arrivedOpen: [],
  exposures: [],
  editHistory: [],
};

export interface Memory {
  /** `NO_MEMORY` where there is none. A row of a newer version than the code knows throws `NewerVersionError`. */
  read(id: ResourceId): Promise<ResourceMemory>;
  /** The same, and when it was written, by the clock of whoever did; null where nobody has, or nobody knows. */
  readDated(id: ResourceId): Promise<{ readonly memory: ResourceMemory; readonly writtenAt: Date | null }>;
  write(id: ResourceId, memory: ResourceMemory): Promise<void>;
}
