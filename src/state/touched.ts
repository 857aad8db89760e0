import { odata } from '@azure/data-tables';
import type { Touched } from '../engine/ports/touched.js';
import { tryParseResourceId, type ResourceId } from '../types/resource-id.js';
import { hashedKey } from './hashed-key.js';
import { createTable, type RowKeys, type TableHome } from './table.js';

/** A mark of this age stands for what is written now as well: a look writes several things. */
const ANEW_AFTER_MS = 60_000;
/** As many resources as one process looks at within that time; more are marked more often. */
const MOST_KNOWN = 2000;

/** The marks of what was looked at between sweeps, in Table Storage: a partition per subscription. */
export function createTouched(home: TableHome): Touched {
  const table = createTable(home, 'HoldfastTouched');
  const marked = new Map<string, number>();

  return {
    async mark(id) {
      const now = Date.now();
      const before = marked.get(id.key);
      if (before !== undefined && now >= before && now - before < ANEW_AFTER_MS) return;
      await table.put(
        [{ ...keysOf(id), v: 1, key: encodeURI(id.key), at: new Date(now).toISOString() }],
        'Replace',
      );
      if (marked.size >= MOST_KNOWN) marked.clear();
      marked.set(id.key, now);
    },

    async *of(subscriptionId) {
      for await (const row of table.rows(odata`PartitionKey eq ${subscriptionId}`)) {
        const id = tryParseResourceId(decodeURI(String(row.key)));
        if (id !== null) yield { id, at: new Date(String(row.at)), etag: row.etag };
      }
    },

    async clear({ id, etag }) {
      await table.removeIfUnchanged(keysOf(id), etag);
    },
  };
}

function keysOf(id: ResourceId): RowKeys {
  return { partitionKey: id.subscriptionId, rowKey: hashedKey(id.key) };
}
