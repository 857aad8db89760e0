import type { AuditRecord } from '../../types/record.js';
import { toRecord, type Trail } from '../record/audit-trail.js';
import type { Draft } from '../record/draft-records.js';
import type { ResourceMemory } from '../ports/memory.js';
import type { WriteEvidence } from '../ports/audit-log.js';
import { digestOf } from '../record/record-digest.js';
import { recordId } from '../record/record-id.js';
import { blockedBefore } from '../record/record-memory.js';

/** A write whose intents are recorded and whose outcome is not known yet. */
export interface OpenWrite {
  readonly trail: Trail;
  readonly records: readonly AuditRecord[];
  readonly evidence: WriteEvidence;
  /** Why the last attempt did not go through; null before one. */
  readonly lastError: string | null;
  /** An attempt was not turned down for certain: Azure may have carried it out. */
  readonly mayStand: boolean;
  /** Azure has answered an attempt that it took it: once the resource shows it, that is all the evidence there need be. */
  readonly isTaken: boolean;
  /** How late it was at least, by ARM's clock, when the last attempt began; null where that is not known. */
  readonly triedAt: number | null;
}

/**
 * The records of a new write; or the ones of `carried`, which is the same and was not carried out, with what there is to
 * warn of now. A change that Azure would not take before goes over its earlier record.
 */
export function openWrite(
  trail: Trail,
  drafts: readonly Draft[],
  evidence: WriteEvidence,
  memory: ResourceMemory,
  carried: OpenWrite | null,
  { now, armTime }: { readonly now: Date; readonly armTime: Date | null },
): OpenWrite {
  if (carried !== null) {
    const records = carried.records.map((record, i) => ({
      ...record,
      warnings: drafts[i]?.warnings ?? record.warnings,
    }));
    // What it was planned from may have changed, but not when it was sent for the first time.
    const { sentAt = null } = carried.evidence;
    return { ...carried, records, evidence: { ...evidence, sentAt }, triedAt: armTime?.getTime() ?? null };
  }
  const records = drafts.map((draft) => {
    const record = toRecord(trail, draft, now);
    const earlier = blockedBefore(memory.recorded, draft);
    return earlier === null ? record : { ...record, id: earlier.id, time: earlier.time };
  });
  return {
    trail,
    records,
    evidence,
    lastError: null,
    mayStand: false,
    isTaken: false,
    triedAt: armTime?.getTime() ?? null,
  };
}

/** Whether a write with these drafts is the one that is open: the same edits by the same remediators. */
export function isSameWrite(records: readonly AuditRecord[], drafts: readonly Draft[]): boolean {
  const partsOf = (parts: readonly Pick<AuditRecord, 'remediator' | 'edits'>[]): string =>
    digestOf(parts.map(({ remediator, edits }) => [remediator, edits]));
  return partsOf(records) === partsOf(drafts);
}

/** The records with one outcome for all. */
export function closeWrite(
  open: OpenWrite,
  outcome: 'applied' | 'refused' | 'failed',
  error: string | null,
  armRequestId: string | null,
  now: Date,
): readonly AuditRecord[] {
  const durationMs = Math.max(0, now.getTime() - open.trail.startedAt);
  return open.records.map((record) => ({ ...record, outcome, error, armRequestId, durationMs }));
}

/**
 * The records of a change that Azure would not take: where it would not take it before, for the same reason, the
 * record of then stays as it was, with whoever had caused it.
 */
export function closeBlocked(
  open: OpenWrite,
  outcome: 'refused' | 'failed',
  error: string,
  armRequestId: string | null,
  memory: ResourceMemory,
  now: Date,
): readonly AuditRecord[] {
  return closeWrite(open, outcome, error, armRequestId, now).map((record) => {
    const earlier = blockedBefore(memory.recorded, record);
    if (earlier === null) return record;
    const { correlationId, trigger, actor } = earlier;
    const isSame = earlier.outcome === outcome && earlier.error === error;
    return isSame && digestOf(earlier.warnings) === digestOf(record.warnings)
      ? earlier
      : { ...record, correlationId, trigger, actor };
  });
}

/** Closed without evidence: the resource shows the change, but nothing says that it was this write. */
export function closeUnconfirmed(open: OpenWrite, now: Date): readonly AuditRecord[] {
  return closeWrite(open, 'failed', UNCONFIRMED_ERROR, null, now).map(markUnconfirmed);
}

export function markUnconfirmed(record: AuditRecord): AuditRecord {
  return { ...record, warnings: [...record.warnings, UNCONFIRMED] };
}

/** The warning of a record that may have its change or not. */
export const UNCONFIRMED = 'unconfirmed';

export const UNCONFIRMED_ERROR =
  'Azure never answered this write, and nothing shows that it was carried out: compare the resource with the edits.';

/**
 * Applied at last: where the records went over those of an earlier refusal, the change gets records of its own, and
 * the refusal is put back.
 */
export function separateFromRefusal(
  applied: readonly AuditRecord[],
  memory: ResourceMemory,
  now: Date,
): { readonly applied: readonly AuditRecord[]; readonly putBack: readonly AuditRecord[] } {
  const putBack: AuditRecord[] = [];
  const separate = applied.map((record) => {
    const earlier = blockedBefore(memory.recorded, record);
    if (earlier?.id !== record.id) return record;
    putBack.push(earlier);
    return { ...record, id: recordId(now), time: now.toISOString() };
  });
  return { applied: separate, putBack };
}
