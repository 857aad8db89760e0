import type { JsonObject } from '../../types/json.js';
import { propertiesOf } from '../../types/observation.js';
import type { AuditRecord } from '../../types/record.js';
import type { ResourceId } from '../../types/resource-id.js';
import { arrivedWhileOpen } from '../../vault/arrived-open.js';
import type { EngineDeps } from '../engine-deps.js';
import { modifiedAt } from '../look/modified-at.js';
import { vaultMemory } from '../next-memory.js';
import { noteHistory } from '../contested/note-history.js';
import type { ResourceMemory } from '../ports/memory.js';

/** Open, where the write has shut it. */
function asItWas(live: JsonObject, applied: readonly AuditRecord[]): JsonObject {
  const shutting = applied
    .flatMap(({ edits }) => edits)
    .find(({ path }) => path === '/properties/networkAcls/defaultAction');
  if (shutting === undefined) return live;
  return { ...live, properties: { ...propertiesOf(live), networkAcls: { defaultAction: 'Allow' } } };
}

/** The rules of the write are ours: without the ledger they would be taken for somebody else's, for good. */
export async function rememberRules(
  deps: EngineDeps,
  id: ResourceId,
  live: JsonObject,
  applied: readonly AuditRecord[],
): Promise<void> {
  const memory = await deps.memory.read(id);
  const readers = await deps.readers.readersOf(id.name.toLowerCase());
  const after = vaultMemory(deps.now(), memory, readers, applied, live);
  const arrivedOpen = arrivedWhileOpen(memory, asItWas(live, applied), live, after.ownedRules);
  const next = arrivedOpen === memory.arrivedOpen ? after : { ...after, arrivedOpen };
  if (next !== memory) await deps.memory.write(id, next);
}

/**
 * What was applied counts towards what somebody else keeps reverting, and a read from before it is stale. `live` is the
 * resource that shows it; null where nothing was applied.
 */
export async function rememberWritten(
  deps: EngineDeps,
  id: ResourceId,
  live: JsonObject | null,
  settled: readonly AuditRecord[],
): Promise<ResourceMemory> {
  const memory = await deps.memory.read(id);
  const [first] = settled;
  // The memory was written, and the outcome could not be: the change counts once towards what is contested.
  if (first === undefined || memory.lastWriteId === first.writeId) return memory;
  const at = live === null ? null : modifiedAt(live);
  const isLater = at !== null && Date.parse(at) > Date.parse(memory.lastWriteAt ?? new Date(0).toISOString());
  const dated = isLater ? { ...memory, lastWriteAt: at, lastWriteId: first.writeId } : memory;
  const next = await noteHistory(deps, dated, { records: settled, paused: [], cause: first });
  if (next !== memory) await deps.memory.write(id, next);
  return next;
}
