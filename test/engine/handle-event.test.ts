import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEngine } from '../../src/engine/engine.js';
import { createHandleEvent, type LookNow } from '../../src/engine/handle-event.js';
import type { Look, LookResult } from '../../src/engine/look/look.js';
import type { ReconcileMessage } from '../../src/engine/ports/queue.js';
import { armError, fakeWorld, vaultId } from './fake-world.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const ALICE = { id: 'a', name: 'alice', ip: null };
const event = (more: Partial<Look> = {}): Look => ({
  id: vaultId(),
  trigger: 'event',
  correlationId: 'c',
  actor: ALICE,
  remediators: null,
  askedForByName: false,
  dryRun: false,
  causedAt: '2026-11-23T12:00:00Z',
  ...more,
});

const DONE: LookResult = { kind: 'done', outcome: 'compliant', remediations: [], obstacle: null };
const later = (retryAfterMs: number, isBusy = false): LookResult => ({
  kind: 'later',
  retryAfterMs,
  why: 'not now',
  isBusy,
  isRecorded: false,
});

function handling(lookNow: LookNow) {
  const sent: { message: ReconcileMessage; delayMs: number }[] = [];
  const queue = {
    send: (message: ReconcileMessage, delayMs: number) =>
      Promise.resolve(void sent.push({ message, delayMs })),
    poison: () => Promise.resolve(),
  };
  return { sent, handle: createHandleEvent({ queue, now: () => new Date() }, lookNow) };
}

/** A look that begins to read after a while, and is done a while after that. */
const looking =
  (result: LookResult, begun: Look[], waitMs = 100): LookNow =>
  async (_look, begin) => {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    begun.push(begin());
    await new Promise((resolve) => setTimeout(resolve, 100));
    return result;
  };

describe('events of one resource', () => {
  test('that wait are one look; one that comes after it began to read is another', async () => {
    const begun: Look[] = [];
    const { handle } = handling(looking(DONE, begun));
    const all = [handle(event()), handle(event({ correlationId: 'two' }))];
    await vi.advanceTimersByTimeAsync(150);
    all.push(handle(event({ correlationId: 'three' })));
    await vi.advanceTimersByTimeAsync(1000);
    expect(await Promise.all(all)).toEqual(Array(3).fill({ kind: 'handled' }));
    expect(begun.map(({ correlationId }) => correlationId)).toEqual(['two', 'three']);
  });

  test('put one message on the queue for all of them, as they are together', async () => {
    const { handle, sent } = handling(looking(later(5000, true), []));
    const all = [handle(event()), handle(event({ isOfSurroundings: true, correlationId: 'two' }))];
    await vi.advanceTimersByTimeAsync(1000);
    expect(await Promise.all(all)).toMatchObject([{ kind: 'queued' }, { kind: 'queued' }]);
    expect(sent).toMatchObject([{ message: { correlationId: 'two', isOfSurroundings: true, deferrals: 1 } }]);
    expect(sent[0]?.delayMs).toBeGreaterThanOrEqual(5000);
    expect(sent[0]?.delayMs).toBeLessThanOrEqual(7000);
  });

  test('all hear of it where it could not be put there', async () => {
    const broken = createHandleEvent(
      {
        queue: { send: () => Promise.reject(new Error('down')), poison: () => Promise.resolve() },
        now: () => new Date(),
      },
      looking(later(5000), []),
    );
    const all = Promise.allSettled([broken(event()), broken(event())]);
    await vi.advanceTimersByTimeAsync(1000);
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

describe('while a message is on the queue', () => {
  test.each<[string, Partial<Look>, number, number]>([
    ['an event by the same is covered by it', {}, 3000, 1],
    ['not once it may have begun', {}, 9000, 2],
    [
      'one by somebody else is not: the record names who it was',
      { actor: { id: 'b', name: 'bob', ip: null } },
      3000,
      2,
    ],
    ['one of what it does not look at is not', { isOfSurroundings: true }, 3000, 2],
    ['one of another resource is not', { id: vaultId('kv-two') }, 3000, 2],
  ])('%s', async (_name, more, afterMs, messages) => {
    const { handle, sent } = handling(looking(later(5000, true), [], 0));
    void handle(event());
    await vi.advanceTimersByTimeAsync(afterMs);
    void handle(event(more));
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(messages);
  });
});

test('Event Grid has its answer within 20 seconds, and the event is on the queue', async () => {
  const { handle, sent } = handling(() => new Promise(() => undefined));
  const startedAt = Date.now();
  const handled = handle(event());
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await handled).toMatchObject({ kind: 'queued' });
  expect(Date.now() - startedAt).toBeLessThanOrEqual(20_000);
  expect(sent).toMatchObject([{ message: { resourceId: vaultId().id } }]);
});

test('throttling alone never gives a resource up', async () => {
  const world = fakeWorld();
  const engine = createEngine(world.deps);
  let message: ReconcileMessage = {
    v: 1,
    resourceId: vaultId().id,
    correlationId: 'c',
    trigger: 'sweep',
    actor: null,
    remediators: null,
    askedForByName: false,
    attempt: 4,
  };
  for (let round = 1; round <= 10; round += 1) {
    world.readFaults.push(armError('throttled', 6000));
    await engine.reconcile(message);
    const next = world.queue.at(-1);
    expect(next?.message).toMatchObject({ attempt: 4, deferrals: round });
    expect(next?.delayMs).toBeGreaterThanOrEqual(6000);
    message = next?.message ?? message;
  }
  expect(world.poison).toEqual([]);
});
