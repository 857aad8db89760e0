import type { TableClient, TransactionAction } from '@azure/data-tables';
import { createWhenMissing } from './create-when-missing.js';
import type { StorageAccount } from './storage-account.js';
import { isStorageError } from './storage-error.js';
import { withDeadline } from './with-deadline.js';

export interface RowKeys {
  readonly partitionKey: string;
  readonly rowKey: string;
}

export type Row = RowKeys & Readonly<Record<string, string | number | boolean>>;

export type StoredRow = RowKeys & { readonly etag: string } & Readonly<Record<string, unknown>>;

export interface RowPage {
  /** May be fewer than asked for, or none, with more to come: the service filters while it scans. */
  readonly rows: readonly StoredRow[];
  readonly continuationToken: string | null;
}

/** One table, which is created by the first write that finds it missing. Reading a missing one finds nothing. */
export interface Table {
  get(keys: RowKeys): Promise<StoredRow | null>;
  page(filter: string, top: number, continuationToken: string | null): Promise<RowPage>;
  /** Every row that matches, in the order of the keys. */
  rows(filter: string): AsyncIterable<StoredRow>;
  /** Writes rows of one partition, all or none. `Merge` keeps the columns that a row does not name. */
  put(rows: readonly Row[], mode: 'Merge' | 'Replace'): Promise<void>;
  /** Replaces a row that is as it was (`etag` null: that is not there). The new etag; null where it is not so. */
  putIfUnchanged(row: Row, etag: string | null): Promise<string | null>;
  /** A row that is not there is no error. */
  remove(keys: RowKeys): Promise<void>;
  removeIfUnchanged(keys: RowKeys, etag: string): Promise<boolean>;
}

/** The most rows that the service returns at once. */
const MAX_PAGE = 1000;

/** Where tables are: in a storage account, or wherever else somebody opens them by name. */
export type TableHome = Pick<StorageAccount, 'table'> | { readonly openTable: (name: string) => Table };

export function createTable(home: TableHome, name: string): Table {
  return 'openTable' in home ? home.openTable(name) : createServiceTable(home, name);
}

function createServiceTable(account: Pick<StorageAccount, 'table'>, name: string): Table {
  const client = (): TableClient => account.table(name);
  const isMissing = (error: unknown): boolean => isStorageError(error, 404, 'TableNotFound');
  const creatingTable = createWhenMissing({
    create: () => withDeadline((abortSignal) => client().createTable({ abortSignal })),
    isMissing,
  });
  const write = <T>(call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> =>
    creatingTable(() => withDeadline(call));

  async function get({ partitionKey, rowKey }: RowKeys): Promise<StoredRow | null> {
    try {
      return await withDeadline((abortSignal) =>
        client().getEntity<StoredRow>(partitionKey, rowKey, { abortSignal }),
      );
    } catch (error) {
      if (isNotThere(error)) return null;
      throw error;
    }
  }

  async function page(filter: string, top: number, continuationToken: string | null): Promise<RowPage> {
    const settings = {
      maxPageSize: Math.min(top, MAX_PAGE),
      ...(continuationToken === null ? {} : { continuationToken }),
    };
    try {
      const found = await withDeadline((abortSignal) =>
        client().listEntities<StoredRow>({ queryOptions: { filter }, abortSignal }).byPage(settings).next(),
      );
      if (found.done === true) return { rows: [], continuationToken: null };
      return {
        rows: found.value,
        continuationToken: found.value.continuationToken ?? null,
      };
    } catch (error) {
      if (isMissing(error)) return { rows: [], continuationToken: null };
      throw error;
    }
  }

  async function* rows(filter: string): AsyncGenerator<StoredRow> {
    let token: string | null = null;
    do {
      const found: RowPage = await page(filter, MAX_PAGE, token);
      yield* found.rows;
      token = found.continuationToken;
    } while (token !== null);
  }

  async function put(written: readonly Row[], mode: 'Merge' | 'Replace'): Promise<void> {
    const [only, ...others] = written;
    if (only === undefined) return;
    if (others.length === 0) {
      await write((abortSignal) => client().upsertEntity(only, mode, { abortSignal }));
      return;
    }
    const actions = written.map((row): TransactionAction => ['upsert', row, mode]);
    await write((abortSignal) => client().submitTransaction(actions, { abortSignal }));
  }

  async function putIfUnchanged(row: Row, etag: string | null): Promise<string | null> {
    try {
      const written = await write((abortSignal) =>
        etag === null
          ? client().createEntity(row, { abortSignal })
          : client().updateEntity(row, 'Replace', { etag, abortSignal }),
      );
      return written.etag ?? null;
    } catch (error) {
      if (isChangedByOthers(error)) return null;
      throw error;
    }
  }

  async function remove({ partitionKey, rowKey }: RowKeys): Promise<void> {
    await removeIfUnchanged({ partitionKey, rowKey }, '*');
  }

  async function removeIfUnchanged({ partitionKey, rowKey }: RowKeys, etag: string): Promise<boolean> {
    try {
      await withDeadline((abortSignal) => client().deleteEntity(partitionKey, rowKey, { etag, abortSignal }));
      return true;
    } catch (error) {
      if (isNotThere(error)) return true;
      if (isChangedByOthers(error)) return false;
      throw error;
    }
  }

  return { get, page, rows, put, putIfUnchanged, remove, removeIfUnchanged };
}

/** By its code: a 404 from a wrong endpoint must not pass for "nothing is stored". */
function isNotThere(error: unknown): boolean {
  return isStorageError(error, 404, 'ResourceNotFound', 'TableNotFound');
}

/** 409: the row to create is there; 412: it has another etag; 404: it has gone. */
function isChangedByOthers(error: unknown): boolean {
  return (
    isStorageError(error, 409, 'EntityAlreadyExists') ||
    isStorageError(error, 412) ||
    isStorageError(error, 404, 'ResourceNotFound')
  );
}
