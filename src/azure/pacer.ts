import type { PipelineRequest } from '@azure/core-rest-pipeline';
import {
  afterAnswer,
  afterNothing,
  afterSend,
  isProbed,
  newBucket,
  putBack,
  SWEEP_LEAVES,
  take,
  waitFor,
  type Bucket,
  type Sent,
} from './bucket.js';
import type { Place } from './bucket-of.js';
import type { Pace } from './pace-of.js';
import { createWaitingLine, type Asking, type Delay, type Urgency } from './waiting-line.js';

/** Leave to send one request. */
export interface Turn {
  /** Whether Azure has asked to wait since. Then the turn is to be handed back and another one waited for. */
  isOver(): boolean;
  /** The request goes out. */
  begin(): void;
  /** To be called once, whatever happened; null where no answer came. */
  end(pace: Pace | null): void;
}

type Signal = PipelineRequest['abortSignal'];

export interface Pacer {
  /**
   * Waits for the turn of a request. Rejects with `NotSentError` where that is further away than its urgency can wait,
   * and as soon as the signal aborts.
   */
  turn(place: Place, urgency: Urgency, signal?: Signal): Promise<Turn>;
  /** Keeps a token for the next request to the resource, until it is released. Waits as for a turn. */
  reserve(place: Place, signal?: Signal): Promise<void>;
  release(place: Place): void;
}

/** After this a sweep's request takes a token as an event's does: with events all the time it still comes to its end. */
const STARVED_MS = 5000;
/** Requests in flight from this process, and those of them that are a sweep's. */
const MOST = 64;
const MOST_OF_SWEEP = 48;

/**
 * Keeps this process within ARM's buckets, and quiet where Azure asked for it. Instances share nothing but what Azure
 * tells each of them.
 */
export function createPacer(now: () => number = Date.now, random: () => number = Math.random): Pacer {
  const buckets = new Map<string, Bucket>();
  const quiet = createQuietTimes(now);
  /** By bucket and resource. */
  const reserved = new Set<string>();
  const inFlight = { all: 0, sweep: 0 };
  const line = createWaitingLine(delayOf, now);

  const bucketAt = ({ bucket, kind }: Place): Bucket => buckets.get(bucket) ?? newBucket(kind, now());
  const put = ({ bucket }: Place, next: Bucket): unknown => buckets.set(bucket, next);
  const keyOf = ({ bucket, resource }: Place): string => `${bucket} ${resource}`;

  function delayOf(asking: Asking, ahead: number): Delay {
    const { place, urgency, wants } = asking;
    const bucket = bucketAt(place);
    const isSweep = urgency === 'sweep';
    const hasToken = wants !== 'to-reserve' && reserved.has(keyOf(place));
    const forToken = hasToken ? Math.max(0, bucket.pausedUntil - now()) : tokenDelay(bucket, asking, ahead);
    const forResource = quiet.left(place.resource);
    const ms = Math.max(forToken, forResource);
    if (ms > 0) return { kind: 'time', ms, isOwn: forToken === 0 };
    if (wants === 'to-reserve') return { kind: 'none' };
    const isFull = inFlight.all >= MOST || (isSweep && inFlight.sweep >= MOST_OF_SWEEP);
    return isFull || isProbed(bucket) ? { kind: 'others' } : { kind: 'none' };
  }

  function tokenDelay(bucket: Bucket, { urgency, since }: Asking, ahead: number): number {
    const soonest = waitFor(bucket, now(), 0, ahead);
    if (urgency !== 'sweep') return soonest;
    const starved = Math.max(soonest, since + STARVED_MS - now());
    return Math.min(waitFor(bucket, now(), SWEEP_LEAVES, ahead), starved);
  }

  function unreserve(place: Place): boolean {
    const wasReserved = reserved.delete(keyOf(place));
    const bucket = bucketAt(place);
    if (wasReserved) put(place, { ...bucket, reserved: bucket.reserved - 1 });
    return wasReserved;
  }

  function startTurn(place: Place, urgency: Urgency): Turn {
    if (!unreserve(place)) put(place, take(bucketAt(place), now()));
    const [next, sent] = afterSend(bucketAt(place));
    put(place, next);
    const sweep = urgency === 'sweep' ? 1 : 0;
    inFlight.all += 1;
    inFlight.sweep += sweep;
    let isSent = false;
    return {
      isOver: () => quiet.left(place.resource) > 0 || bucketAt(place).pausedUntil > now(),
      begin: () => {
        isSent = true;
      },
      end: (pace) => {
        inFlight.all -= 1;
        inFlight.sweep -= sweep;
        put(place, isSent ? heard(place, sent, pace) : afterNothing(bucketAt(place), sent, now()));
        line.advance();
      },
    };
  }

  function heard(place: Place, sent: Sent, pace: Pace | null): Bucket {
    if (pace !== null && pace.waitMs !== null) quiet.keep(place.resource, pace.waitMs);
    return afterAnswer(bucketAt(place), sent, pace, now(), random());
  }

  return {
    async turn(place, urgency, signal) {
      const wants = reserved.has(keyOf(place)) ? 'to-send-reserved' : 'to-send';
      const asking = { place, urgency, since: now(), wants } as const;
      return line.wait(asking, signal, () => startTurn(place, urgency));
    },
    async reserve(place, signal) {
      if (reserved.has(keyOf(place))) return;
      const asking = { place, urgency: 'write', since: now(), wants: 'to-reserve' } as const;
      await line.wait(asking, signal, () => {
        // Two may have asked for the same.
        if (reserved.has(keyOf(place))) return;
        const bucket = take(bucketAt(place), now());
        reserved.add(keyOf(place));
        put(place, { ...bucket, reserved: bucket.reserved + 1 });
      });
    },
    release(place) {
      if (!unreserve(place)) return;
      put(place, putBack(bucketAt(place), now()));
      line.advance();
    },
  };
}

/** Until when Azure wants to hear nothing of a resource. */
function createQuietTimes(now: () => number) {
  const until = new Map<string, number>();
  return {
    left: (resource: string): number => Math.max(0, (until.get(resource) ?? 0) - now()),
    keep(resource: string, ms: number): void {
      for (const [key, end] of until) if (end <= now()) until.delete(key);
      until.set(resource, Math.max(until.get(resource) ?? 0, now() + ms));
    },
  };
}
