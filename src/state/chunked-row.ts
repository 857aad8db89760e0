import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { odata } from '@azure/data-tables';
import { DamagedRowError, NewerVersionError } from '../engine/ports/stored.js';
import type { Row, RowKeys, StoredRow, Table } from './table.js';

/** The version of what this code stores. A row with a newer one is left alone. */
const VERSION = 1;

/*
 * A property holds 64 KiB, which is 32 Ki characters of UTF-16; an entity 1 MiB and 252 properties; a transaction
 * 4 MiB as sent, where each of our characters takes one byte, or two where JSON escapes it.
 * https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
 */
const CHARACTERS_PER_PROPERTY = 32_000;
const CHARACTERS_PER_ROW = 14 * CHARACTERS_PER_PROPERTY;
const MAX_ROWS = 8;

/** The filter for rows that hold a value this code can read: no continuation rows, none of a newer version. */
export const READABLE_VALUES = odata`v le ${VERSION} and parts ge 1`;

export function isNewer(row: StoredRow): boolean {
  return row.v !== VERSION;
}

/**
 * A JSON value as the rows of one partition that hold it, to be written together: the first has the keys and the
 * properties given, the others go on where it ends.
 */
export function chunkedRows(
  { partitionKey, rowKey }: RowKeys,
  value: unknown,
  properties: Readonly<Record<string, string>> = {},
): readonly Row[] {
  const json = asciiJson(value);
  // A long value repeats itself (rules, workflow ids) and shrinks to a tenth; a short one stays readable.
  const encoding = json.length <= CHARACTERS_PER_ROW ? 'json' : 'deflate';
  const text = encoding === 'json' ? json : deflateRawSync(json).toString('base64');
  const shares = sliced(text, CHARACTERS_PER_ROW);
  if (shares.length > MAX_ROWS) {
    throw new Error(
      `A value of ${json.length} characters does not fit into a table transaction (${partitionKey}/${rowKey}).`,
    );
  }
  const head = { parts: shares.length, encoding, digest: digestOf(text), ...properties };
  return shares.map((share, part) => {
    const chunks = sliced(share, CHARACTERS_PER_PROPERTY);
    return {
      partitionKey,
      rowKey: part === 0 ? rowKey : `${rowKey}~${part}`,
      v: VERSION,
      ...(part === 0 ? head : {}),
      chunks: chunks.length,
      ...Object.fromEntries(chunks.map((chunk, i) => [`text${i}`, chunk])),
    };
  });
}

/** The value at these keys; null where there is none. Throws {@link NewerVersionError}. */
export async function readValue(
  table: Table,
  keys: RowKeys,
): Promise<{ readonly value: unknown; readonly etag: string; readonly row: StoredRow } | null> {
  const row = await table.get(keys);
  if (row === null) return null;
  if (isNewer(row)) {
    throw new NewerVersionError(
      `The row ${keys.partitionKey}/${keys.rowKey} is of version ${String(row.v)}; this Holdfast knows ${VERSION}. Update it.`,
    );
  }
  return { value: await valueOf(table, row), etag: row.etag, row };
}

/** The value that a row holds; reads its continuation rows, where it has any. */
export async function valueOf(table: Table, head: StoredRow): Promise<unknown> {
  if (head.parts === 1) return decoded(head, textOf(head));
  // Each try reads the head again: somebody may have written the value anew between two reads.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const rows: StoredRow[] = [];
    const { partitionKey, rowKey } = head;
    const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${rowKey} and RowKey le ${`${rowKey}~9`}`;
    for await (const row of table.rows(filter)) rows.push(row);
    const [current] = rows;
    const text = rows.slice(0, Number(current?.parts)).map(textOf).join('');
    if (current !== undefined && current.digest === digestOf(text)) return decoded(current, text);
  }
  throw new DamagedRowError(`The rows of ${head.partitionKey}/${head.rowKey} do not belong together.`);
}

/** An entity has no more properties than that; what says that it has is damaged. */
const MAX_CHUNKS = 252;

function textOf(row: StoredRow): string {
  const count = Math.min(MAX_CHUNKS, Number(row.chunks));
  return Array.from({ length: count }, (_, i) => String(row[`text${i}`])).join('');
}

/** What JSON.parse has against a text quotes it, so it is said in our words and without a cause. */
function decoded(head: StoredRow, text: string): unknown {
  try {
    if (head.digest !== undefined && head.digest !== digestOf(text)) throw new Error('changed');
    const json =
      head.encoding === 'deflate' ? inflateRawSync(Buffer.from(text, 'base64')).toString('latin1') : text;
    return JSON.parse(json);
  } catch {
    throw new DamagedRowError(
      `The row ${head.partitionKey}/${head.rowKey} is damaged: it was changed by something else than Holdfast. Restore it or take it out.`,
    );
  }
}

/** ASCII alone: one character is one byte, none is half of another, and no reader on the way can change it. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function sliced(text: string, length: number): readonly string[] {
  const count = Math.max(1, Math.ceil(text.length / length));
  return Array.from({ length: count }, (_, i) => text.slice(i * length, (i + 1) * length));
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
