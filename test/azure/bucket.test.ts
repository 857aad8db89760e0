import { describe, expect, test } from 'vitest';
import {
  afterAnswer,
  afterNothing,
  afterSend,
  isProbed,
  newBucket,
  take,
  waitFor,
  type Bucket,
  type Sent,
} from '../../src/azure/bucket.js';
import type { Pace } from '../../src/azure/pace-of.js';

const START = 1_000_000;
const left = (remaining: number | null): Pace => ({ remaining, isThrottled: false, waitMs: null });
const turnedDown = (waitMs: number | null): Pace => ({ remaining: null, isThrottled: true, waitMs });

function send(bucket: Bucket, now = START): readonly [Bucket, Sent] {
  return afterSend(take(bucket, now));
}

/** A bucket in which so many are left, and nobody under way. */
function known(remaining: number, now = START): Bucket {
  const [bucket, sent] = send(newBucket('writes', now), now);
  return afterAnswer(bucket, sent, left(remaining), now, 0);
}

describe('how long to wait', () => {
  test('nothing is held back where Azure says nothing', () => {
    const [bucket, sent] = send(newBucket('writes', START));
    expect(waitFor(afterAnswer(bucket, sent, left(null), START, 0), START, 50, 1000)).toBe(0);
  });

  test.each([
    ['a token', 1, 0, 0, 0],
    ['none, and ten flow in each second', 0, 0, 0, 100],
    ['one, and somebody is before', 1, 0, 1, 100],
    ['less than is to be left to others', 20, 50, 0, 3100],
  ])('there is %s', (_name, remaining, leaves, ahead, expected) => {
    expect(waitFor(known(remaining), START, leaves, ahead)).toBe(expected);
  });

  test('it fills up, and no further than it is large', () => {
    const full = known(0);
    expect(waitFor(full, START + 5000, 49)).toBe(0);
    expect(waitFor(full, START + 5000, 50)).toBe(100);
    expect(waitFor(full, START + 3_600_000, 200)).toBe(100);
  });

  test('it is larger where Azure says so', () => {
    expect(waitFor(known(1199), START + 1000, 1198)).toBe(0);
  });
});

describe('what an answer tells', () => {
  test('an old one does not make more of what is left', () => {
    const [one, first] = send(known(10));
    const [two, second] = send(one);
    // The second was counted last and answered first.
    const after = afterAnswer(two, second, left(8), START, 0);
    const both = afterAnswer(after, first, left(9), START, 0);
    expect(waitFor(both, START, 7)).toBe(0);
    expect(waitFor(both, START, 8)).toBeGreaterThan(0);
  });

  test('what others have taken counts', () => {
    const [bucket, sent] = send(known(100));
    expect(waitFor(afterAnswer(bucket, sent, left(0), START, 0), START)).toBe(100);
  });

  test('what is under way may not be counted yet', () => {
    const [one] = send(known(3));
    const [two, sent] = send(one);
    expect(waitFor(afterAnswer(two, sent, left(1), START, 0), START)).toBe(100);
  });

  test('more is left than was thought, for certain', () => {
    const [bucket, sent] = send(known(0), START);
    expect(waitFor(afterAnswer(bucket, sent, left(90), START, 0), START, 89)).toBe(0);
  });

  test('a request that never went out costs nothing', () => {
    const before = known(5);
    const [bucket, sent] = send(before);
    expect(afterNothing(bucket, sent, START)).toMatchObject({ tokens: 5, inFlight: 0 });
  });
});

describe('being turned down', () => {
  test('nothing goes before the time that Azure named, and the longer of two counts', () => {
    const [one, first] = send(known(10));
    const [two, second] = send(one);
    const late = afterAnswer(
      afterAnswer(two, second, turnedDown(17_000), START, 0),
      first,
      turnedDown(2000),
      START + 1000,
      0,
    );
    expect(waitFor(late, START + 1000)).toBe(16_000);
  });

  test('a success that was under way does not end the wait', () => {
    const [one, first] = send(known(10));
    const [two, second] = send(one);
    const bucket = afterAnswer(
      afterAnswer(two, second, turnedDown(17_000), START, 0),
      first,
      left(9),
      START,
      0,
    );
    expect(waitFor(bucket, START)).toBeGreaterThanOrEqual(17_000);
    expect(bucket.strikes).toBe(1);
  });

  test('without a time the wait doubles, to a minute at most, until an answer comes', () => {
    let bucket = newBucket('reads', START);
    const waits: number[] = [];
    let now = START;
    for (let i = 0; i < 9; i += 1) {
      const [next, sent] = send(bucket, now);
      bucket = afterAnswer(next, sent, turnedDown(null), now, 1);
      waits.push(waitFor(bucket, now));
      now = bucket.pausedUntil;
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    const [next, sent] = send(bucket, now);
    expect(afterAnswer(next, sent, left(null), now, 1).strikes).toBe(0);
  });

  test('many at once are one', () => {
    const sent: Sent[] = [];
    let bucket = newBucket('reads', START);
    for (let i = 0; i < 12; i += 1) {
      const [next, one] = send(bucket);
      bucket = next;
      sent.push(one);
    }
    for (const one of sent) bucket = afterAnswer(bucket, one, turnedDown(null), START, 1);
    expect(bucket.strikes).toBe(1);
    expect(waitFor(bucket, START)).toBe(1000);
  });

  test('a time of nothing is no invitation', () => {
    const [bucket, sent] = send(newBucket('reads', START));
    expect(waitFor(afterAnswer(bucket, sent, turnedDown(100), START, 1), START)).toBe(1000);
  });

  test('afterwards one goes alone, to find out', () => {
    const [one, first] = send(newBucket('reads', START));
    const struck = afterAnswer(one, first, turnedDown(1000), START, 0);
    expect(isProbed(struck)).toBe(false);
    const [probed, probe] = send(struck, START + 1000);
    expect(isProbed(probed)).toBe(true);
    expect(isProbed(afterAnswer(probed, probe, null, START + 1000, 0))).toBe(false);
    expect(isProbed(afterAnswer(probed, probe, left(5), START + 1000, 0))).toBe(false);
  });

  test('whoever shares the bucket with others asks half as often, and regains it with each success', () => {
    const [one, first] = send(known(10));
    const struck = afterAnswer(one, first, turnedDown(1000), START, 0);
    expect(struck.share).toBe(0.5);
    const [two, second] = send(struck, START + 1000);
    expect(afterAnswer(two, second, left(3), START + 1000, 0).share).toBeGreaterThan(0.5);
  });
});
