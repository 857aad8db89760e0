import type { JournalledRequest } from '../simulator/journal.js';
import type { Span } from './span.js';

/** From a request's arrival at the simulator to its answer, in milliseconds since 1970. */
export function spanOf({ time, durationMs }: JournalledRequest): Span {
  const start = Date.parse(time);
  return { start, end: start + (durationMs ?? 0) };
}
