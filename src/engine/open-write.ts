import type { AuditRecord } from '../types/record.js';
import type { RemediatorId } from '../types/remediator-id.js';
import { toRecord, type Trail } from './audit-trail.js';
import type { Draft } from './draft-records.js';
import type { ResourceMemory, WriteEvidence } from './ports.js';
import { digestOf } from './record-digest.js';
import { recordId } from './record-id.js';

/** A write whose intents are recorded and whose outcome is not known yet. */
export interface OpenWrite {
  readonly trail: Trail;
  readonly records: readonly AuditRecord[];
  readonly evidence: WriteEvidence;
  /** Why the last attempt did not go through; null before one. */
  readonly lastError: string | null;
}

/**
 * What Azure would not take last time: the same drift refused again goes over the same record, so that a locked
 * vault gives one record and not one at every sweep. Remembered by remediator, as JSON.
 */
interface Blocked {
  readonly digest: string;
  readonly refusal: Pick<
    AuditRecord,
    'id' | 'time' | 'writeId' | 'correlationId' | 'outcome' | 'error' | 'armRequestId' | 'durationMs'
  >;
}

const blockedKey = (remediator: RemediatorId): string => `${remediator}:blocked`;

/** The records of a new write; or the ones of `carried`, where that write was not carried out and is the same. */
export function openWrite(
  trail: Trail,
  drafts: readonly Draft[],
  evidence: WriteEvidence,
  memory: ResourceMemory,
  carried: OpenWrite | null,
  now: Date,
): OpenWrite {
  if (carried !== null && isSameWrite(carried.records, drafts)) return carried;
  const records = drafts.map((draft) => {
    const record = toRecord(trail, draft, now);
    const earlier = readBlocked(memory, draft);
    return earlier === null ? record : { ...record, id: earlier.id, time: earlier.time };
  });
  return { trail, records, evidence, lastError: null };
}

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

/** Closed without evidence: the resource shows the change, but nothing says that it was this write. */
export function closeUnconfirmed(open: OpenWrite, now: Date): readonly AuditRecord[] {
  return closeWrite(open, 'failed', UNCONFIRMED_ERROR, null, now).map(markUnconfirmed);
}

export function markUnconfirmed(record: AuditRecord): AuditRecord {
  return { ...record, warnings: [...record.warnings, 'unconfirmed'] };
}

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
    const earlier = readBlocked(memory, record);
    if (earlier?.id !== record.id) return record;
    putBack.push({ ...record, ...earlier });
    return { ...record, id: recordId(now), time: now.toISOString() };
  });
  return { applied: separate, putBack };
}

/** Remembers that Azure would not take these. */
export function rememberBlocked(
  recorded: ResourceMemory['recorded'],
  refused: readonly AuditRecord[],
): ResourceMemory['recorded'] {
  const entries = refused.map((record) => {
    const { id, time, writeId, correlationId, outcome, error, armRequestId, durationMs } = record;
    const refusal = { id, time, writeId, correlationId, outcome, error, armRequestId, durationMs };
    const blocked: Blocked = { digest: digestOf(record.edits), refusal };
    return [blockedKey(record.remediator), JSON.stringify(blocked)] as const;
  });
  return { ...recorded, ...Object.fromEntries(entries) };
}

function readBlocked(
  memory: ResourceMemory,
  record: Pick<AuditRecord, 'remediator' | 'edits'>,
): Blocked['refusal'] | null {
  const stored = memory.recorded[blockedKey(record.remediator)];
  if (stored === undefined) return null;
  const blocked = JSON.parse(stored) as Blocked;
  return blocked.digest === digestOf(record.edits) ? blocked.refusal : null;
}
