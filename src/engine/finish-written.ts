import type { JsonObject } from '../types/json.js';
import type { AuditRecord } from '../types/record.js';
import { findLostSave } from './find-lost-save.js';
import { finishPart } from './finish-part.js';
import type { Looking } from './looking.js';
import { markOf, type VersionMark } from './lost-save.js';
import type { SaveToTakeUp } from './lost-memory.js';
import { keepForTakingUp, saveToTakeUp, withHistory } from './note-lost-save.js';
import type { OpenWrite } from './open-write.js';
import { evidenceDigest } from './record-digest.js';

/** What the version history says of a write that was carried out. */
export interface History {
  /** The write's records, with what is to be said of it. */
  readonly applied: readonly AuditRecord[];
  readonly takenUp: SaveToTakeUp | null;
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
  if (seen.observed.kind !== 'workflow') return { applied, takenUp: null };
  const { id } = trail.look;
  const isShown = evidenceDigest('workflow', live) === evidence.digest;
  const own: VersionMark | null = isShown ? markOf(live) : null;
  const answer = await findLostSave(deps, id, markOf(seen.document), own, evidence.digest);
  const takenUp = saveToTakeUp(answer, applied, seen.takenUp ?? null);
  return { applied: withHistory(applied, id, answer, takenUp), takenUp };
}

/** Records one write of several, and keeps what it has gone over. Gives what is remembered now. */
export async function finishWritten(
  { deps, trail, seen }: Looking,
  { applied, takenUp }: History,
  putBack: readonly AuditRecord[],
  live: JsonObject,
): Promise<Looking['seen']['memory']> {
  const memory =
    takenUp === null ? seen.memory : await keepForTakingUp(deps, trail.look, seen.memory, takenUp);
  return finishPart(deps, { trail, seen: { ...seen, memory }, applied, putBack, live });
}
