import { NO_MEMORY, type Memory, type ResourceMemory } from '../engine/ports/memory.js';
import type { ResourceId } from '../types/resource-id.js';
import { READABLE_VALUES, chunkedRows, readValue, valueOf } from './chunked-row.js';
import { hashedKey } from './hashed-key.js';
import { createTable, type RowKeys, type TableHome } from './table.js';

/** What Holdfast remembers, in Table Storage: one row per resource, each in a partition of its own. */
export function createMemory(home: TableHome): Memory {
  const table = createTable(home, 'HoldfastMemory');

  return {
    async read(id) {
      const stored = await readValue(table, keysOf(id));
      return stored === null ? NO_MEMORY : complete(stored.value);
    },

    async readDated(id) {
      const stored = await readValue(table, keysOf(id));
      if (stored === null) return { memory: NO_MEMORY, writtenAt: null };
      const { writtenAt } = stored.row;
      const at = typeof writtenAt === 'string' ? new Date(writtenAt) : null;
      return { memory: complete(stored.value), writtenAt: at };
    },

    write: (id, memory) =>
      table.put(
        chunkedRows(keysOf(id), memory, { key: id.key, writtenAt: new Date().toISOString() }),
        'Replace',
      ),
  };
}

/** What an earlier version stored lacks what it did not know of. */
function complete(stored: unknown): ResourceMemory {
  return { ...NO_MEMORY, ...(stored as Partial<ResourceMemory>) };
}

function keysOf(id: ResourceId): RowKeys {
  return { partitionKey: hashedKey(id.key), rowKey: 'memory' };
}

/** All that is remembered, by the resource's id in lower case: for who has few resources. */
export async function* eachMemory(
  home: TableHome,
): AsyncGenerator<{ readonly key: string; readonly memory: ResourceMemory }> {
  const table = createTable(home, 'HoldfastMemory');
  for await (const row of table.rows(READABLE_VALUES)) {
    yield { key: String(row.key), memory: complete(await valueOf(table, row)) };
  }
}
