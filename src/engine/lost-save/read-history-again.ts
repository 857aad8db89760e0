import type { AuditRecord } from '../../types/record.js';
import type { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import { findLostSave } from './find-lost-save.js';
import type { Look } from '../look/look.js';
import { keepForLater, leftBy, withHistory } from './note-lost-save.js';
import type { ResourceMemory } from '../ports/memory.js';
import { unreadIn, withoutUnread } from './unread-history.js';

/** Somebody else's requests may use up what Azure lets through for this long. */
const THROTTLED_MS = 60 * 60_000;
/** Under five tries of the queue, a minute apart. */
const PASSING_MS = 4 * 60_000;

/**
 * Reads the version history of an earlier write that could not be read then, and corrects the write's records. Gives
 * what is remembered now. Throws `ArmError` while the history cannot be read and that may pass: what was saved and
 * gone over is not to be gone over once more. It is given up in the end, because nothing else would be repaired.
 */
export async function readHistoryAgain(
  deps: EngineDeps,
  look: Look,
  memory: ResourceMemory,
): Promise<ResourceMemory> {
  const write = unreadIn(memory.recorded);
  if (write === null) return memory;
  const answer = await findLostSave(deps, look.id, write);
  const passing = answer.kind === 'unknown' ? answer.passing : null;
  if (passing !== null && deps.now().getTime() - Date.parse(write.at) < patienceWith(passing)) throw passing;
  const left = passing === null ? leftBy(answer, write) : null;
  await correctRecords(deps, write.recordIds, (records) => withHistory(records, look.id, answer, left));
  const settled = { ...memory, recorded: withoutUnread(memory.recorded) };
  if (left !== null) return keepForLater(deps, look, settled, left);
  await deps.memory.write(look.id, settled);
  return settled;
}

function patienceWith({ details }: ArmError): number {
  return details.kind === 'throttled' ? THROTTLED_MS : PASSING_MS;
}

/** One that is still pending is settled, and its history read, by itself. */
async function correctRecords(
  { audit }: Pick<EngineDeps, 'audit'>,
  ids: readonly string[],
  correct: (records: readonly AuditRecord[]) => readonly AuditRecord[],
): Promise<void> {
  const found = await Promise.all(ids.map((id) => audit.find(id)));
  const applied = found.filter((record) => record?.outcome === 'applied');
  if (applied.length > 0) await audit.write(correct(applied.filter((record) => record !== null)));
}
