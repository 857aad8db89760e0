import { createTable, type RowKeys, type Table, type TableHome } from '../table.js';
import { rowAt, setRow, tableOver, type Rows } from './rows.js';

/** Tables that forget all when the process ends. */
export function tablesInMemory(): TableHome {
  return oncePerName(() => tableOver(new Map()));
}

/** Tables that show what is stored, and keep what is written over it in memory: nothing gets to where it is stored. */
export function overlaid(base: TableHome): TableHome {
  return oncePerName((name) => overlay(createTable(base, name)));
}

export function oncePerName(open: (name: string) => Table): TableHome {
  const tables = new Map<string, Table>();
  return {
    openTable(name) {
      const table = tables.get(name) ?? open(name);
      tables.set(name, table);
      return table;
    },
  };
}

function overlay(base: Table): Table {
  const rows: Rows = new Map();
  /** What was removed, or written over: what is stored of it does not count any more. */
  const hidden = new Set<string>();
  const nameOf = ({ partitionKey, rowKey }: RowKeys): string => JSON.stringify([partitionKey, rowKey]);
  const own = tableOver(rows, (change) => {
    for (const keys of 'remove' in change ? [change.remove] : change.put) hidden.add(nameOf(keys));
    return Promise.resolve();
  });

  /** Takes what is stored into memory, so that what is written rests on it. */
  async function take(keys: RowKeys): Promise<void> {
    if (hidden.has(nameOf(keys)) || rowAt(rows, keys) !== null) return;
    const stored = await base.get(keys);
    if (stored === null) return;
    setRow(rows, stored);
    hidden.add(nameOf(keys));
  }

  async function merged(filter: string): Promise<Table> {
    const all: Rows = new Map();
    for await (const row of base.rows(filter)) if (!hidden.has(nameOf(row))) setRow(all, row);
    for await (const row of own.rows(filter)) setRow(all, row);
    return tableOver(all);
  }

  return {
    ...own,
    async get(keys) {
      return hidden.has(nameOf(keys)) ? rowAt(rows, keys) : base.get(keys);
    },
    async *rows(filter) {
      yield* (await merged(filter)).rows(filter);
    },
    async page(filter, top, token) {
      return (await merged(filter)).page(filter, top, token);
    },
    async put(written, mode) {
      if (mode === 'Merge') for (const row of written) await take(row);
      await own.put(written, mode);
    },
    async putIfUnchanged(row, etag) {
      await take(row);
      return own.putIfUnchanged(row, etag);
    },
    async removeIfUnchanged(keys, etag) {
      await take(keys);
      return own.removeIfUnchanged(keys, etag);
    },
  };
}
