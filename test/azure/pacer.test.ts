import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Place } from '../../src/azure/bucket-of.js';
import { NotSentError } from '../../src/azure/not-sent-error.js';
import type { Pace } from '../../src/azure/pace-of.js';
import { createPacer, type Pacer, type Turn } from '../../src/azure/pacer.js';
import type { Urgency } from '../../src/azure/waiting-line.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const place = (kind: 'reads' | 'writes', resource = 'r', subscription = 's'): Place => ({
  bucket: `${subscription} ${kind}`,
  kind,
  counted: 'subscription',
  resource,
});
const left = (remaining: number | null): Pace => ({ remaining, isThrottled: false, waitMs: null });
const wait = (waitMs: number | null): Pace => ({ remaining: null, isThrottled: true, waitMs });

async function answered(pacer: Pacer, where: Place, pace: Pace | null): Promise<void> {
  const turn = await pacer.turn(where, 'read');
  turn.begin();
  turn.end(pace);
}

/** What becomes of asking for a turn: a name is put on the list when it is given. */
function ask(
  pacer: Pacer,
  where: Place,
  urgency: Urgency,
  name: string,
  list: string[],
  signal?: AbortSignal,
) {
  const asked = pacer.turn(where, urgency, signal).then(
    (turn) => {
      list.push(name);
      turn.begin();
      return turn;
    },
    (error: unknown) => {
      list.push(`${name}: ${(error as Error).name}`);
      return null;
    },
  );
  return asked;
}

describe('whose turn it is', () => {
  test('everybody, where Azure says nothing', async () => {
    const list: string[] = [];
    const pacer = createPacer();
    await Promise.all(
      Array.from({ length: 30 }, (_, i) => ask(pacer, place('reads'), 'sweep', `${i}`, list)),
    );
    expect(list).toHaveLength(30);
  });

  test('the next when a token has come, in the order of asking', async () => {
    const list: string[] = [];
    const pacer = createPacer();
    await answered(pacer, place('writes'), left(0));
    for (const name of ['one', 'two', 'three']) void ask(pacer, place('writes', name), 'write', name, list);
    await vi.advanceTimersByTimeAsync(101);
    expect(list).toEqual(['one']);
    await vi.advanceTimersByTimeAsync(200);
    expect(list).toEqual(['one', 'two', 'three']);
  });

  test('an event before a sweep, whenever it asks', async () => {
    const list: string[] = [];
    const pacer = createPacer();
    await answered(pacer, place('reads'), left(0));
    void ask(pacer, place('reads', 'a'), 'sweep', 'sweep', list);
    void ask(pacer, place('reads', 'b'), 'read', 'event', list);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(list).toEqual(['event', 'sweep']);
  });

  test('a sweep leaves a fifth of the bucket, but not for ever', async () => {
    const list: string[] = [];
    const pacer = createPacer();
    await answered(pacer, place('reads'), left(40));
    void ask(pacer, place('reads', 'a'), 'sweep', 'sweep', list);
    void ask(pacer, place('reads', 'b'), 'read', 'event', list);
    await vi.advanceTimersByTimeAsync(100);
    expect(list).toEqual(['event']);
    await vi.advanceTimersByTimeAsync(500);
    expect(list).toEqual(['event', 'sweep']);
  });

  test('a sweep goes on where events take every token', async () => {
    const list: string[] = [];
    const pacer = createPacer();
    await answered(pacer, place('reads'), left(10));
    void ask(pacer, place('reads', 'a'), 'sweep', 'sweep', list);
    for (let i = 0; i < 400; i += 1) {
      await vi.advanceTimersByTimeAsync(30);
      void ask(pacer, place('reads', `e${i}`), 'read', 'event', list).then((turn) => turn?.end(left(5)));
    }
    expect(list).toContain('sweep');
  });

  test('nobody, while too many are under way; then a write first', async () => {
    const list: string[] = [];
    const pacer = createPacer();
    const turns = await Promise.all(
      Array.from({ length: 64 }, (_, i) => pacer.turn(place('reads', `${i}`), 'read')),
    );
    void ask(pacer, place('reads'), 'read', 'read', list);
    void ask(pacer, place('writes'), 'write', 'write', list);
    await vi.advanceTimersByTimeAsync(10);
    expect(list).toEqual([]);
    turns[0]?.end(left(null));
    await vi.advanceTimersByTimeAsync(0);
    expect(list).toEqual(['write']);
  });
});

describe('after Azure has asked to wait', () => {
  test('nothing of that bucket goes, and nothing to that resource; everything else does', async () => {
    const list: string[] = [];
    const pacer = createPacer();
    await answered(pacer, place('reads', 'a'), wait(3000));
    void ask(pacer, place('reads', 'b'), 'read', 'same bucket', list);
    void ask(pacer, place('writes', 'a'), 'write', 'same resource', list);
    void ask(pacer, place('writes', 'b'), 'write', 'other bucket', list);
    void ask(pacer, place('reads', 'a', 't'), 'read', 'same resource again', list);
    await vi.advanceTimersByTimeAsync(2999);
    expect(list).toEqual(['other bucket']);
    await vi.advanceTimersByTimeAsync(1);
    expect(list).toHaveLength(4);
  });

  test('who cannot wait that long is told at once for how long it is', async () => {
    const pacer = createPacer();
    await answered(pacer, place('reads'), wait(17_000));
    await expect(pacer.turn(place('reads'), 'read')).rejects.toMatchObject({ retryAfterMs: 17_000 });
  });

  test('so is who waits already', async () => {
    const list: string[] = [];
    const pacer = createPacer();
    await answered(pacer, place('writes'), left(1));
    const turn = await pacer.turn(place('writes', 'a'), 'write');
    turn.begin();
    void ask(pacer, place('writes', 'b'), 'write', 'waiting', list);
    turn.end(wait(60_000));
    await vi.advanceTimersByTimeAsync(0);
    expect(list).toEqual(['waiting: NotSentError']);
  });

  test('a sweep waits', async () => {
    const list: string[] = [];
    const pacer = createPacer();
    await answered(pacer, place('reads'), wait(17_000));
    void ask(pacer, place('reads'), 'sweep', 'sweep', list);
    await vi.advanceTimersByTimeAsync(16_999);
    expect(list).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(list).toEqual(['sweep']);
  });

  test('a turn that was given before is over', async () => {
    const pacer = createPacer();
    const early = await pacer.turn(place('reads', 'a'), 'read');
    await answered(pacer, place('reads', 'b'), wait(3000));
    expect(early.isOver()).toBe(true);
    early.end(null);
    await vi.advanceTimersByTimeAsync(3000);
    expect((await pacer.turn(place('reads', 'a'), 'read')).isOver()).toBe(false);
  });

  test('one finds out first whether it is over', async () => {
    const list: string[] = [];
    const pacer = createPacer();
    await answered(pacer, place('reads'), wait(1000));
    const first = ask(pacer, place('reads'), 'read', 'first', list);
    void ask(pacer, place('reads'), 'read', 'second', list);
    await vi.advanceTimersByTimeAsync(3000);
    expect(list).toEqual(['first']);
    (await first)?.end(left(null));
    await vi.advanceTimersByTimeAsync(0);
    expect(list).toEqual(['first', 'second']);
  });
});

describe('a token that is kept', () => {
  test('is nobody else’s until it is used or released', async () => {
    const list: string[] = [];
    const pacer = createPacer();
    await answered(pacer, place('writes'), left(1));
    await pacer.reserve(place('writes', 'a'));
    await pacer.reserve(place('writes', 'a'));
    void ask(pacer, place('writes', 'b'), 'write', 'b', list);
    await vi.advanceTimersByTimeAsync(50);
    void ask(pacer, place('writes', 'a'), 'write', 'a', list);
    await vi.advanceTimersByTimeAsync(10);
    expect(list).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(50);
    expect(list).toEqual(['a', 'b']);
  });

  test('goes to the next when it is released', async () => {
    const list: string[] = [];
    const pacer = createPacer();
    await answered(pacer, place('writes'), left(1));
    await pacer.reserve(place('writes', 'a'));
    void ask(pacer, place('writes', 'b'), 'write', 'b', list);
    await vi.advanceTimersByTimeAsync(10);
    expect(list).toEqual([]);
    pacer.release(place('writes', 'a'));
    pacer.release(place('writes', 'a'));
    await vi.advanceTimersByTimeAsync(0);
    expect(list).toEqual(['b']);
  });
});

describe('who aborts', () => {
  test('stops waiting at once, leaves nothing behind and holds up nobody', async () => {
    const list: string[] = [];
    const pacer = createPacer();
    await answered(pacer, place('writes'), left(0));
    const controller = new AbortController();
    const aborted = ask(pacer, place('writes', 'a'), 'write', 'a', list, controller.signal);
    void ask(pacer, place('writes', 'b'), 'write', 'b', list);
    controller.abort();
    await aborted;
    expect(list).toEqual(['a: AbortError']);
    await vi.advanceTimersByTimeAsync(101);
    expect(list).toEqual(['a: AbortError', 'b']);
    expect(vi.getTimerCount()).toBe(0);
    await expect(pacer.turn(place('reads'), 'read', controller.signal)).rejects.toThrow('aborted');
  });
});

/** What one request meets: when it is asked for, who it is, how Azure answers, and when its caller gives up. */
const requests = fc.array(
  fc.record({
    at: fc.nat(8000),
    kind: fc.constantFrom('reads' as const, 'writes' as const),
    resource: fc.constantFrom('a', 'b', 'c'),
    isSweep: fc.boolean(),
    tookMs: fc.nat(3000),
    pace: fc.oneof(
      fc.record({
        remaining: fc.option(fc.nat(300)),
        isThrottled: fc.constant(false),
        waitMs: fc.constant(null),
      }),
      fc.record({
        remaining: fc.option(fc.nat(5)),
        isThrottled: fc.constant(true),
        waitMs: fc.option(fc.nat(12_000), { freq: 5 }),
      }),
      fc.record({
        remaining: fc.option(fc.nat(5)),
        isThrottled: fc.boolean(),
        waitMs: fc.option(fc.nat(20_000)),
      }),
      fc.constant(null),
    ),
    abortMs: fc.option(fc.integer({ min: 1, max: 10_000 })),
  }),
  { maxLength: 60 },
);

test('whatever Azure answers, nothing goes while it asked to wait, and everybody gets a turn or is told', async () => {
  await fc.assert(
    fc.asyncProperty(requests, async (all) => {
      vi.setSystemTime(1_000_000);
      const pacer = createPacer();
      const bucketQuiet = new Map<string, number>();
      const resourceQuiet = new Map<string, number>();
      const keep = (map: Map<string, number>, key: string, ms: number) =>
        map.set(key, Math.max(map.get(key) ?? 0, Date.now() + ms));
      let open = all.length;
      for (const { at, kind, resource, isSweep, tookMs, pace, abortMs } of all) {
        const where = place(kind, resource);
        const urgency = kind === 'writes' ? 'write' : isSweep ? 'sweep' : 'read';
        const go = async (): Promise<void> => {
          const controller = new AbortController();
          const abortAt = abortMs === null ? null : Date.now() + abortMs;
          if (abortMs !== null)
            setTimeout(() => {
              controller.abort();
            }, abortMs);
          let turn: Turn;
          try {
            turn = await pacer.turn(where, urgency, controller.signal);
          } catch (error) {
            open -= 1;
            if (controller.signal.aborted) expect(Date.now()).toBe(abortAt);
            else expect(error).toBeInstanceOf(NotSentError);
            return;
          }
          expect(Date.now()).toBeGreaterThanOrEqual(bucketQuiet.get(where.bucket) ?? 0);
          expect(Date.now()).toBeGreaterThanOrEqual(resourceQuiet.get(resource) ?? 0);
          turn.begin();
          setTimeout(() => {
            if (pace !== null && pace.waitMs !== null) {
              keep(resourceQuiet, resource, pace.waitMs);
              if (pace.isThrottled) keep(bucketQuiet, where.bucket, pace.waitMs);
            }
            turn.end(pace);
            open -= 1;
          }, tookMs);
        };
        setTimeout(() => void go(), at);
      }
      await vi.advanceTimersByTimeAsync(20 * 60_000);
      expect(open).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
    }),
    { numRuns: 300 },
  );
}, 60_000);
