import { hashedKey } from './hashed-key.js';
import type { RowKeys } from './table.js';

/** The largest time that a Date holds (ECMA-262, 21.4.1.1). */
const LATEST_MS = 8.64e15;
const LAST_DAY = 99_999_999;

/** Keys that sort the newest record first: a table is read in the order of its keys, and no other. */
export function auditKeys(record: { readonly id: string; readonly time: string }): RowKeys {
  const inverted = LATEST_MS - new Date(record.time).getTime();
  return {
    partitionKey: dayKey(record.time),
    rowKey: `${inverted.toString().padStart(16, '0')}-${hashedKey(record.id).slice(0, 32)}`,
  };
}

/** The time that a record's id was made of, which is the record's own (UUIDv7, RFC 9562, 5.7); null for another text. */
export function timeOfId(id: string): string | null {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(id)) return null;
  const time = new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toISOString();
  return time.length === 24 ? time : null;
}

/** The partition of a time's UTC day: 99999999 less yyyymmdd. Earlier days have greater keys. */
export function dayKey(time: string): string {
  const day = Number(sortableTime(time).slice(0, 10).replaceAll('-', ''));
  return (LAST_DAY - day).toString().padStart(8, '0');
}

/** The time in UTC with milliseconds, so that text compares as time does. */
export function sortableTime(time: string): string {
  const text = new Date(time).toISOString();
  if (text.length !== 24) throw new RangeError(`The time ${text} is outside the years 0 to 9999.`);
  return text;
}

/**
 * What is stored and asked for in a filterable column: the text itself, or its hash where it is long or holds what a
 * column or a URL might not carry unchanged.
 */
export function filterable(text: string): string {
  return /^[\x20-\x7e]{0,500}$/.test(text) ? text : `sha256:${hashedKey(text)}`;
}
