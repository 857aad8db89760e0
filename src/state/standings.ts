import type { ResourceStanding, Standings } from '../engine/ports/standings.js';
import type { ResourceId } from '../types/resource-id.js';
import { READABLE_VALUES, chunkedRows, readValue, valueOf } from './chunked-row.js';
import { decodeContinuationToken, encodeContinuationToken } from './continuation-token.js';
import { hashedKey } from './hashed-key.js';
import { pageAtToken } from './page-at-token.js';
import { createTable, type RowKeys, type TableHome } from './table.js';

/** How resources stand, in Table Storage: one row per resource, each in a partition of its own. */
export function createStandings(home: TableHome): Standings {
  const table = createTable(home, 'HoldfastStandings');

  return {
    async read(id) {
      const stored = await readValue(table, keysOf(id));
      return stored === null ? null : (stored.value as ResourceStanding);
    },

    async readAt(hash) {
      const stored = await readValue(table, { partitionKey: hash, rowKey: 'standing' });
      return stored === null ? null : (stored.value as ResourceStanding);
    },

    async *each() {
      for await (const row of table.rows(READABLE_VALUES)) {
        yield (await valueOf(table, row)) as ResourceStanding;
      }
    },

    async page(limit, continuationToken) {
      const token = continuationToken === null ? null : decodeContinuationToken(continuationToken);
      const found = await pageAtToken(table, READABLE_VALUES, limit, token);
      const standings: ResourceStanding[] = [];
      for (const row of found.rows) standings.push((await valueOf(table, row)) as ResourceStanding);
      const next = found.continuationToken;
      return { standings, continuationToken: next === null ? null : encodeContinuationToken(next) };
    },

    async readAll() {
      const all = new Map<string, ResourceStanding>();
      for await (const row of table.rows(READABLE_VALUES)) {
        const standing = (await valueOf(table, row)) as ResourceStanding;
        all.set(standing.resourceId.toLowerCase(), standing);
      }
      return all;
    },

    write: (id, standing) => table.put(chunkedRows(keysOf(id), standing), 'Replace'),

    forget: (id) => table.remove(keysOf(id)),
  };
}

function keysOf(id: ResourceId): RowKeys {
  return { partitionKey: hashedKey(id.key), rowKey: 'standing' };
}
