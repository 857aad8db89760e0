import type { EngineDeps } from '../engine-deps.js';
import type { ResourceMemory } from '../ports/memory.js';
import { openSince } from '../record/record-memory.js';

/** ARM's reads lag behind its writes by seconds: what a read does not show after this was not carried out, or undone. */
export const SHOWN_WITHIN_MS = 10_000;

/** How long to wait until a read is sure to show a write that was left open, if it was carried out; 0 where it is now. */
export function untilShown(
  { now }: Pick<EngineDeps, 'now'>,
  { recorded }: Pick<ResourceMemory, 'recorded'>,
  writeId: string,
): number {
  const since = openSince(recorded, writeId);
  if (since === null) return 0;
  // Where another instance's clock is ahead, the wait is no longer for that.
  return Math.min(SHOWN_WITHIN_MS, Math.max(0, since + SHOWN_WITHIN_MS - now().getTime()));
}
