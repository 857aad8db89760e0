import { odata } from '@azure/data-tables';
import type { SweepTotals } from '../engine/ports/sweep-store.js';
import { createTable, type TableHome } from './table.js';

/** A sweep is complete once an hour at most times: reading its totals again for every change would be in vain. */
const KNOWN_FOR_MS = 60_000;

/** How many resources the last complete sweep saw, in Table Storage: one row per subscription. */
export function createSweepTotals(home: TableHome, now = () => Date.now()): SweepTotals {
  const table = createTable(home, 'HoldfastChanges');
  let known: { readonly totals: Promise<ReadonlyMap<string, number>>; readonly at: number } | null = null;

  async function readAll(): Promise<ReadonlyMap<string, number>> {
    const totals = new Map<string, number>();
    for await (const row of table.rows(odata`PartitionKey eq ${PARTITION} and v le 1`)) {
      if (typeof row.resources === 'number') totals.set(row.rowKey, row.resources);
    }
    return totals;
  }

  return {
    async read() {
      if (known !== null && now() - known.at < KNOWN_FOR_MS) return known.totals;
      const totals = readAll();
      const mine = { totals, at: now() };
      known = mine;
      try {
        return await totals;
      } catch (error) {
        // Only what was read is worth knowing.
        if (known === mine) known = null;
        throw error;
      }
    },

    async completedAt() {
      const completed = new Map<string, Date>();
      for await (const row of table.rows(odata`PartitionKey eq ${PARTITION} and v le 1`)) {
        const at = new Date(typeof row.at === 'string' ? row.at : Number.NaN);
        if (!Number.isNaN(at.getTime())) completed.set(row.rowKey, at);
      }
      return completed;
    },

    async save(subscriptionId, resources) {
      const keys = { partitionKey: PARTITION, rowKey: subscriptionId.toLowerCase() };
      await table.put([{ ...keys, v: 1, resources, at: new Date(now()).toISOString() }], 'Replace');
      known = null;
    },
  };
}

const PARTITION = 'totals';
