import type { JsonObject } from '../../types/json.js';
import type { AuditRecord } from '../../types/record.js';
import { findLostSave } from '../lost-save/find-lost-save.js';
import { finishPart } from './finish-part.js';
import type { Looking } from './looking.js';
import { markOf } from '../lost-save/lost-save.js';
import { withMadeAnew } from '../lost-save/made-anew.js';
import { keepForLater, leftBy, withHistory, type LeftByHistory } from '../lost-save/note-lost-save.js';
import type { OpenWrite } from '../write/open-write.js';
import type { ResourceMemory } from '../ports/memory.js';
import { evidenceDigest } from '../record/record-digest.js';
import type { WorkflowWrite } from '../lost-save/unread-history.js';

/** What the version history says of a write that was carried out. */
export interface History {
  /** The write's records, with what is to be said of it. */
  readonly applied: readonly AuditRecord[];
  readonly left: LeftByHistory | null;
}

/**
 * Looks at the version history after a workflow's PUT, which may have gone over somebody's save; of anything else there
 * is none. `live` is the answer to the write, or the workflow as it was read after it.
 */
export async function lookAtHistory(
  { deps, trail, seen }: Looking,
  { evidence }: OpenWrite,
  applied: readonly AuditRecord[],
  live: JsonObject,
): Promise<History> {
  const [first] = applied;
  if (seen.observed.kind !== 'workflow' || first === undefined) return { applied, left: null };
  const { id } = trail.look;
  const isShown = evidenceDigest('workflow', live) === evidence.digest;
  const write: WorkflowWrite = {
    base: markOf(seen.document),
    own: isShown ? markOf(live) : null,
    digest: evidence.digest,
    state: evidence.state ?? null,
    remediator: first.remediator,
    recordIds: applied.map((record) => record.id),
    rounds: seen.takenUp?.round ?? 0,
    at: deps.now().toISOString(),
  };
  const answer = await findLostSave(deps, id, write);
  const left = leftBy(answer, write);
  return { applied: withMadeAnew(withHistory(applied, id, answer, left), write.base, live), left };
}

/** Keeps what the version history has left to be done, before the outcome is recorded. Gives what is remembered now. */
export async function keepLeft({ deps, trail, seen }: Looking, { left }: History): Promise<ResourceMemory> {
  return left === null ? seen.memory : keepForLater(deps, trail.look, seen.memory, left);
}

/** Records one write of several, and keeps what it has gone over. Gives what is remembered now. */
export async function finishWritten(
  looking: Looking,
  history: History,
  putBack: readonly AuditRecord[],
  live: JsonObject,
): Promise<ResourceMemory> {
  const { deps, trail, seen } = looking;
  const memory = await keepLeft(looking, history);
  const { applied } = history;
  return finishPart(deps, { trail, seen: { ...seen, memory }, applied, putBack, live });
}
