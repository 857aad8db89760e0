import type { PipelineResponse } from '@azure/core-rest-pipeline';
import type { Place } from './bucket-of.js';
import { retryAfterMs } from '../retry-after.js';

/** What an answer says of how fast Azure wants to be asked. */
export interface Pace {
  /** What is left in the request's bucket; null where the answer does not say. */
  readonly remaining: number | null;
  /** Azure turned the request down because there are too many. */
  readonly isThrottled: boolean;
  /** For how long Azure asked to wait, from now; null where it did not, and where nothing went wrong. */
  readonly waitMs: number | null;
}

/** Timers and clocks are not exact to the millisecond. */
const MARGIN_MS = 100;
/** A date in a header has no fractions. */
const DATE_MARGIN_MS = 1000;

/**
 * Reads the headers. The wait is told by the server's own clock where it names a date: ours may be ahead. Some
 * providers say 503 with `Retry-After` instead of 429. A wait that comes with success is for a caller who polls.
 */
export function paceOf(place: Place, { status, headers }: PipelineResponse, now = Date.now()): Pace {
  const header = headers.get('retry-after');
  const serverNow = Date.parse(headers.get('date') ?? '');
  const named = status < 400 ? null : retryAfterMs(header, Number.isNaN(serverNow) ? now : serverNow);
  const margin = /^\s*\d/.test(header ?? '') ? MARGIN_MS : DATE_MARGIN_MS;
  return {
    remaining: least(
      count(headers.get(`x-ms-ratelimit-remaining-${place.counted}-${place.kind}`)),
      count(headers.get(`x-ms-ratelimit-remaining-${place.counted}-global-${place.kind}`)),
    ),
    isThrottled: status === 429 || (status === 503 && named !== null),
    waitMs: named === null ? null : named + margin,
  };
}

function count(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,9}$/.test(header.trim()) ? Number(header) : null;
}

function least(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}
