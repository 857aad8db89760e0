import type { AuditRecord } from '../types/record.js';
import type { ResourceId } from '../types/resource-id.js';
import type { EngineDeps } from './engine-deps.js';
import type { LostSaveAnswer } from './find-lost-save.js';
import type { Look } from './look.js';
import { rememberLost, type SaveToTakeUp } from './lost-memory.js';
import type { ResourceMemory } from './ports.js';
import { queueLook } from './queue-look.js';

/** After this many saves lost in a row somebody saves faster than Holdfast writes. */
const MAX_ROUNDS = 3;
/** Only where this look does not come to its end. */
const LOOK_AGAIN_MS = 10_000;

/** What is to be taken up again; null where nothing is lost, or where it is not for Holdfast to bring back. */
export function saveToTakeUp(
  answer: LostSaveAnswer,
  records: readonly AuditRecord[],
  earlier: SaveToTakeUp | null,
): SaveToTakeUp | null {
  const [first] = records;
  if (answer.kind !== 'lost' || answer.isCovered || first === undefined) return null;
  const round = (earlier?.round ?? 0) + 1;
  return round > MAX_ROUNDS
    ? null
    : { ...answer.save, over: answer.own, remediator: first.remediator, round };
}

/** The records of a write with what the version history says of it. */
export function withHistory(
  records: readonly AuditRecord[],
  id: ResourceId,
  answer: LostSaveAnswer,
  takenUp: SaveToTakeUp | null,
): readonly AuditRecord[] {
  const warning = warningOf(id, answer, takenUp);
  return warning === null
    ? records
    : records.map((record) => ({ ...record, warnings: [...record.warnings, warning] }));
}

function warningOf(id: ResourceId, answer: LostSaveAnswer, takenUp: SaveToTakeUp | null): string | null {
  switch (answer.kind) {
    case 'none':
      return null;
    case 'unknown':
      return `Whether somebody saved the workflow between Holdfast’s read and its write cannot be told: ${answer.why} Compare its versions.`;
    case 'lost': {
      const { version, changedTime } = answer.save;
      const what = `The version ${version}, which somebody saved at ${changedTime} between Holdfast’s read and its write, was written over.`;
      const byHand = `GET ${id.id}/versions/${version} has it.`;
      if (takenUp !== null)
        return `${what} Holdfast takes it up again, with its edits on top; a record of its own says what came of that. ${byHand}`;
      return answer.isCovered
        ? `${what} Somebody has saved another version since, so Holdfast leaves it: compare the two. ${byHand}`
        : `${what} It is not taken up again, because saves were lost ${MAX_ROUNDS} times in a row: restore it by hand. ${byHand}`;
    }
  }
}

/**
 * Remembers, before the write's outcome is recorded, what is to be taken up, and has the workflow looked at again: a
 * crash from here on loses nothing.
 */
export async function keepForTakingUp(
  deps: Pick<EngineDeps, 'memory' | 'queue'>,
  look: Look,
  memory: ResourceMemory,
  save: SaveToTakeUp,
  delayMs = LOOK_AGAIN_MS,
): Promise<ResourceMemory> {
  const next = { ...memory, recorded: rememberLost(memory.recorded, save) };
  await deps.memory.write(look.id, next);
  await queueLook(deps, { ...look, remediators: null }, delayMs);
  return next;
}
