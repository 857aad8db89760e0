import type { JsonObject } from '../../types/json.js';
import type { AuditRecord } from '../../types/record.js';
import type { ResourceId } from '../../types/resource-id.js';
import type { EngineDeps } from '../engine-deps.js';
import { findLostSave } from './find-lost-save.js';
import { lostIn } from './lost-memory.js';
import { withMadeAnew } from './made-anew.js';
import { keepForLater, leftBy, withHistory } from './note-lost-save.js';
import type { ResourceMemory } from '../ports/memory.js';
import type { WriteEvidence } from '../ports/audit-log.js';
import type { WorkflowWrite } from './unread-history.js';

/**
 * A crash between a workflow's PUT and the look at its versions: what the write went over is taken up by a look of its own.
 * `live` is the workflow as it is; null where it is not shown.
 */
export async function keepWhatItWentOver(
  deps: EngineDeps,
  id: ResourceId,
  applied: readonly AuditRecord[],
  evidence: WriteEvidence | null,
  memory: ResourceMemory,
  live: JsonObject | null,
): Promise<readonly AuditRecord[]> {
  const [first] = applied;
  if (id.kind !== 'workflow' || evidence === null || first === undefined) return applied;
  const write: WorkflowWrite = {
    base: { version: evidence.version ?? null, changedTime: evidence.basedOn ?? null },
    own: null,
    digest: evidence.digest,
    state: evidence.state ?? null,
    remediator: first.remediator,
    recordIds: applied.map((record) => record.id),
    rounds: lostIn(memory.recorded)?.round ?? 0,
    at: deps.now().toISOString(),
  };
  const answer = await findLostSave(deps, id, write);
  const left = leftBy(answer, write);
  if (left !== null) {
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
    await keepForLater(deps, look, memory, left, 0);
  }
  const told = withHistory(applied, id, answer, left);
  return live === null ? told : withMadeAnew(told, write.base, live);
}
