import { odata } from '@azure/data-tables';
import type { Learned, ReaderIndex } from '../engine/ports/reader-index.js';
import { isSameJson } from '../types/apply-edits.js';
import type { Json } from '../types/json.js';
import type { ConnectionFacts, VaultReader } from '../types/observation.js';
import { tryParseResourceId } from '../types/resource-id.js';
import type { Scope } from '../types/scope.js';
import { beginsWith } from './begins-with.js';
import { completeReader, completeReads } from './complete-reads.js';
import { READABLE_VALUES, chunkedRows, isNewer, valueOf } from './chunked-row.js';
import { hashedKey } from './hashed-key.js';
import { inBatches } from '../engine/in-batches.js';
import { createTable, type RowKeys, type Table, type TableHome } from './table.js';
import {
  createWorkflowEntries,
  workflowKeys,
  workflowKeysAt,
  type WorkflowEntry,
} from './workflow-entries.js';
import {
  callerPartition,
  handerPartition,
  PARTITIONS,
  readerPartition,
  userPartition,
} from './workflow-rows.js';

interface KnownConnection {
  /** In lower case. */
  readonly id: string;
  readonly facts: ConnectionFacts;
}

/** Who reads which vault, in Table Storage. */
export function createReaderIndex(home: TableHome): ReaderIndex {
  const table = createTable(home, 'HoldfastReaders');
  const entries = createWorkflowEntries(table);

  async function read<T>(keys: RowKeys): Promise<T | null> {
    const row = await table.get(keys);
    return row === null || isNewer(row) ? null : ((await valueOf(table, row)) as T);
  }

  async function* each<T>(filter: string): AsyncGenerator<T> {
    for await (const row of table.rows(`${filter} and ${READABLE_VALUES}`)) {
      yield (await valueOf(table, row)) as T;
    }
  }

  async function values<T>(filter: string): Promise<readonly T[]> {
    const found: T[] = [];
    for await (const value of each<T>(filter)) found.push(value);
    return found;
  }

  /** Reading first costs less than writing, and keeps a row of a newer version as it is. */
  async function save(keys: RowKeys, value: unknown): Promise<void> {
    const row = await table.get(keys);
    if (row !== null && isNewer(row)) return;
    if (row !== null && isSameJson((await valueOf(table, row)) as Json, value as Json)) return;
    await table.put(chunkedRows(keys, value), 'Replace');
  }

  let allLearned: { readonly rows: ReadonlyMap<string, Learned>; readonly readAt: number } | null = null;

  async function fewLearned(scopes: readonly Scope[]): Promise<ReadonlyMap<string, Learned>> {
    const found = await inBatches(scopes, async (scope) => {
      const keys = learnedKeys(scope);
      const row = await read<LearnedRow>(keys);
      return row === null ? [] : [[keys.rowKey, learnedIn(row)] as const];
    });
    return new Map(found.flat());
  }

  async function learnedOf(
    scopes: readonly Scope[],
    rows: ReadonlyMap<string, Learned>,
  ): Promise<readonly Learned[]> {
    const isComplete = scopes.every((scope) => rows.has(learnedKeys(scope).rowKey));
    // An earlier version noted it of all scopes together.
    const together = isComplete ? null : await read<string>(completedKeys(scopes));
    const at = together === null ? null : new Date(together);
    return scopes.map((scope) => rows.get(learnedKeys(scope).rowKey) ?? { at, failedAt: null });
  }

  return {
    async readersOf(vaultName) {
      const readers = await values<readonly VaultReader[]>(inPartition(readerPartition(vaultName)));
      return readers.flat().map(completeReader);
    },
    unresolvedReaders: () => values<string>(inPartition(PARTITIONS.unresolved)),
    workflowsOn: (connectionId) => values<string>(inPartition(userPartition(connectionId.key))),
    handersTo: (workflowId) => values<string>(inPartition(handerPartition(workflowId.key))),
    callersOf: (workflowId) => values<string>(inPartition(callerPartition(workflowId.key))),

    async workflow(id) {
      const entry = await read<WorkflowEntry>(workflowKeys(id));
      return entry === null ? null : completeReads(entry.reads);
    },
    async workflowAt(hash) {
      const entry = await read<WorkflowEntry>(workflowKeysAt(hash));
      return entry === null ? null : completeReads(entry.reads);
    },
    async *knownIds() {
      for await (const { reads } of each<WorkflowEntry>(beginsWith('PartitionKey', PARTITIONS.workflow))) {
        yield reads.workflowId;
      }
      for await (const { id } of each<KnownConnection>(beginsWith('PartitionKey', PARTITIONS.connection))) {
        yield id;
      }
    },
    saveWorkflow: (id, reads) => entries.save(id, reads),
    forgetWorkflow: (id) => entries.forget(id),

    async connections(ids) {
      const keys = [...new Set(ids.map((id) => id.toLowerCase()))];
      const known = await inBatches(keys, (key) => read<KnownConnection>(connectionKeys(key)));
      return byId(known.filter((connection) => connection !== null));
    },
    connectionAt: (hash) => read<KnownConnection>(connectionKeysAt(hash)),
    saveConnection: (id, facts) => save(connectionKeys(id.key), { id: id.key, facts }),

    async vaultId(name) {
      const id = await read<string>(vaultKeys(name));
      return id === null ? null : tryParseResourceId(id);
    },
    saveVault: (id) => save(vaultKeys(id.name), id.id),

    async learned(scopes) {
      if (scopes.length <= FEW) return learnedOf(scopes, await fewLearned(scopes));
      const now = Date.now();
      if (allLearned !== null && now - allLearned.readAt < FRESH_MS) {
        const answer = await learnedOf(scopes, allLearned.rows);
        // That something is known stays so; that it is not is asked for each time.
        if (answer.every(({ at }) => at !== null)) return answer;
      }
      const rows = await learnedRows(table);
      allLearned = { rows, readAt: now };
      return learnedOf(scopes, rows);
    },
    async noteLearned(scope, { at, failedAt }) {
      const value: LearnedRow = { at: at?.toISOString() ?? null, failedAt: failedAt?.toISOString() ?? null };
      await save(learnedKeys(scope), value);
      allLearned = null;
    },
  };
}

/** This many scopes are asked for one by one, and a subscription's sweep asks for no more of its own. */
const FEW = 3;
/**
 * For so long one process takes all lists to be known, and to have failed or not, as it read last: ten thousand
 * subscriptions that are swept at one time would read ten thousand rows each.
 */
const FRESH_MS = 20_000;

function inPartition(name: string): string {
  return odata`PartitionKey eq ${name}`;
}

function connectionKeys(key: string): RowKeys {
  return connectionKeysAt(hashedKey(key));
}

function connectionKeysAt(hash: string): RowKeys {
  return { partitionKey: PARTITIONS.connection + hash, rowKey: 'connection' };
}

function vaultKeys(name: string): RowKeys {
  return { partitionKey: PARTITIONS.vault + hashedKey(name.toLowerCase()), rowKey: 'vault' };
}

interface LearnedRow {
  readonly at: string | null;
  readonly failedAt: string | null;
}

/** One partition, so that ten thousand scopes are ten pages. */
async function learnedRows(table: Table): Promise<ReadonlyMap<string, Learned>> {
  const found = new Map<string, Learned>();
  for await (const row of table.rows(`${inPartition(PARTITIONS.learned)} and ${READABLE_VALUES}`)) {
    found.set(row.rowKey, learnedIn((await valueOf(table, row)) as LearnedRow));
  }
  return found;
}

function learnedIn({ at, failedAt }: LearnedRow): Learned {
  const date = (time: string | null): Date | null => (time === null ? null : new Date(time));
  return { at: date(at), failedAt: date(failedAt) };
}

function learnedKeys(scope: Scope): RowKeys {
  return { partitionKey: PARTITIONS.learned, rowKey: hashedKey(nameOf(scope)) };
}

function nameOf({ subscriptionId, resourceGroup }: Scope): string {
  return `${subscriptionId}/${resourceGroup ?? ''}`.toLowerCase();
}

/** Where an earlier version noted when exactly these scopes were last read together. */
function completedKeys(scopes: readonly Scope[]): RowKeys {
  const rowKey = hashedKey(JSON.stringify([...new Set(scopes.map(nameOf))].sort()));
  return { partitionKey: PARTITIONS.completed, rowKey };
}

function byId(known: readonly KnownConnection[]): ReadonlyMap<string, ConnectionFacts> {
  return new Map(known.map(({ id, facts }) => [id, facts]));
}
