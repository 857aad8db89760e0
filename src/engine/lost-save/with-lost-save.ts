import type { JsonObject } from '../../types/json.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import type { LookOptions } from '../look/look-at.js';
import type { Look } from '../look/look.js';
import { lostIn, withoutLost, type SaveToTakeUp } from './lost-memory.js';
import { isAfter, isSwitchedSince, markOf, SAVED, type VersionMark } from './lost-save.js';
import { staleRead } from '../look/stale-read.js';
import { observe, type Seen } from '../observe/observe.js';
import { overlaySave } from './overlay-save.js';
import type { ArmReader } from '../ports/arm.js';
import { readHistoryAgain } from './read-history-again.js';
import { LossyWriteError } from '../write/workflow-put.js';

/**
 * A workflow as it would be with the save that Holdfast's last write went over, where one is to be taken up: what is
 * planned from then puts it back, with the edits on top. As it is, where there is none, or where somebody has saved since.
 * Throws `ArmError` where it is shown as it was before that write.
 */
export async function withLostSave(
  deps: EngineDeps,
  look: Look,
  options: LookOptions,
  read: Seen,
): Promise<Seen> {
  if (look.dryRun) return read;
  const known = await readHistoryAgain(deps, look, read.memory);
  const seen = known === read.memory ? read : { ...read, memory: known };
  const save = lostIn(seen.memory.recorded);
  if (save === null) return seen;
  // Within one moment the times do not tell: the save that was gone over is not one that came after.
  if (isAfter(overMark(save), markOf(seen.document))) throw staleRead(look.id, "Holdfast's last write");
  const text = isStillWanted(deps, seen, save) ? await overlaid(deps, look, options, seen, save) : null;
  if (text === null) {
    const memory = { ...seen.memory, recorded: withoutLost(seen.memory.recorded) };
    await deps.memory.write(look.id, memory);
    return { ...seen, memory };
  }
  const arm = { id: look.id, text, document: JSON.parse(text) as JsonObject };
  const reader: ArmReader = {
    ...deps.reader,
    read: (id, signal) => (id.key === look.id.key ? Promise.resolve(arm) : deps.reader.read(id, signal)),
  };
  const taken = await observe({ ...deps, reader }, look, options);
  return taken === null ? seen : { ...taken, takenUp: save };
}

function isStillWanted({ policy }: EngineDeps, { document }: Seen, save: SaveToTakeUp): boolean {
  // What Holdfast went over is put back also where its own edits have to be approved.
  const isOn = ['enforce', 'approve'].includes(policy.modeOf(save.remediator));
  const isOurs = markOf(document).version === save.over;
  return isOn && isOurs && !(save.isSwitch === true && isSwitchedSinceWrite(document, save));
}

/** Switched on or off after Holdfast's write, it stays so, whatever was saved before. */
function isSwitchedSinceWrite(document: JsonObject, save: SaveToTakeUp): boolean {
  return isSwitchedSince(markOf(document), overMark(save));
}

function overMark({ over, overAt = null }: SaveToTakeUp): VersionMark {
  return { version: over, changedTime: overAt };
}

/** Null where the version is not to be had: the record of the write that went over it names it. */
async function overlaid(
  { reader }: EngineDeps,
  look: Look,
  { signal }: LookOptions,
  { text, document }: Seen,
  save: SaveToTakeUp,
): Promise<string | null> {
  const taken = isSwitchedSinceWrite(document, save) ? SAVED.filter((key) => key !== 'state') : SAVED;
  try {
    const saved = await reader.readWorkflowVersion(look.id, save.version, signal);
    return overlaySave(text, saved.text, taken);
  } catch (error) {
    if (error instanceof LossyWriteError) return null;
    if (error instanceof ArmError && ['not-found', 'unauthorized'].includes(error.details.kind)) return null;
    throw error;
  }
}
