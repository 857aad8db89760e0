import type { Edit } from '../../types/edit.js';
import type { RemediatorId } from '../../types/remediator-id.js';
import type { EditHistory, EditPause } from '../ports/memory.js';
import { digestOf } from '../record/record-digest.js';

/*
 * Whether somebody else keeps reverting an edit: it is planned again though it was applied again and again. Then it is
 * left alone for a while, longer each time, because two who write against each other make it worse for everybody.
 */

const HOUR_MS = 60 * 60_000;
/** Within this time, from the first that counts to now. */
const WINDOW_MS = HOUR_MS;
const LONGEST_PAUSE_MS = 24 * HOUR_MS;

/** What an edit does and where, whatever was there before. A digest: the value may be long, and is nobody's business. */
export function editKey(remediator: RemediatorId, { op, path, before, after }: Edit): string {
  return digestOf([remediator, op, path, op === 'remove' ? before : after]).slice(0, 24);
}

/** The pause that an edit is in, or that begins now; null where it may be made. `times`: how often is too often. */
export function pauseFor(history: EditHistory, times: number, now: Date): EditPause | null {
  const { pause, appliedAt } = history;
  const last = timeOf(appliedAt.at(-1));
  if (pause !== null) {
    if (now.getTime() < timeOf(pause.until)) return pause;
    // One more try.
    if (last < timeOf(pause.until)) return null;
    if (now.getTime() - last < lengthOf(pause.count)) return pauseFrom(now, pause.count + 1);
  }
  const lately = appliedAt.filter((at) => now.getTime() - timeOf(at) < WINDOW_MS);
  return lately.length >= times ? pauseFrom(now, 1) : null;
}

/** The history of an edit that was applied now. */
export function withApplied(history: EditHistory, now: Date): EditHistory {
  const { pause, appliedAt } = history;
  const isQuiet =
    pause !== null &&
    timeOf(appliedAt.at(-1)) >= timeOf(pause.until) &&
    now.getTime() - timeOf(appliedAt.at(-1)) >= lengthOf(pause.count);
  return {
    ...history,
    appliedAt: [...appliedAt, now.toISOString()].slice(-MOST_TIMES),
    pause: isQuiet ? null : pause,
  };
}

/** Whether nothing that will be decided rests on it any more. */
export function isOver({ appliedAt, pause }: EditHistory, now: Date): boolean {
  const last = timeOf(appliedAt.at(-1));
  if (pause === null) return now.getTime() - last >= WINDOW_MS;
  return now.getTime() - Math.max(last, timeOf(pause.until)) >= Math.max(lengthOf(pause.count), WINDOW_MS);
}

/** How many times are remembered, and so the most that may be set. */
export const MOST_TIMES = 20;

function pauseFrom(now: Date, count: number): EditPause {
  const until = new Date(now.getTime() + lengthOf(count));
  return { since: now.toISOString(), until: until.toISOString(), count, recordId: null };
}

/** An hour, two, four, … a day. */
function lengthOf(count: number): number {
  return Math.min(HOUR_MS * 2 ** Math.min(count - 1, 10), LONGEST_PAUSE_MS);
}

function timeOf(text: string | undefined): number {
  return text === undefined ? Number.NEGATIVE_INFINITY : Date.parse(text);
}
