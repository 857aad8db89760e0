import { odata } from '@azure/data-tables';
import type { ReaderIndex } from '../engine/ports.js';
import { isSameJson } from '../types/apply-edits.js';
import type { Json } from '../types/json.js';
import type { ConnectionFacts, VaultReader } from '../types/observation.js';
import { tryParseResourceId } from '../types/resource-id.js';
import type { Scope } from '../types/scope.js';
import { completeReader, completeReads } from './complete-reads.js';
import { READABLE_VALUES, chunkedRows, isNewer, valueOf } from './chunked-row.js';
import { hashedKey } from './hashed-key.js';
import { inBatches } from '../engine/in-batches.js';
import type { StorageAccount } from './storage-account.js';
import { createTable, type RowKeys } from './table.js';
import { createWorkflowEntries, workflowKeys, type WorkflowEntry } from './workflow-entries.js';
import { handerPartition, PARTITIONS, readerPartition, userPartition } from './workflow-rows.js';

interface KnownConnection {
  /** In lower case. */
  readonly id: string;
  readonly facts: ConnectionFacts;
}

/** Who reads which vault, in Table Storage. */
export function createReaderIndex(account: StorageAccount): ReaderIndex {
  const table = createTable(account, 'HoldfastReaders');
  const entries = createWorkflowEntries(table);

  async function read<T>(keys: RowKeys): Promise<T | null> {
    const row = await table.get(keys);
    return row === null || isNewer(row) ? null : ((await valueOf(table, row)) as T);
  }

  async function values<T>(filter: string): Promise<readonly T[]> {
    const found: T[] = [];
    for await (const row of table.rows(`${filter} and ${READABLE_VALUES}`)) {
      found.push((await valueOf(table, row)) as T);
    }
    return found;
  }

  /** Reading first costs less than writing, and keeps a row of a newer version as it is. */
  async function save(keys: RowKeys, value: unknown): Promise<void> {
    const row = await table.get(keys);
    if (row !== null && isNewer(row)) return;
    if (row !== null && isSameJson((await valueOf(table, row)) as Json, value as Json)) return;
    await table.put(chunkedRows(keys, value), 'Replace');
  }

  return {
    async readersOf(vaultName) {
      const readers = await values<readonly VaultReader[]>(inPartition(readerPartition(vaultName)));
      return readers.flat().map(completeReader);
    },
    unresolvedReaders: () => values<string>(inPartition(PARTITIONS.unresolved)),
    workflowsOn: (connectionId) => values<string>(inPartition(userPartition(connectionId.key))),
    handersTo: (workflowId) => values<string>(inPartition(handerPartition(workflowId.key))),

    async workflow(id) {
      const entry = await read<WorkflowEntry>(workflowKeys(id));
      return entry === null ? null : completeReads(entry.reads);
    },
    async workflows() {
      const all = await values<WorkflowEntry>(inPartitions(PARTITIONS.workflow));
      return all.map((entry) => completeReads(entry.reads));
    },
    saveWorkflow: (id, reads) => entries.save(id, reads),
    forgetWorkflow: (id) => entries.forget(id),

    async connections(ids) {
      const keys = [...new Set(ids.map((id) => id.toLowerCase()))];
      const known = await inBatches(keys, (key) => read<KnownConnection>(connectionKeys(key)));
      return byId(known.filter((connection) => connection !== null));
    },
    async allConnections() {
      return byId(await values<KnownConnection>(inPartitions(PARTITIONS.connection)));
    },
    saveConnection: (id, facts) => save(connectionKeys(id.key), { id: id.key, facts }),

    async vaultId(name) {
      const id = await read<string>(vaultKeys(name));
      return id === null ? null : tryParseResourceId(id);
    },
    async allVaults() {
      const ids = await values<string>(inPartitions(PARTITIONS.vault));
      return new Map(ids.map((id) => [id.slice(id.lastIndexOf('/') + 1).toLowerCase(), id]));
    },
    saveVault: (id) => save(vaultKeys(id.name), id.id),

    async completedAt(scopes) {
      const at = await read<string>(completedKeys(scopes));
      return at === null ? null : new Date(at);
    },
    markCompleted: (scopes, at) => save(completedKeys(scopes), at.toISOString()),
  };
}

function inPartition(name: string): string {
  return odata`PartitionKey eq ${name}`;
}

/** Of all partitions whose names begin so; '.' follows '-' in ASCII. */
function inPartitions(prefix: `${string}-`): string {
  return odata`PartitionKey ge ${prefix} and PartitionKey lt ${`${prefix.slice(0, -1)}.`}`;
}

function connectionKeys(key: string): RowKeys {
  return { partitionKey: PARTITIONS.connection + hashedKey(key), rowKey: 'connection' };
}

function vaultKeys(name: string): RowKeys {
  return { partitionKey: PARTITIONS.vault + hashedKey(name.toLowerCase()), rowKey: 'vault' };
}

/** Other scopes are another key, so that a sweep of what was in scope before counts for nothing. */
function completedKeys(scopes: readonly Scope[]): RowKeys {
  const names = scopes.map(({ subscriptionId, resourceGroup }) =>
    `${subscriptionId}/${resourceGroup ?? ''}`.toLowerCase(),
  );
  const rowKey = hashedKey(JSON.stringify([...new Set(names)].sort()));
  return { partitionKey: PARTITIONS.completed, rowKey };
}

function byId(known: readonly KnownConnection[]): ReadonlyMap<string, ConnectionFacts> {
  return new Map(known.map(({ id, facts }) => [id, facts]));
}
