import type { Row } from './table.js';

/*
 * What a table transaction takes: one partition, 100 entities, 4 MiB as sent; some of that is for headers.
 * https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
 */
const MAX_ROWS = 100;
const MAX_BYTES = 3_900_000;
/** The request line and headers of each entity within the body. */
const OVERHEAD_BYTES = 1000;

/**
 * Packs groups of rows into as few transactions as they fit into, in their order. A group is of one partition and is
 * never split.
 */
export function packTransactions(groups: readonly (readonly Row[])[]): readonly (readonly Row[])[] {
  const transactions: Row[][] = [];
  let bytes = 0;
  for (const group of groups) {
    const size = group.reduce((sum, row) => sum + JSON.stringify(row).length + OVERHEAD_BYTES, 0);
    const current = transactions.at(-1);
    if (
      current === undefined ||
      current[0]?.partitionKey !== group[0]?.partitionKey ||
      current.length + group.length > MAX_ROWS ||
      bytes + size > MAX_BYTES
    ) {
      transactions.push([...group]);
      bytes = size;
    } else {
      current.push(...group);
      bytes += size;
    }
  }
  return transactions;
}
