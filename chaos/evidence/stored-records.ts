import { inflateRawSync } from 'node:zlib';
import type { AuditRecord } from '../../src/types/record.js';
import type { StorageState } from '../storage/storage-state.js';
import type { StoredEntity } from '../storage/table-state.js';

/** The audit log as it stands in the storage account, oldest first; read here, and not by the code under test. */
export function storedRecords(storage: StorageState): readonly AuditRecord[] {
  return storedValues(storage.table('HoldfastAudit').all())
    .map((value) => value as AuditRecord)
    .sort((a, b) => (a.time < b.time ? -1 : 1));
}

/** The values that rows hold, each put together again from its chunks. See docs/state.md. */
export function storedValues(rows: readonly StoredEntity[]): readonly unknown[] {
  return rows.flatMap((row) => {
    if (typeof row.parts !== 'number') return [];
    const following = Array.from({ length: row.parts - 1 }, (_, i) => `${row.rowKey}~${i + 1}`);
    const parts = [
      row,
      ...following.flatMap(
        (key) => rows.find((one) => one.partitionKey === row.partitionKey && one.rowKey === key) ?? [],
      ),
    ];
    const text = parts
      .flatMap((part) => Array.from({ length: Number(part.chunks) }, (_, i) => String(part[`text${i}`])))
      .join('');
    const json =
      row.encoding === 'deflate' ? inflateRawSync(Buffer.from(text, 'base64')).toString('latin1') : text;
    return [JSON.parse(json) as unknown];
  });
}
