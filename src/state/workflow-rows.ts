import type { VaultReader, WorkflowReads } from '../types/observation.js';
import { chunkedRows } from './chunked-row.js';
import { hashedKey } from './hashed-key.js';
import type { Row, RowKeys } from './table.js';

/** Where the index keeps what; each of these begins the names of partitions that no other name is in. */
export const PARTITIONS = {
  /** By workflow: all that is known of it. */
  workflow: 'workflow-',
  /** By vault name: the workflows that read it. */
  reader: 'reader-',
  /** By connection: the workflows that name it. */
  user: 'user-',
  /** By workflow: those that hand it a secret. */
  hander: 'hander-',
  /** By workflow: those that call it. */
  caller: 'caller-',
  /** One partition: the workflows with a read whose vault cannot be told. */
  unresolved: 'unresolved',
  connection: 'connection-',
  vault: 'vault-',
  /** By scope: when all of it was last read. */
  learned: 'learned',
  completed: 'completed',
} as const;

export function readerPartition(vaultName: string): string {
  return PARTITIONS.reader + hashedKey(vaultName.toLowerCase());
}

export function userPartition(connectionId: string): string {
  return PARTITIONS.user + hashedKey(connectionId.toLowerCase());
}

export function handerPartition(workflowId: string): string {
  return PARTITIONS.hander + hashedKey(workflowId.toLowerCase());
}

export function callerPartition(workflowId: string): string {
  return PARTITIONS.caller + hashedKey(workflowId.toLowerCase());
}

/** The rows by which a workflow is found from a vault, a connection, or as one that cannot be told. */
export function workflowRows(reads: WorkflowReads): readonly (readonly Row[])[] {
  const rowKey = hashedKey(reads.workflowId.toLowerCase());
  const vaults = new Set(reads.reads.flatMap((read) => read.vaultName?.toLowerCase() ?? []));
  const partitions: (readonly [RowKeys, unknown])[] = [
    ...[...vaults].map(
      (vault) => [{ partitionKey: readerPartition(vault), rowKey }, readersOf(reads, vault)] as const,
    ),
    ...[...new Set(reads.connectionIds.map((id) => id.toLowerCase()))].map(
      (id) => [{ partitionKey: userPartition(id), rowKey }, reads.workflowId] as const,
    ),
    ...[...new Set(reads.handsSecretTo.map((id) => id.toLowerCase()))].map(
      (id) => [{ partitionKey: handerPartition(id), rowKey }, reads.workflowId] as const,
    ),
    ...[...new Set(reads.calls.map((id) => id.toLowerCase()))].map(
      (id) => [{ partitionKey: callerPartition(id), rowKey }, reads.workflowId] as const,
    ),
  ];
  if (reads.reads.some((read) => read.vaultName === null)) {
    partitions.push([{ partitionKey: PARTITIONS.unresolved, rowKey }, reads.workflowId]);
  }
  return partitions.map(([keys, value]) => chunkedRows(keys, value));
}

/** One reader for each way in which the workflow reaches the vault and signs in there, with all it does that way. */
function readersOf(reads: WorkflowReads, vault: string): readonly VaultReader[] {
  const { workflowId, listed, isEnabled } = reads;
  const ofVault = reads.reads.filter((read) => read.vaultName?.toLowerCase() === vault);
  const ways = Map.groupBy(ofVault, ({ via, signIn }) => JSON.stringify([via, signIn]));
  return [...ways.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [
      {
        workflowId,
        via: first.via,
        signIn: first.signIn,
        uses: [...new Set(group.flatMap(({ uses }) => uses))],
        hasUnknownUse: group.some(({ hasUnknownUse }) => hasUnknownUse),
        addresses: [...new Set(group.flatMap(({ addresses }) => addresses))],
        isEnabled,
        listed,
      },
    ];
  });
}
