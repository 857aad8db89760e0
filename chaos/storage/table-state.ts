import { odataFilter } from './odata-filter.js';
import { storageFailure } from './storage-failure.js';

export type Entity = Readonly<Record<string, unknown>> & {
  readonly partitionKey: string;
  readonly rowKey: string;
};
export type StoredEntity = Entity & { readonly etag: string; readonly timestamp: string };

export type TableAction =
  | { readonly kind: 'create'; readonly entity: Entity }
  | { readonly kind: 'upsert'; readonly entity: Entity; readonly mode: UpdateMode }
  | { readonly kind: 'update'; readonly entity: Entity; readonly mode: UpdateMode; readonly etag: string }
  | {
      readonly kind: 'delete';
      readonly partitionKey: string;
      readonly rowKey: string;
      readonly etag: string;
    };
export type UpdateMode = 'Merge' | 'Replace';

export interface EntityPage {
  readonly entities: readonly StoredEntity[];
  readonly next: { readonly nextPartitionKey: string; readonly nextRowKey: string } | null;
}

/*
 * What the service takes: https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
 */
const MAX_ACTIONS = 100;
const MAX_PROPERTY_CHARACTERS = 32_768;
const MAX_ENTITY_BYTES = 1_048_576;
const MAX_PROPERTIES = 252;
const NOT_IN_KEYS = /[/\\#?\u0000-\u001f\u007f-\u009f]/;

/** One table: what it holds, and the rules by which it changes. Everything here happens at once. */
export class TableState {
  #exists = false;
  readonly #rows = new Map<string, StoredEntity>();
  #version = 0;

  constructor(private readonly now: () => number) {}

  create(): void {
    // The client keeps it to itself that a table was there.
    this.#exists = true;
  }

  get(partitionKey: string, rowKey: string): StoredEntity {
    this.demandExists();
    const row = this.#rows.get(keyOf(partitionKey, rowKey));
    if (row === undefined) throw storageFailure('table', 404, 'ResourceNotFound');
    return row;
  }

  query(filter: string, top: number, from: EntityPage['next']): EntityPage {
    this.demandExists();
    const matches = odataFilter(filter);
    const found: StoredEntity[] = [];
    const start = from === null ? null : keyOf(from.nextPartitionKey, from.nextRowKey);
    for (const key of [...this.#rows.keys()].sort()) {
      if (start !== null && key < start) continue;
      const row = this.#rows.get(key);
      if (row === undefined || !matches(row)) continue;
      if (found.length === top) {
        return { entities: found, next: { nextPartitionKey: row.partitionKey, nextRowKey: row.rowKey } };
      }
      found.push(row);
    }
    return { entities: found, next: null };
  }

  /** All of them or none. Gives the new etags; null for what was deleted. */
  apply(actions: readonly TableAction[]): readonly (string | null)[] {
    this.demandExists();
    if (actions.length > MAX_ACTIONS) throw storageFailure('table', 400, 'InvalidInput');
    const keys = actions.map((action) => {
      const { partitionKey, rowKey } = 'entity' in action ? action.entity : action;
      return { partitionKey, key: keyOf(partitionKey, rowKey) };
    });
    if (new Set(keys.map(({ partitionKey }) => partitionKey)).size > 1) {
      throw storageFailure('table', 400, 'CommandsInBatchActOnDifferentPartitions');
    }
    if (new Set(keys.map(({ key }) => key)).size < keys.length) {
      throw storageFailure('table', 400, 'InvalidDuplicateRow');
    }
    // Every one is checked before the first is carried out.
    const outcomes = actions.map((action) => this.outcomeOf(action));
    return outcomes.map(({ key, row }) => {
      if (row === null) {
        this.#rows.delete(key);
        return null;
      }
      this.#version += 1;
      const timestamp = new Date(this.now()).toISOString();
      const etag = `W/"datetime'${timestamp}-${this.#version}'"`;
      this.#rows.set(key, { ...row, etag, timestamp });
      return etag;
    });
  }

  /** Everything that is stored, for the invariants. */
  all(): readonly StoredEntity[] {
    return [...this.#rows.keys()].sort().flatMap((key) => this.#rows.get(key) ?? []);
  }

  private outcomeOf(action: TableAction): { readonly key: string; readonly row: Entity | null } {
    const { partitionKey, rowKey } = 'entity' in action ? action.entity : action;
    const key = keyOf(partitionKey, rowKey);
    const before = this.#rows.get(key);
    if (action.kind === 'create' && before !== undefined)
      throw storageFailure('table', 409, 'EntityAlreadyExists');
    if (action.kind === 'update' || action.kind === 'delete') {
      if (before === undefined) throw storageFailure('table', 404, 'ResourceNotFound');
      if (action.etag !== '*' && action.etag !== before.etag) {
        throw storageFailure('table', 412, 'UpdateConditionNotSatisfied');
      }
    }
    if (action.kind === 'delete') return { key, row: null };
    check(action.entity);
    const isMerge = action.kind !== 'create' && action.mode === 'Merge';
    return {
      key,
      row: isMerge && before !== undefined ? { ...before, ...action.entity } : { ...action.entity },
    };
  }

  private demandExists(): void {
    if (!this.#exists) throw storageFailure('table', 404, 'TableNotFound');
  }
}

/** Sorts as the service does: by partition, then by row. Neither key may hold what separates them here. */
function keyOf(partitionKey: string, rowKey: string): string {
  return `${partitionKey}\u0000${rowKey}`;
}

function check(entity: Entity): void {
  const { partitionKey, rowKey, ...properties } = entity;
  if (NOT_IN_KEYS.test(partitionKey) || NOT_IN_KEYS.test(rowKey))
    throw storageFailure('table', 400, 'OutOfRangeInput');
  if (Object.keys(properties).length > MAX_PROPERTIES)
    throw storageFailure('table', 400, 'TooManyProperties');
  let bytes = 4 + (partitionKey.length + rowKey.length) * 2;
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'string' && value.length > MAX_PROPERTY_CHARACTERS) {
      throw storageFailure('table', 400, 'PropertyValueTooLarge');
    }
    bytes += 8 + name.length * 2 + (typeof value === 'string' ? value.length * 2 + 4 : 8);
  }
  if (bytes > MAX_ENTITY_BYTES) throw storageFailure('table', 400, 'EntityTooLarge');
}
