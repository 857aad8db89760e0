import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TableHome } from '../table.js';
import { lockDirectory } from './directory-lock.js';
import { oncePerName } from './overlay.js';
import { openTableFile, readOnlyTableFile } from './table-file.js';
import { tableOver } from './rows.js';

/** What must outlast the process: what was done, what is Holdfast's, and how much was done within the hour. */
const KEPT = ['HoldfastAudit', 'HoldfastMemory', 'HoldfastChanges'];

/** It cannot be written, and so nothing is written to Azure. The message says what to do. */
export class UnusableDirectoryError extends Error {
  override readonly name = 'UnusableDirectoryError';
}

export interface StateDirectory {
  readonly tables: TableHome;
  readonly close: () => void;
}

/**
 * The tables of a storage account in a directory of this machine, for who has none yet: what must last in files, the rest,
 * which every sweep finds anew, in memory. Throws {@link UnusableDirectoryError} and `DirectoryInUseError`.
 */
export function openStateDirectory(path: string): StateDirectory {
  const unlock = usably(path, () => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return lockDirectory(path);
  });
  const tables = oncePerName((name) =>
    KEPT.includes(name) ? openTableFile(fileOf(path, name)) : tableOver(new Map()),
  );
  try {
    // What is damaged, or newer, is said before anything is done.
    if ('openTable' in tables) KEPT.forEach((name) => tables.openTable(name));
  } catch (error) {
    unlock();
    throw error;
  }
  return { tables, close: unlock };
}

/** The same for who only reads: nothing is made or locked. */
export function readStateDirectory(path: string): TableHome {
  return oncePerName((name) =>
    KEPT.includes(name) ? readOnlyTableFile(fileOf(path, name)) : tableOver(new Map()),
  );
}

function fileOf(path: string, name: string): string {
  return join(path, `${name}.jsonl`);
}

function usably<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UnusableDirectoryError(
      `The state directory ${path} cannot be written (${code}), so nothing is written to Azure. Name one that can be with --state.`,
      { cause: error },
    );
  }
}
