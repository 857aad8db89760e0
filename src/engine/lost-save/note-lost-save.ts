import type { AuditRecord } from '../../types/record.js';
import type { ResourceId } from '../../types/resource-id.js';
import type { EngineDeps } from '../engine-deps.js';
import type { LostSaveAnswer } from './find-lost-save.js';
import type { Look } from '../look/look.js';
import { rememberLost, type SaveToTakeUp } from './lost-memory.js';
import type { ResourceMemory } from '../ports/memory.js';
import { queueAgain } from '../look/queue-look.js';
import { rememberUnread, type WorkflowWrite } from './unread-history.js';

/** After this many saves lost in a row somebody saves faster than Holdfast writes. */
const MAX_ROUNDS = 3;
/** Only where this look does not come to its end. */
const LOOK_AGAIN_MS = 10_000;

/** What the version history leaves to be done after a write. */
export type LeftByHistory =
  | { readonly kind: 'take-up'; readonly save: SaveToTakeUp }
  /** It could not be read, and may be later. */
  | { readonly kind: 'read-again'; readonly write: WorkflowWrite };

/** Null where nothing is lost, and where it is not for Holdfast to bring back. */
export function leftBy(answer: LostSaveAnswer, write: WorkflowWrite): LeftByHistory | null {
  const { remediator, rounds } = write;
  switch (answer.kind) {
    case 'none':
      return null;
    case 'unknown':
      return answer.passing === null ? null : { kind: 'read-again', write };
    case 'lost': {
      if (answer.isCovered || rounds >= MAX_ROUNDS) return null;
      const save = { ...answer.save, over: answer.own, overAt: answer.ownAt, remediator, round: rounds + 1 };
      return { kind: 'take-up', save };
    }
  }
}

/** The records of a write with what the version history says of it, in place of what it did not say before. */
export function withHistory(
  records: readonly AuditRecord[],
  id: ResourceId,
  answer: LostSaveAnswer,
  left: LeftByHistory | null,
): readonly AuditRecord[] {
  const warning = warningOf(id, answer, left);
  return records.map((record) => {
    const others = record.warnings.filter((one) => one !== warning && !one.startsWith(UNTOLD));
    const warnings = warning === null ? others : [...others, warning];
    return warnings.length === record.warnings.length && warning === null ? record : { ...record, warnings };
  });
}

/** How a warning begins that the history may take back. */
const UNTOLD = 'Whether somebody saved the workflow between Holdfast’s read and its write cannot be told';

function warningOf(id: ResourceId, answer: LostSaveAnswer, left: LeftByHistory | null): string | null {
  switch (answer.kind) {
    case 'none':
      return null;
    case 'unknown':
      return `${UNTOLD}: ${answer.why} ${left === null ? 'Compare its versions.' : 'Holdfast reads them again; until then compare them by hand.'}`;
    case 'lost': {
      const { version, changedTime, isSwitch } = answer.save;
      const what =
        isSwitch === true
          ? `Somebody switched the workflow on or off at ${changedTime}, between Holdfast’s read and its write, which switched it back.`
          : `The version ${version}, which somebody saved at ${changedTime} between Holdfast’s read and its write, was written over.`;
      const byHand = `GET ${id.id}/versions/${version} has it.`;
      if (left !== null)
        return `${what} Holdfast takes it up again, with its edits on top; a record of its own says what came of that. ${byHand}`;
      return answer.isCovered
        ? `${what} Somebody has saved another version since, so Holdfast leaves it: compare the two. ${byHand}`
        : `${what} It is not taken up again, because saves were lost ${MAX_ROUNDS} times in a row: restore it by hand. ${byHand}`;
    }
  }
}

/**
 * Remembers, before the write's outcome is recorded, what is left to be done, and has the workflow looked at again: a
 * crash from here on loses nothing.
 */
export async function keepForLater(
  deps: Pick<EngineDeps, 'memory' | 'queue'>,
  look: Look,
  memory: ResourceMemory,
  left: LeftByHistory,
  delayMs = LOOK_AGAIN_MS,
): Promise<ResourceMemory> {
  const recorded =
    left.kind === 'take-up'
      ? rememberLost(memory.recorded, left.save)
      : rememberUnread(memory.recorded, left.write);
  const next = { ...memory, recorded };
  await deps.memory.write(look.id, next);
  await queueAgain(deps, look, delayMs);
  return next;
}
