import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DamagedRowError, NewerVersionError } from '../../engine/ports/stored.js';
import type { Table } from '../table.js';
import { allRows, applyChange, tableOver, type RowChange, type Rows } from './rows.js';

/** The version of a line. */
const VERSION = 1;
/** As many lines more than rows are kept before the file is written anew. */
const SPARE_LINES = 1000;

/**
 * A table in a file: a line of JSON for each change, in their order, synced to the disk before the change counts. What a
 * crash left half-written at the end of it was never said to be done, and is cut off. One process at a time may write.
 */
export function openTableFile(path: string): Table {
  const { rows, lines } = readTableFile(path, { isWriter: true });
  if (lines > 2 * [...allRows(rows)].length + SPARE_LINES) rewrite(path, rows);
  return tableOver(rows, (change) => append(path, `${JSON.stringify({ v: VERSION, ...change })}\n`));
}

async function append(path: string, line: string): Promise<void> {
  const isNew = !existsSync(path);
  const file = await open(path, 'a', 0o600);
  try {
    const { size } = await file.stat();
    try {
      await file.appendFile(line);
      await file.sync();
    } catch (error) {
      // The next line must not go on where this one stopped.
      await file.truncate(size);
      throw error;
    }
  } finally {
    await file.close();
  }
  // The directory has the file's name for good, too, before its first change counts.
  if (isNew) syncDirectory(dirname(path));
}

/** What a file holds, for who only reads; a file that is not there is an empty table. */
export function readOnlyTableFile(path: string): Table {
  return tableOver(readTableFile(path, { isWriter: false }).rows, () =>
    Promise.reject(new TypeError(`${path} was opened for reading alone.`)),
  );
}

function readTableFile(
  path: string,
  { isWriter }: { readonly isWriter: boolean },
): { readonly rows: Rows; readonly lines: number } {
  const rows: Rows = new Map();
  if (!existsSync(path)) return { rows, lines: 0 };
  const text = readFileSync(path, 'utf8');
  const end = text.lastIndexOf('\n') + 1;
  const lines = text.slice(0, end).split('\n').slice(0, -1);
  for (const [i, line] of lines.entries()) applyChange(rows, changeIn(line, `${path}, line ${i + 1}`));
  // The next line would go on where the torn one stops.
  if (isWriter && end < text.length) rewrite(path, rows);
  return { rows, lines: lines.length };
}

function changeIn(line: string, where: string): RowChange {
  const read = parsed(line);
  if (read === null) {
    throw new DamagedRowError(
      `${where} was changed by something else than Holdfast. Restore the file, or move the state directory away.`,
    );
  }
  if (read.v !== VERSION) {
    throw new NewerVersionError(
      `${where} is of version ${String(read.v)}; this Holdfast knows 1. Update it.`,
    );
  }
  return read;
}

function parsed(line: string): (RowChange & { readonly v: unknown }) | null {
  try {
    const value = JSON.parse(line) as Record<string, unknown> | null;
    const isChange = Array.isArray(value?.put) || typeof value?.remove === 'object';
    return value !== null && 'v' in value && (isChange || value.v !== VERSION)
      ? (value as unknown as RowChange & { readonly v: unknown })
      : null;
  } catch {
    return null;
  }
}

/** The rows as they are, in a new file that takes the old one's place at once. */
function rewrite(path: string, rows: Rows): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    for (const row of allRows(rows)) {
      // Which state of it this was is nobody's business in the next process, which names its own.
      const change: RowChange = { put: [{ ...row, etag: '' }], mode: 'Replace' };
      appendFileSync(file, `${JSON.stringify({ v: VERSION, ...change })}\n`);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncDirectory(dirname(path));
}

/** Windows opens no directory as a file; there NTFS keeps a name with its file. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
