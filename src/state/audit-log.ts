import { odata } from '@azure/data-tables';
import type {
  AuditLog,
  AuditPage,
  AuditQuery,
  PendingRecord,
  WriteEvidence,
} from '../engine/ports/audit-log.js';
import type { AuditRecord } from '../types/record.js';
import { auditKeys, dayKey, filterable, sortableTime, timeOfId } from './audit-keys.js';
import { READABLE_VALUES, chunkedRows, readValue, valueOf } from './chunked-row.js';
import { decodeContinuationToken, encodeContinuationToken } from './continuation-token.js';
import { packTransactions } from './pack-transactions.js';
import { pageAtToken } from './page-at-token.js';
import { createPendingHorizon } from './pending-horizon.js';
import { createTable, type Row, type StoredRow, type TableHome } from './table.js';

/** The audit log in Table Storage: a partition per UTC day, a row per record, the newest first. */
export function createAuditLog(home: TableHome): AuditLog {
  const table = createTable(home, 'HoldfastAudit');
  const horizon = createPendingHorizon(table);

  async function write(records: readonly AuditRecord[], evidence?: WriteEvidence): Promise<void> {
    await horizon.include(records);
    const groups = records.map((record) => rowsOf(record, evidence));
    // Merged, so that the outcome, which comes without evidence, leaves the intent's where it is.
    for (const rows of packTransactions(groups)) await table.put(rows, 'Merge');
  }

  async function query(asked: AuditQuery): Promise<AuditPage> {
    const filter = filterOf(asked);
    const records: AuditRecord[] = [];
    let token =
      asked.continuationToken === undefined ? null : decodeContinuationToken(asked.continuationToken);
    do {
      const page = await pageAtToken(table, filter, asked.limit - records.length, token);
      for (const row of page.rows) records.push((await valueOf(table, row)) as AuditRecord);
      token = page.continuationToken;
    } while (token !== null && records.length < asked.limit);
    return { records, continuationToken: token === null ? null : encodeContinuationToken(token) };
  }

  async function pending(olderThan: Date): Promise<readonly PendingRecord[]> {
    const seen = await horizon.read();
    const found: PendingRecord[] = [];
    for await (const row of table.rows(pendingFilter(olderThan.toISOString(), seen.since))) {
      found.push({ record: (await valueOf(table, row)) as AuditRecord, evidence: evidenceIn(row) });
    }
    await horizon.moveOn(
      seen,
      olderThan,
      found.map(({ record }) => record),
    );
    return found;
  }

  async function find(id: string): Promise<AuditRecord | null> {
    const time = timeOfId(id);
    if (time === null) return null;
    const found = await readValue(table, auditKeys({ id: id.toLowerCase(), time }));
    return found === null ? null : (found.value as AuditRecord);
  }

  async function evidenceOf(record: Pick<AuditRecord, 'id' | 'time'>): Promise<WriteEvidence | null> {
    const row = await table.get(auditKeys(record));
    return row === null ? null : evidenceIn(row);
  }

  return { write, query, find, evidenceOf, pending };
}

function rowsOf(record: AuditRecord, evidence: WriteEvidence | undefined): readonly Row[] {
  return chunkedRows(auditKeys(record), record, {
    time: sortableTime(record.time),
    resourceKey: filterable(record.resourceId.toLowerCase()),
    remediator: record.remediator,
    outcome: record.outcome,
    correlationId: filterable(record.correlationId),
    ...(evidence === undefined ? {} : { evidence: JSON.stringify(evidence) }),
  });
}

function filterOf(asked: AuditQuery): string {
  const filters = [READABLE_VALUES];
  if (asked.resourceId !== undefined) {
    filters.push(odata`resourceKey eq ${filterable(asked.resourceId.toLowerCase())}`);
  }
  if (asked.remediator !== undefined) filters.push(odata`remediator eq ${asked.remediator}`);
  if (asked.outcome !== undefined) filters.push(odata`outcome eq ${asked.outcome}`);
  if (asked.correlationId !== undefined) {
    filters.push(odata`correlationId eq ${filterable(asked.correlationId)}`);
  }
  if (asked.since !== undefined) {
    filters.push(odata`PartitionKey le ${dayKey(asked.since)} and time ge ${sortableTime(asked.since)}`);
  }
  if (asked.until !== undefined) {
    filters.push(odata`PartitionKey ge ${dayKey(asked.until)} and time le ${sortableTime(asked.until)}`);
  }
  return filters.join(' and ');
}

function pendingFilter(olderThan: string, since: string | null): string {
  const filters = [
    READABLE_VALUES,
    odata`outcome eq ${'pending'}`,
    odata`PartitionKey ge ${dayKey(olderThan)} and time lt ${sortableTime(olderThan)}`,
  ];
  if (since !== null) filters.push(odata`PartitionKey le ${dayKey(since)}`);
  return filters.join(' and ');
}

function evidenceIn(row: StoredRow): WriteEvidence | null {
  return typeof row.evidence === 'string' ? (JSON.parse(row.evidence) as WriteEvidence) : null;
}
