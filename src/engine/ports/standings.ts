import type { Finding } from '../../remediators/remediator.js';
import type { RemediatorId } from '../../types/remediator-id.js';
import type { ResourceId } from '../../types/resource-id.js';

/** How a resource stands with one remediator. */
export type Standing = 'compliant' | 'drifted' | 'exempt' | 'refused';

/** A finding that stands open now. */
export interface OpenFinding extends Finding {
  /** The same for as long as it stands open, and again when it comes back. */
  readonly id: string;
  readonly remediator: RemediatorId | null;
  /** When it was first seen, RFC 3339, UTC. */
  readonly since: string;
}

/** That somebody has looked at a finding and takes responsibility for it. */
export interface Acceptance {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly reason: string;
  /** How bad it was then: what has become worse nobody has accepted. */
  readonly severity: Finding['severity'];
}

/** How one resource stands: the source of `GET /api/findings` and `GET /api/posture`. */
export interface ResourceStanding {
  readonly resourceId: string;
  readonly remediators: Readonly<Partial<Record<RemediatorId, Standing>>>;
  readonly findings: readonly OpenFinding[];
  /** By the finding's id. */
  readonly accepted: Readonly<Record<string, Acceptance>>;
}

export interface StandingsPage {
  /** May be fewer than asked for, with more to come. */
  readonly standings: readonly ResourceStanding[];
  /** Null on the last page. */
  readonly continuationToken: string | null;
}

export interface Standings {
  read(id: ResourceId): Promise<ResourceStanding | null>;
  /** How the resource stands whose key has this hash (SHA-256, hex). */
  readAt(hash: string): Promise<ResourceStanding | null>;
  /** How every resource stands, as it is read. */
  each(): AsyncIterable<ResourceStanding>;
  /** Some of them, in the order of the hashes of their keys. Throws `InvalidContinuationTokenError`. */
  page(limit: number, continuationToken: string | null): Promise<StandingsPage>;
  /** Every resource's standing, by key. */
  readAll(): Promise<ReadonlyMap<string, ResourceStanding>>;
  write(id: ResourceId, standing: ResourceStanding): Promise<void>;
  /** Forgets a resource that is gone. */
  forget(id: ResourceId): Promise<void>;
}
