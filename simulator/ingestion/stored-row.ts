import type { JsonObject } from '../json.js';
import type { StoredCell, StoredRow, StreamColumn } from './ingestion.js';

/** https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits#logs-ingestion-api: what is longer is cut off. */
const MAX_FIELD_BYTES = 65_536;
/** https://learn.microsoft.com/azure/azure-monitor/logs/log-standard-columns#timegenerated */
const OLDEST_MS = 2 * 86_400_000;
const LATEST_MS = 86_400_000;

/** What becomes of a row that comes in: the columns of the stream, and nothing else. */
export function storedRow(row: JsonObject, columns: readonly StreamColumn[], receivedAt: number): StoredRow {
  const cells = columns.map(({ name, type }) => [name, storedCell(row[name], type)] as const);
  return { ...Object.fromEntries(cells), TimeGenerated: timeGenerated(row.TimeGenerated, receivedAt) };
}

function storedCell(value: unknown, type: string): StoredCell {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return cutOff(typeof value === 'string' ? value : JSON.stringify(value));
    case 'dynamic':
      return cutOff(JSON.stringify(value));
    case 'datetime':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    default:
      return typeof value === 'number' ? value : null;
  }
}

/** One that is missing, cannot be read, or lies too far away gives way to the time at which the row came. */
function timeGenerated(value: unknown, receivedAt: number): string {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  const isNear = time >= receivedAt - OLDEST_MS && time <= receivedAt + LATEST_MS;
  return new Date(isNear ? time : receivedAt).toISOString();
}

function cutOff(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length <= MAX_FIELD_BYTES ? text : bytes.subarray(0, MAX_FIELD_BYTES).toString('utf8');
}
