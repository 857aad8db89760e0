import { odata } from '@azure/data-tables';
import type { Addressee, Outbox, OutboxEntry, TargetState, Told } from '../delivery/outbox.js';
import { ALL_TARGETS, NEW_TARGET } from '../delivery/outbox.js';
import type { TargetName } from '../delivery/target.js';
import { digestOf } from '../engine/record/record-digest.js';
import type { AuditRecord } from '../types/record.js';
import { sortableTime } from './audit-keys.js';
import { beginsWith } from './begins-with.js';
import { hashedKey } from './hashed-key.js';
import { packTransactions } from './pack-transactions.js';
import { createTable, type Row, type RowKeys, type StoredRow, type TableHome } from './table.js';

const VERSION = 1;
/** The partitions of what no app with targets came for, of what was set aside, and of what was told. */
const KEPT_FOR_A_TIME = [
  odata`PartitionKey eq ${ALL_TARGETS}`,
  beginsWith('PartitionKey', 'rejected-'),
  beginsWith('PartitionKey', 'told-'),
];

/** A partition per target, and beside it one for what was set aside and one for what was told last. */
export function createOutbox(home: TableHome, now: () => Date): Outbox {
  const table = createTable(home, 'HoldfastOutbox');

  async function remove(entry: OutboxEntry): Promise<void> {
    await table.removeIfUnchanged(keysOf(entry), entry.etag);
  }

  return {
    async put(targets, records) {
      const groups = targets.map((target) => records.map((record) => [rowOf(target, record, now())]));
      await Promise.all(
        groups.map(async (rows) => {
          for (const transaction of packTransactions(rows)) await table.put(transaction, 'Replace');
        }),
      );
    },

    async shareOut(targets) {
      const filter = odata`PartitionKey eq ${ALL_TARGETS} and v le ${VERSION}`;
      for await (const { rowKey, etag, recordId, digest, putAt, run, resource } of table.rows(filter)) {
        const entry = { recordId, digest, putAt, run, resource } as Readonly<Record<string, string>>;
        // Also over one that is there: whoever is delivering that may have read the record before this.
        for (const target of targets)
          await table.put([{ partitionKey: target, rowKey, v: VERSION, ...entry }], 'Replace');
        await table.removeIfUnchanged({ partitionKey: ALL_TARGETS, rowKey }, etag);
      }
    },

    async oldest(target, limit) {
      const filter = odata`PartitionKey eq ${target} and v le ${VERSION}`;
      const found: OutboxEntry[] = [];
      let token: string | null = null;
      do {
        const page = await table.page(filter, limit - found.length, token);
        found.push(...page.rows.map((row) => entryOf(target, row)));
        token = page.continuationToken;
      } while (token !== null && found.length < limit);
      return found;
    },

    remove,

    async setAside(entry, why) {
      const { recordId, digest, putAt, target, key } = entry;
      const keys = { partitionKey: `rejected-${target}`, rowKey: key };
      const row = { ...keys, v: VERSION, recordId, digest, putAt: putAt.toISOString(), why };
      await table.put([row], 'Replace');
      await remove(entry);
    },

    async countSetAside(target, since, limit) {
      const ofTarget = odata`PartitionKey eq ${`rejected-${target}`} and v le ${VERSION}`;
      const { rows } = await table.page(`${ofTarget} and ${odata`Timestamp ge ${since}`}`, limit, null);
      return rows.length;
    },

    async told(entry): Promise<Told | null> {
      const row = await table.get(toldKeys(entry));
      return row === null ? null : { digest: String(row.digest), etag: row.etag };
    },

    noteTold: (entry, digest, etag) => table.putIfUnchanged({ ...toldKeys(entry), v: VERSION, digest }, etag),

    async forgetBefore(time) {
      const old = odata`Timestamp lt ${time} and v le ${VERSION}`;
      for (const partitions of KEPT_FOR_A_TIME) {
        for await (const { partitionKey, rowKey, etag } of table.rows(`${partitions} and ${old}`)) {
          await table.removeIfUnchanged({ partitionKey, rowKey }, etag);
        }
      }
    },

    async state(target) {
      const row = await table.get(stateKeys(target));
      return row === null ? NEW_TARGET : stateOf(row);
    },

    async saveState(target, { failures, failingSince, lastError, notBefore, wakeAt }) {
      const times = {
        failingSince: failingSince?.toISOString() ?? '',
        notBefore: notBefore?.toISOString() ?? '',
        wakeAt: wakeAt?.toISOString() ?? '',
      };
      const row = { ...stateKeys(target), v: VERSION, failures, lastError: lastError ?? '', ...times };
      await table.put([row], 'Replace');
    },
  };
}

const keysOf = ({ target, key }: OutboxEntry): RowKeys => ({ partitionKey: target, rowKey: key });
const toldKeys = ({ target, key }: OutboxEntry): RowKeys => ({ partitionKey: `told-${target}`, rowKey: key });
const stateKeys = (target: TargetName): RowKeys => ({ partitionKey: 'state', rowKey: target });

function rowOf(target: Addressee, record: AuditRecord, now: Date): Row {
  return {
    partitionKey: target,
    rowKey: `${sortableTime(record.time)}-${record.id}`,
    v: VERSION,
    recordId: record.id,
    digest: digestOf(record),
    putAt: now.toISOString(),
    run: record.trigger === 'sweep' ? hashedKey(record.correlationId) : '',
    resource: hashedKey(record.resourceId.toLowerCase()),
  };
}

function entryOf(target: TargetName, row: StoredRow): OutboxEntry {
  return {
    target,
    key: row.rowKey,
    recordId: String(row.recordId),
    digest: String(row.digest),
    putAt: dateOf(row.putAt) ?? new Date(0),
    run: row.run === '' ? null : String(row.run),
    resource: String(row.resource),
    etag: row.etag,
  };
}

function stateOf(row: StoredRow): TargetState {
  return {
    failures: Number(row.failures),
    failingSince: dateOf(row.failingSince),
    lastError: typeof row.lastError === 'string' && row.lastError !== '' ? row.lastError : null,
    notBefore: dateOf(row.notBefore),
    wakeAt: dateOf(row.wakeAt),
  };
}

function dateOf(text: unknown): Date | null {
  const date = new Date(String(text));
  return Number.isNaN(date.getTime()) ? null : date;
}
