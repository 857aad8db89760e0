import type { AuditRecord, RecordOutcome } from '../types/record.js';
import { sha256Of } from './canonical-json.js';
import { cutRecord } from './cut-record.js';

/** A record as a CloudEvent (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md). */
export interface RecordEvent {
  readonly type: `Holdfast.Record.${Capitalize<RecordOutcome>}`;
  readonly source: '/holdfast/audit';
  readonly subject: string;
  readonly id: string;
  readonly time: Date;
  readonly datacontenttype: 'application/json';
  readonly data: AuditRecord;
}

/**
 * A record's state as an event. The id is the record's, a dot, and 16 hex digits that follow from all that the record
 * says: the same state has the same id however often it is sent, so that a consumer can drop what it has seen, and a
 * record that went from `pending` to `applied` is two events. What of the record is cut to fit does not change the id.
 */
export function recordEvent(record: AuditRecord, maxBytes: number): RecordEvent {
  const id = `${record.id}.${sha256Of(record).slice(0, 16)}`;
  const eventWith = (data: AuditRecord): RecordEvent => ({
    type: `Holdfast.Record.${capitalized(record.outcome)}`,
    source: '/holdfast/audit',
    subject: data.resourceId,
    id,
    time: new Date(record.time),
    datacontenttype: 'application/json',
    data,
  });
  return eventWith(cutRecord(record, 'Event Grid', (data) => bytesOf(eventWith(data)) <= maxBytes));
}

/** What the SDK adds: `"specversion":"1.0",`. */
const ADDED_BYTES = 20;

/** An event's size on the wire. */
export function bytesOf(event: RecordEvent): number {
  return Buffer.byteLength(JSON.stringify(event)) + ADDED_BYTES;
}

function capitalized<T extends string>(word: T): Capitalize<T> {
  return (word.charAt(0).toUpperCase() + word.slice(1)) as Capitalize<T>;
}
