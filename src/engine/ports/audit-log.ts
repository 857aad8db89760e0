import type { AuditRecord, RecordOutcome } from '../../types/record.js';
import type { RemediatorId } from '../../types/remediator-id.js';

export interface AuditQuery {
  readonly resourceId?: string | undefined;
  readonly remediator?: RemediatorId | undefined;
  readonly outcome?: RecordOutcome | undefined;
  readonly correlationId?: string | undefined;
  /** RFC 3339; records of this time and later. */
  readonly since?: string | undefined;
  /** RFC 3339; records of this time and earlier. */
  readonly until?: string | undefined;
  /** 1 to 1000. */
  readonly limit: number;
  readonly continuationToken?: string | undefined;
}

export interface AuditPage {
  /** Newest first. */
  readonly records: readonly AuditRecord[];
  /** Opaque and safe in a query string; null on the last page. */
  readonly continuationToken: string | null;
}

/** A continuation token that this log did not give. */
export class InvalidContinuationTokenError extends Error {
  override readonly name = 'InvalidContinuationTokenError';
}

/** What the intent remembers beside the record, so that a crash before the outcome can be settled. */
export interface WriteEvidence {
  /** SHA-256 (hex) of the document as it was to be after the write, in canonical form. */
  readonly digest: string;
  /** When ARM says that the document it was planned from had been changed: an earlier version is not this write's. */
  readonly basedOn?: string | null;
  /** How late it was at least, by ARM's clock, when it was sent: what ARM says was written before is not this write. */
  readonly sentAt?: string | null;
  /** The version of the workflow that it was planned from. */
  readonly version?: string | null;
  /**
   * Under which ids ARM names whoever sent it, in lower case, where that is a person on the command line; absent where
   * it is the app.
   */
  readonly by?: readonly string[];
  /** The state that it gives the workflow, e.g. `Enabled`: somebody may switch it without saving a version. */
  readonly state?: string | null;
}

export interface PendingRecord {
  readonly record: AuditRecord;
  readonly evidence: WriteEvidence | null;
}

export interface AuditLog {
  /** Writes records of one write, each for the first time or over its earlier state (same `id` and `time`). */
  write(records: readonly AuditRecord[], evidence?: WriteEvidence): Promise<void>;
  query(query: AuditQuery): Promise<AuditPage>;
  /** The record of this id; null where there is none. */
  find(id: string): Promise<AuditRecord | null>;
  /** What the intent of a record remembered beside it; null where it has none. */
  evidenceOf(record: Pick<AuditRecord, 'id' | 'time'>): Promise<WriteEvidence | null>;
  /** Every record still `pending` whose time is before `olderThan`. */
  pending(olderThan: Date): Promise<readonly PendingRecord[]>;
}
