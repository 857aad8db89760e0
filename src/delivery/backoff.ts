const FIRST_MS = 10_000;
const LONGEST_MS = 60 * 60_000;

/**
 * How long a target is left alone after it has failed so often in a row, in milliseconds: ten seconds, twice as long
 * each time, up to an hour; longer where the target asks for it, but no longer than the hour, because what it asks may
 * be a mistake. `random`, 0 to 1, adds up to a fifth.
 */
export function backoffMs(failures: number, retryAfterMs: number | null, random: number): number {
  const doubled = FIRST_MS * 2 ** Math.min(30, Math.max(0, failures - 1)) * (1 + random / 5);
  return Math.round(Math.min(LONGEST_MS, Math.max(doubled, retryAfterMs ?? 0)));
}
