import type { RemediatorId } from '../../types/remediator-id.js';
import type { LostSave } from './lost-save.js';
import type { ResourceMemory } from '../ports/memory.js';

type Recorded = ResourceMemory['recorded'];

/** A lost save that is to be taken up again. */
export interface SaveToTakeUp extends LostSave {
  /** Holdfast's version that went over it: once that is not the workflow's any more, somebody has saved since. */
  readonly over: string;
  /** When ARM says that Holdfast wrote it; null where that is not known. */
  readonly overAt?: string | null;
  /** Whose write it was. */
  readonly remediator: RemediatorId;
  /** How many saves in a row have been lost; the first is 1. */
  readonly round: number;
  /** How often Azure has rejected the write that was to take it up; absent before one. */
  readonly tries?: number;
}

/** Beside the keys of `record-memory.ts`. */
const LOST = 'lost:';

/** Remembers what is to be taken up; of several the last. */
export function rememberLost(recorded: Recorded, save: SaveToTakeUp): Recorded {
  return { ...withoutLost(recorded), [LOST + save.version]: JSON.stringify(save) };
}

export function lostIn(recorded: Recorded): SaveToTakeUp | null {
  const found = Object.entries(recorded).find(([key]) => key.startsWith(LOST));
  return found === undefined ? null : (JSON.parse(found[1]) as SaveToTakeUp);
}

export function withoutLost(recorded: Recorded): Recorded {
  return Object.fromEntries(Object.entries(recorded).filter(([key]) => !key.startsWith(LOST)));
}
