import { odata } from '@azure/data-tables';
import type { Alarm, AuditProgress, RepeatedWrite, SelfAuditStore } from '../engine/self-audit/ports.js';
import { beginsWith } from './begins-with.js';
import { READABLE_VALUES, chunkedRows, readValue, valueOf } from './chunked-row.js';
import { hashedKey } from './hashed-key.js';
import { createTable, type RowKeys, type TableHome } from './table.js';

const DAY_MS = 86_400_000;
const ALARMS = 'alarm-';
const WRITES = 'writes-';

/** How far the comparison with the activity log has come, and what it found, in Table Storage. */
export function createSelfAuditStore(home: TableHome): SelfAuditStore {
  const table = createTable(home, 'HoldfastSelfAudit');

  async function valuesIn<T>(filter: string): Promise<readonly T[]> {
    const values: T[] = [];
    for await (const row of table.rows(`${READABLE_VALUES} and ${filter}`)) {
      values.push((await valueOf(table, row)) as T);
    }
    return values;
  }

  return {
    async lastBegun() {
      const stored = await readValue(table, TURN);
      if (stored === null) return null;
      const { subscriptionId, at } = stored.value as StoredTurn;
      return { subscriptionId, at: new Date(at) };
    },

    noteBegun: (begun) => table.put(chunkedRows(TURN, begun), 'Replace'),

    async ownIds() {
      const stored = await valuesIn<StoredId>(odata`PartitionKey eq ${OWN_IDS}`);
      return new Map(stored.map(({ id, at }) => [id, new Date(at)]));
    },

    noteOwnId(id, at) {
      const keys = { partitionKey: OWN_IDS, rowKey: hashedKey(id) };
      return table.put(chunkedRows(keys, { id, at }), 'Replace');
    },

    async readProgress(subscriptionId) {
      const stored = await readValue(table, progressKeys(subscriptionId));
      const { comparedUntil, settledUntil } = (stored?.value ?? {}) as Partial<StoredProgress>;
      return { comparedUntil: dateOf(comparedUntil), settledUntil: dateOf(settledUntil) };
    },

    writeProgress: (subscriptionId, progress) =>
      table.put(chunkedRows(progressKeys(subscriptionId), progress), 'Replace'),

    alarms(subscriptionId) {
      const ofAll = beginsWith('RowKey', ALARMS);
      return valuesIn<Alarm>(
        subscriptionId === undefined ? ofAll : `${odata`PartitionKey eq ${subscriptionId}`} and ${ofAll}`,
      );
    },

    async add(alarm) {
      for (const row of chunkedRows(alarmKeys(alarm), alarm)) await table.putIfUnchanged(row, null);
    },

    async accept(alarm, acceptance) {
      const stored = await readValue(table, alarmKeys(alarm));
      if (stored === null) return false;
      const accepted: Alarm = { ...(stored.value as Alarm), accepted: acceptance };
      const [row] = chunkedRows(alarmKeys(alarm), accepted);
      return row !== undefined && (await table.putIfUnchanged(row, stored.etag)) !== null;
    },

    remove: (alarm) => table.remove(alarmKeys(alarm)),

    noteRepeated(write) {
      const keys = { partitionKey: partitionOf(write.at), rowKey: write.writeId };
      return table.put(chunkedRows(keys, write), 'Replace');
    },

    async repeatedWrites({ from, to }) {
      const days = odata`PartitionKey ge ${partitionOf(from)} and PartitionKey le ${partitionOf(to)}`;
      const stored = await valuesIn<StoredWrite>(days);
      return stored
        .map((write): RepeatedWrite => ({ ...write, at: new Date(write.at) }))
        .filter(({ at }) => at >= from && at <= to);
    },

    async forgetRepeatedBefore(day) {
      const before = odata`PartitionKey ge ${WRITES} and PartitionKey lt ${partitionOf(day)}`;
      for await (const { partitionKey, rowKey } of table.rows(before)) {
        await table.remove({ partitionKey, rowKey });
      }
    },
  };
}

const OWN_IDS = 'own-ids';
const TURN: RowKeys = { partitionKey: 'turn', rowKey: 'last' };

/** As JSON has them. */
interface StoredTurn {
  readonly subscriptionId: string;
  readonly at: string;
}
interface StoredId {
  readonly id: string;
  readonly at: string;
}
type StoredProgress = { readonly [Name in keyof AuditProgress]: string | null };
type StoredWrite = Omit<RepeatedWrite, 'at'> & { readonly at: string };

function dateOf(text: string | null | undefined): Date | null {
  return typeof text === 'string' ? new Date(text) : null;
}

function progressKeys(subscriptionId: string): RowKeys {
  return { partitionKey: subscriptionId, rowKey: 'progress' };
}

function alarmKeys({ subscriptionId, id }: Alarm): RowKeys {
  return { partitionKey: subscriptionId, rowKey: `${ALARMS}${id}` };
}

/** By UTC day. */
function partitionOf(time: Date): string {
  return WRITES + new Date(Math.floor(time.getTime() / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
}
