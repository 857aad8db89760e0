import type { Learned } from '../ports/reader-index.js';

/** When the whole of some scopes was last read without a gap: as long ago as of the one that has waited longest. */
export function learnedAt(learned: readonly Learned[]): Date | null {
  const times = learned.map(({ at }) => at);
  if (times.includes(null)) return null;
  return times
    .filter((at) => at !== null)
    .reduce<Date | null>((least, at) => (least === null || at < least ? at : least), null);
}
