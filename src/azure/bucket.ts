import type { BucketKind } from './bucket-of.js';
import type { Pace } from './pace-of.js';

/**
 * What is known of one of ARM's token buckets, which other instances and other apps of the same identity draw from,
 * too. Pure: each function gives the next state.
 */
export interface Bucket {
  readonly kind: BucketKind;
  /** How many requests ARM takes, as far as is known; null until an answer says so. Then nothing is held back. */
  readonly tokens: number | null;
  /** When that was so, in milliseconds since 1970, as are all times here. */
  readonly at: number;
  /** Our share of what flows into the bucket: others' requests show only in that ours are turned down. */
  readonly share: number;
  /** Nothing is sent before. */
  readonly pausedUntil: number;
  /** How often in a row Azure has turned a request down. */
  readonly strikes: number;
  /** The number of the last request that had been sent when Azure turned one down. */
  readonly struckAt: number;
  /** After being turned down, one request at a time finds out whether Azure takes them again. */
  readonly probe: number | null;
  /** How many requests have been sent so far. */
  readonly sent: number;
  readonly inFlight: number;
  /** Tokens that are kept for writes which are being prepared. */
  readonly reserved: number;
}

/** One request on its way. */
export interface Sent {
  readonly number: number;
  /** How many others were on their way when it was sent. */
  readonly others: number;
}

/** https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
const LIMITS: Readonly<Record<BucketKind, { readonly capacity: number; readonly perSecond: number }>> = {
  reads: { capacity: 250, perSecond: 25 },
  writes: { capacity: 200, perSecond: 10 },
  deletes: { capacity: 200, perSecond: 10 },
};
/** What the sweep leaves to everything else. */
export const SWEEP_LEAVES = LIMITS.reads.capacity / 5;

const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 60_000;
const LEAST_SHARE = 1 / 16;
const SHARE_REGAINED = 1 / 32;

export function newBucket(kind: BucketKind, now: number): Bucket {
  return {
    kind,
    tokens: null,
    at: now,
    share: 1,
    pausedUntil: 0,
    strikes: 0,
    struckAt: 0,
    probe: null,
    sent: 0,
    inFlight: 0,
    reserved: 0,
  };
}

/** How long until a request may be sent that leaves `leaves` tokens and goes after `ahead` others; 0 for now. */
export function waitFor(bucket: Bucket, now: number, leaves = 0, ahead = 0): number {
  const pause = Math.max(0, bucket.pausedUntil - now);
  const tokens = tokensAt(bucket, now + pause);
  const missing = tokens === null ? 0 : 1 + leaves + ahead - tokens;
  // After a hair of a token the float says something else than the clock.
  return pause + (missing <= 1e-6 ? 0 : Math.ceil((missing / flow(bucket)) * 1000));
}

/** Whether somebody is finding out already whether Azure takes requests again. */
export function isProbed(bucket: Bucket): boolean {
  return bucket.strikes > 0 && bucket.probe !== null;
}

export function take(bucket: Bucket, now: number): Bucket {
  const tokens = tokensAt(bucket, now);
  return tokens === null ? bucket : { ...bucket, tokens: tokens - 1, at: Math.max(now, bucket.at) };
}

export function putBack(bucket: Bucket, now: number): Bucket {
  const tokens = tokensAt(bucket, now);
  return tokens === null ? bucket : { ...bucket, tokens: tokens + 1, at: Math.max(now, bucket.at) };
}

/** A request that was to go out did not. */
export function afterNothing(bucket: Bucket, sent: Sent, now: number): Bucket {
  return putBack(afterAnswer(bucket, sent, null, now, 0), now);
}

/** A request goes out; its token has been taken. */
export function afterSend(bucket: Bucket): readonly [Bucket, Sent] {
  const sent = { number: bucket.sent + 1, others: bucket.inFlight };
  const probe = bucket.strikes > 0 ? sent.number : null;
  return [{ ...bucket, sent: sent.number, inFlight: bucket.inFlight + 1, probe }, sent];
}

/** A request is over; `pace` is null where no answer came. `random` is from 0 to 1. */
export function afterAnswer(
  bucket: Bucket,
  sent: Sent,
  pace: Pace | null,
  now: number,
  random: number,
): Bucket {
  const over = {
    ...bucket,
    inFlight: bucket.inFlight - 1,
    probe: bucket.probe === sent.number ? null : bucket.probe,
  };
  if (pace === null) return over;
  const told = pace.remaining === null ? over : believe(over, sent, pace.remaining, now);
  return pace.isThrottled ? struck(told, sent, pace, now, random) : passed(told, sent);
}

/**
 * What ARM says was so when it answered. Of our own requests, those that were on their way meanwhile may be in it or
 * not: the estimate never becomes more than is left if none of them is, and not less than if those still under way are.
 */
function believe(bucket: Bucket, sent: Sent, remaining: number, now: number): Bucket {
  const most = remaining - bucket.inFlight - bucket.reserved;
  const certain = remaining - sent.others - (bucket.sent - sent.number) - bucket.reserved;
  const estimate = tokensAt(bucket, now) ?? most;
  const tokens = Math.max(Math.min(estimate, most), certain);
  return { ...bucket, tokens, at: Math.max(now, bucket.at) };
}

function struck(bucket: Bucket, sent: Sent, { waitMs }: Pace, now: number, random: number): Bucket {
  // What was sent before Azure had said so the first time says nothing new.
  const isNews = sent.number > bucket.struckAt;
  const strikes = isNews ? bucket.strikes + 1 : bucket.strikes;
  const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (strikes - 1)) * (0.5 + random / 2);
  // Named or not: whoever comes straight back is turned down again.
  const pause = waitMs === null || waitMs < FIRST_BACKOFF_MS ? Math.max(waitMs ?? 0, backoff) : waitMs;
  const pausedUntil = Math.max(bucket.pausedUntil, now + pause);
  return {
    ...bucket,
    // It begins to fill when Azure says it does; until an answer says more, it is taken to be empty then.
    tokens: bucket.tokens === null ? null : Math.min(bucket.tokens, 1),
    at: bucket.tokens === null ? bucket.at : pausedUntil,
    share: isNews ? Math.max(LEAST_SHARE, bucket.share / 2) : bucket.share,
    pausedUntil,
    strikes,
    struckAt: isNews ? bucket.sent : bucket.struckAt,
  };
}

function passed(bucket: Bucket, sent: Sent): Bucket {
  const share = Math.min(1, bucket.share + SHARE_REGAINED);
  // An answer to what was sent before Azure turned us down does not take that back.
  return sent.number > bucket.struckAt ? { ...bucket, share, strikes: 0, probe: null } : bucket;
}

function tokensAt({ kind, tokens, at, share }: Bucket, now: number): number | null {
  if (tokens === null || now <= at) return tokens;
  const { capacity, perSecond } = LIMITS[kind];
  // Azure may have said that there is more than the documented capacity.
  return Math.max(tokens, Math.min(capacity, tokens + ((now - at) / 1000) * perSecond * share));
}

/** Tokens per second. */
function flow({ kind, share }: Bucket): number {
  return LIMITS[kind].perSecond * share;
}
