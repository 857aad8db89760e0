import type { JsonObject } from '../../types/json.js';
import type { AuditRecord } from '../../types/record.js';
import { recordOutcome, type Trail } from '../record/audit-trail.js';
import type { EngineDeps } from '../engine-deps.js';
import { nextMemory } from '../next-memory.js';
import { noteHistory } from '../contested/note-history.js';
import type { Seen } from '../observe/observe.js';
import type { ResourceMemory } from '../ports/memory.js';

export interface FinishedPart {
  readonly trail: Trail;
  readonly seen: Seen;
  readonly applied: readonly AuditRecord[];
  /** Records that were written over for a while and go back as they were. */
  readonly putBack: readonly AuditRecord[];
  /** The resource as it is now. */
  readonly live: JsonObject;
}

/** Records one write of several, when the look goes on: as `finishLook` does at its end. Gives what is remembered now. */
export async function finishPart(
  deps: EngineDeps,
  { trail, seen, applied, putBack, live }: FinishedPart,
): Promise<ResourceMemory> {
  const next = nextMemory(deps.now(), seen, seen.memory.recorded, applied, live);
  const memory = await noteHistory(deps, next, { records: applied, paused: [], cause: trail.look });
  if (memory !== seen.memory) await deps.memory.write(trail.look.id, memory);
  await recordOutcome(deps, applied, trail.writeId);
  if (putBack.length > 0) await deps.audit.write(putBack);
  return memory;
}
