import type { AuditRecord } from '../types/record.js';
import type { ResourceId } from '../types/resource-id.js';
import type { EngineDeps } from './engine-deps.js';
import { findLostSave } from './find-lost-save.js';
import { lostIn } from './lost-memory.js';
import { keepForTakingUp, saveToTakeUp, withHistory } from './note-lost-save.js';
import type { ResourceMemory, WriteEvidence } from './ports.js';

/** A crash between a workflow's PUT and the look at its versions: what the write went over is taken up by a look of its own. */
export async function keepWhatItWentOver(
  deps: EngineDeps,
  id: ResourceId,
  applied: readonly AuditRecord[],
  evidence: WriteEvidence | null,
  memory: ResourceMemory,
): Promise<readonly AuditRecord[]> {
  const [first] = applied;
  if (id.kind !== 'workflow' || evidence === null || first === undefined) return applied;
  const base = { version: evidence.version ?? null, changedTime: evidence.basedOn ?? null };
  const answer = await findLostSave(deps, id, base, null, evidence.digest);
  const takenUp = saveToTakeUp(answer, applied, lostIn(memory.recorded));
  if (takenUp !== null) {
    const { trigger, correlationId, actor } = first;
    const look = {
      id,
      trigger,
      correlationId,
      actor,
      remediators: null,
      askedForByName: false,
      dryRun: false,
      causedAt: null,
    };
    await keepForTakingUp(deps, look, memory, takenUp, 0);
  }
  return withHistory(applied, id, answer, takenUp);
}
