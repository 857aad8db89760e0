import type { Row, RowKeys, RowPage, StoredRow, Table } from '../table.js';
import { rowFilter } from './table-filter.js';

/** One change of a table: its rows stand together or not at all. */
export type RowChange =
  { readonly put: readonly Row[]; readonly mode: 'Merge' | 'Replace' } | { readonly remove: RowKeys };

/** Keeps a change for good before the table shows it; rejects where that cannot be, and the table stays as it was. */
export type KeepChange = (change: RowChange) => Promise<void>;

/** A table's rows in memory, by partition and then by row key. */
export type Rows = Map<string, Map<string, StoredRow>>;

let etags = 0;

export function rowAt(rows: Rows, { partitionKey, rowKey }: RowKeys): StoredRow | null {
  return rows.get(partitionKey)?.get(rowKey) ?? null;
}

export function setRow(rows: Rows, row: StoredRow): void {
  const partition = rows.get(row.partitionKey) ?? new Map<string, StoredRow>();
  partition.set(row.rowKey, row);
  rows.set(row.partitionKey, partition);
}

export function applyChange(rows: Rows, change: RowChange): void {
  if ('remove' in change) {
    rows.get(change.remove.partitionKey)?.delete(change.remove.rowKey);
    return;
  }
  for (const row of change.put) {
    const before = change.mode === 'Merge' ? rowAt(rows, row) : null;
    etags += 1;
    setRow(rows, { ...before, ...row, etag: `"${etags}"` });
  }
}

export function* allRows(rows: Rows): Generator<StoredRow> {
  for (const partition of rows.values()) yield* partition.values();
}

/** A table over rows in memory. Changes are kept one after the other, so that what is on disk is what was shown. */
export function tableOver(rows: Rows, keep: KeepChange = () => Promise.resolve()): Table {
  let last: Promise<unknown> = Promise.resolve();

  /** `work` is asked when its turn has come: null where there is nothing to change. */
  function inTurn<T>(work: () => { readonly change: RowChange | null; readonly value: T }): Promise<T> {
    const turn = last.then(async () => {
      const { change, value } = work();
      if (change === null) return value;
      await keep(change);
      applyChange(rows, change);
      return value;
    });
    last = turn.catch(() => undefined);
    return turn;
  }

  const change = (one: RowChange): Promise<void> => inTurn(() => ({ change: one, value: undefined }));

  return {
    get: (keys) => Promise.resolve(rowAt(rows, keys)),

    page: (filter, top, token) => Promise.resolve(pageOf(rows, filter, top, token)),

    async *rows(filter) {
      await Promise.resolve();
      yield* matching(rows, filter);
    },

    async put(written, mode) {
      if (written.length > 0) await change({ put: written, mode });
    },

    async putIfUnchanged(row, etag) {
      const isDone = await inTurn(() => {
        const isUnchanged = (rowAt(rows, row)?.etag ?? null) === etag;
        return { change: isUnchanged ? { put: [row], mode: 'Replace' } : null, value: isUnchanged };
      });
      return isDone ? (rowAt(rows, row)?.etag ?? null) : null;
    },

    remove: (keys) => change({ remove: keys }),

    removeIfUnchanged: (keys, etag) =>
      inTurn(() => {
        const at = rowAt(rows, keys);
        const isUnchanged = at === null || etag === '*' || at.etag === etag;
        return { change: at === null || !isUnchanged ? null : { remove: keys }, value: isUnchanged };
      }),
  };
}

/** The token is the service's: the keys where the list goes on, as JSON in base64. */
function pageOf(rows: Rows, filter: string, top: number, token: string | null): RowPage {
  const from = token === null ? null : positionOf(token);
  const found = matching(rows, filter).filter((row) => from === null || compareKeys(row, from) >= 0);
  const next = found[top];
  return { rows: found.slice(0, top), continuationToken: next === undefined ? null : tokenOf(next) };
}

function tokenOf({ partitionKey, rowKey }: RowKeys): string {
  const position = { nextPartitionKey: partitionKey, nextRowKey: rowKey };
  return Buffer.from(JSON.stringify(position)).toString('base64');
}

function positionOf(token: string): RowKeys {
  const { nextPartitionKey, nextRowKey = '' } = JSON.parse(Buffer.from(token, 'base64').toString('utf8')) as {
    readonly nextPartitionKey: string;
    readonly nextRowKey?: string;
  };
  return { partitionKey: nextPartitionKey, rowKey: nextRowKey };
}

function matching(rows: Rows, filter: string): readonly StoredRow[] {
  const { partition, isWanted } = rowFilter(filter);
  const among = partition === null ? allRows(rows) : (rows.get(partition)?.values() ?? []);
  return [...among].filter(isWanted).sort(compareKeys);
}

/** In the order of the keys, by code unit, as the service has them. */
function compareKeys(a: RowKeys, b: RowKeys): number {
  if (a.partitionKey !== b.partitionKey) return a.partitionKey < b.partitionKey ? -1 : 1;
  return a.rowKey === b.rowKey ? 0 : a.rowKey < b.rowKey ? -1 : 1;
}
