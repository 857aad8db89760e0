import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../../types/record.js';
import type { Draft } from './draft-records.js';
import type { EngineDeps } from '../engine-deps.js';
import type { Look } from '../look/look.js';
import type { WriteEvidence } from '../ports/audit-log.js';
import { recordId } from './record-id.js';

type Recording = Pick<EngineDeps, 'audit' | 'selfAudits' | 'sinks' | 'now'>;

/** What one look has in common for all of its records. */
export interface Trail {
  readonly look: Look;
  readonly startedAt: number;
  readonly writeId: string;
}

export function startTrail(look: Look, now: Date): Trail {
  return { look, startedAt: now.getTime(), writeId: randomUUID() };
}

export function toRecord(trail: Trail, draft: Draft, now: Date): AuditRecord {
  return {
    id: recordId(now),
    writeId: trail.writeId,
    time: now.toISOString(),
    correlationId: trail.look.correlationId,
    trigger: trail.look.trigger,
    actor: trail.look.actor,
    resourceId: trail.look.id.id,
    remediator: draft.remediator,
    mode: draft.mode,
    outcome: draft.outcome,
    edits: draft.edits,
    warnings: draft.warnings,
    error: draft.error,
    armRequestId: null,
    durationMs: Math.max(0, now.getTime() - trail.startedAt),
  };
}

/**
 * Writes intents. Only when this has returned may the write be sent. Where they go over the records of an earlier time,
 * which may be put back as they were, the write is noted by itself: Azure's activity log will have it.
 */
export async function recordIntent(
  deps: Recording,
  trail: Trail,
  records: readonly AuditRecord[],
  evidence: WriteEvidence,
): Promise<void> {
  const { writeId, startedAt, look } = trail;
  const repeated = records.filter(({ time }) => Date.parse(time) < startedAt);
  const noted = {
    writeId,
    at: deps.now(),
    resourceId: look.id.id,
    recordIds: repeated.map(({ id }) => id),
  };
  await Promise.all([
    deps.audit.write(records, evidence),
    repeated.length > 0 ? deps.selfAudits.noteRepeated(noted) : null,
  ]);
}

/**
 * Writes outcomes: to the audit log first, then to the other sinks; of one record that comes twice, the later. Where `writeId` is given, records of another
 * write only go back as they were, and every sink has them.
 */
export async function recordOutcome(
  deps: Recording,
  records: readonly AuditRecord[],
  writeId?: string,
): Promise<void> {
  if (records.length === 0) return;
  const latest = [...new Map(records.map((record) => [record.id, record])).values()];
  await deps.audit.write(latest);
  const news = latest.filter((record) => writeId === undefined || record.writeId === writeId);
  for (const record of news) for (const sink of deps.sinks) sink.write(record);
}
