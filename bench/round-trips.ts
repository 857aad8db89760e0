/** From when to when a request was under way, in milliseconds of one clock. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * How many of the requests lie one after another at most: the longest chain in which each began when the one before
 * had been answered. Requests that are under way together count as one.
 */
export function roundTripsInSequence(spans: readonly Span[]): number {
  let count = 0;
  let freeAt = -Infinity;
  for (const { start, end } of spans.toSorted((a, b) => a.end - b.end)) {
    if (start < freeAt) continue;
    count += 1;
    freeAt = end;
  }
  return count;
}

/**
 * Those of the requests that the write had to wait for beside the reads: one that began while a read was under way
 * and was answered before it cost nothing. One that ended later than the read, or was over before it began, did.
 */
export function outsideOf(reads: readonly Span[], spans: readonly Span[]): readonly Span[] {
  return spans.filter(
    ({ start, end }) => !reads.some((read) => start < read.end && end > read.start && end <= read.end),
  );
}
