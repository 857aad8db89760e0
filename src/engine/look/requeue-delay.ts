const FIRST_BACKOFF_MS = 2000;
const LONGEST_SPREAD_MS = 60_000;

/** What a look that could not be finished says of when to come back. */
export interface PutOff {
  /** That of Azure, or of whoever holds the resource. */
  readonly retryAfterMs: number;
  /** How often the resource's look has failed. */
  readonly attempt: number;
  /** How often in a row it was only put off: somebody was at it, a write did not show yet, or Azure was throttling. */
  readonly deferrals: number;
}

/**
 * How long a message stays on the queue, in milliseconds; `random` is from 0 to 1. Messages that were put off together
 * come back spread over a time that doubles, never before they are told to.
 */
export function requeueDelay({ retryAfterMs, attempt, deferrals }: PutOff, random: number): number {
  if (deferrals === 0) return Math.max(retryAfterMs, FIRST_BACKOFF_MS * 2 ** attempt * (0.5 + random / 2));
  return retryAfterMs + Math.min(LONGEST_SPREAD_MS, FIRST_BACKOFF_MS * 2 ** (deferrals - 1)) * random;
}
