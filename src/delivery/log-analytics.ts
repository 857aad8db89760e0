import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { isAggregateLogsUploadError, LogsIngestionClient } from '@azure/monitor-ingestion';
import type { LogIngestionSettings } from '../types/delivery-settings.js';
import type { AuditRecord } from '../types/record.js';
import { attempt, type Service } from './attempt.js';
import { audienceOf, LOG_INGESTION_AUDIENCES } from './audience.js';
import { AUDIT_STREAM, auditRow, type AuditRow } from './audit-columns.js';
import { cutRecord } from './cut-record.js';
import { sendInParts } from './send-in-parts.js';
import type { DeliveryTarget } from './target.js';

/**
 * 1 MB a call, before it is compressed as well, and 64 KB a field, beyond which Azure cuts it off and a `dynamic` one is no
 * JSON any more (https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits#logs-ingestion-api). The
 * client splits what comes to a million bytes by itself; below that, one call of it is one request.
 */
const MAX_BYTES = 950_000;
const MAX_FIELD_BYTES = 64_000;

const LOG_INGESTION: Service = {
  name: 'The Logs Ingestion API',
  advice: {
    400: `does the data collection rule declare the stream ${AUDIT_STREAM}?`,
    401: 'it does not accept the token of the identity; check HOLDFAST_LOG_INGESTION_ENDPOINT and its cloud.',
    403: 'the identity needs the role Monitoring Metrics Publisher on the data collection rule; a new assignment takes up to 30 minutes.',
    404: 'there is no such data collection rule; check HOLDFAST_LOG_INGESTION_RULE.',
  },
};

/** Sends records to a custom table of a Log Analytics workspace, through a data collection rule. */
export function createLogAnalytics(
  credential: TokenCredential,
  http: HttpClient,
  { endpoint, ruleId }: LogIngestionSettings,
  now: () => Date = () => new Date(),
): DeliveryTarget {
  const client = new LogsIngestionClient(endpoint, credential, {
    audience: audienceOf(LOG_INGESTION_AUDIENCES, endpoint),
    httpClient: http,
    // Who calls tries again; the client would wait for as long as it is told, and call that one delivery.
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'holdfast' },
  });
  return {
    name: 'log-analytics',
    batch: 200,
    async deliver(records, signal) {
      const deliveredAt = now();
      const rows = records.map((record) => fittingRow(record, deliveredAt));
      const sized = rows.map((value) => ({ value, bytes: bytesOf(value) }));
      await sendInParts(sized, MAX_BYTES, (part) =>
        attempt(LOG_INGESTION, signal, (abortSignal) => upload(client, ruleId, part, abortSignal)),
      );
    },
  };
}

async function upload(
  client: LogsIngestionClient,
  ruleId: string,
  rows: readonly AuditRow[],
  abortSignal: AbortSignal,
): Promise<void> {
  try {
    await client.upload(ruleId, AUDIT_STREAM, [...rows], { abortSignal, maxConcurrency: 1 });
  } catch (error) {
    throw isAggregateLogsUploadError(error) ? error.errors[0]?.cause : error;
  }
}

function fittingRow(record: AuditRecord, deliveredAt: Date): AuditRow {
  const fits = (candidate: AuditRecord): boolean =>
    Object.values(auditRow(candidate, deliveredAt)).every((field) => bytesOf(field) <= MAX_FIELD_BYTES);
  return auditRow(cutRecord(record, 'Log Analytics', fits), deliveredAt);
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
