import type { AuditRecord } from '../types/record.js';

/** The stream of the data collection rule that rows are sent to, and the table that it writes. */
export const AUDIT_STREAM = 'Custom-HoldfastAudit';
export const AUDIT_TABLE = 'HoldfastAudit_CL';

/**
 * The columns of the stream and of the table, in order; the same types go in both
 * (https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-rule-structure#streamdeclarations),
 * but that a table spells `dateTime`, which the template sees to.
 */
export const AUDIT_COLUMNS = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'RecordId', type: 'string' },
  { name: 'WriteId', type: 'string' },
  { name: 'CorrelationId', type: 'string' },
  { name: 'Trigger', type: 'string' },
  { name: 'Outcome', type: 'string' },
  { name: 'Mode', type: 'string' },
  { name: 'Remediator', type: 'string' },
  { name: 'ResourceId', type: 'string' },
  { name: 'ActorId', type: 'string' },
  { name: 'ActorName', type: 'string' },
  { name: 'ActorIp', type: 'string' },
  { name: 'Edits', type: 'dynamic' },
  { name: 'Warnings', type: 'dynamic' },
  { name: 'Error', type: 'string' },
  { name: 'ArmRequestId', type: 'string' },
  { name: 'DurationMs', type: 'long' },
  { name: 'DeliveredAt', type: 'datetime' },
] as const;

export type AuditRow = Readonly<Record<(typeof AUDIT_COLUMNS)[number]['name'], unknown>>;

/** A record as a row of the table. */
export function auditRow(record: AuditRecord, deliveredAt: Date): AuditRow {
  return {
    TimeGenerated: record.time,
    RecordId: record.id,
    WriteId: record.writeId,
    CorrelationId: record.correlationId,
    Trigger: record.trigger,
    Outcome: record.outcome,
    Mode: record.mode,
    Remediator: record.remediator,
    ResourceId: record.resourceId,
    ActorId: record.actor?.id ?? null,
    ActorName: record.actor?.name ?? null,
    ActorIp: record.actor?.ip ?? null,
    Edits: record.edits,
    Warnings: record.warnings,
    Error: record.error,
    ArmRequestId: record.armRequestId,
    DurationMs: Math.round(record.durationMs),
    DeliveredAt: deliveredAt.toISOString(),
  };
}
