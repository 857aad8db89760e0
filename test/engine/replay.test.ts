import { describe, expect, test } from 'vitest';
import { listDeadLetters } from '../../src/engine/dead-letters/list-dead-letters.js';
import { MOST_REPLAYED, replay } from '../../src/engine/dead-letters/replay.js';
import type { DeadLetters, ListedDeadLetter } from '../../src/engine/ports/dead-letters.js';
import type { ReconcileMessage, SweepMessage } from '../../src/engine/ports/queue.js';
import { vaultId } from './fake-world.js';

const STORED_AT = new Date('2026-11-26T12:00:00Z');

const eventOf = (name: string): string =>
  JSON.stringify([
    {
      eventType: 'Microsoft.Resources.ResourceWriteSuccess',
      data: { resourceUri: vaultId(name).id, correlationId: `c-${name}` },
      deadLetterReason: 'MaxDeliveryAttemptsExceeded',
    },
  ]);

/** Dead letters in a map, and a queue; `steps` says in which order what was done. */
function aStore(letters: Record<string, string>) {
  const stored = new Map(Object.entries(letters));
  const sent: (ReconcileMessage | SweepMessage)[] = [];
  const steps: string[] = [];
  const state = { now: STORED_AT.getTime(), isQueueDown: false, isStoreReadOnly: false };
  const deadLetters: DeadLetters = {
    gather: () => Promise.resolve(),
    page: (limit, token) => {
      const names = [...stored.keys()].sort().filter((name) => token === null || name > token);
      const listed = names
        .slice(0, limit)
        .map((name): ListedDeadLetter => ({ source: 'undelivered', name, storedAt: STORED_AT }));
      const last = names.length > limit ? (listed.at(-1)?.name ?? null) : null;
      return Promise.resolve({ letters: listed, continuationToken: last });
    },
    read: ({ name }) => {
      steps.push(`read ${name}`);
      const text = stored.get(name);
      return Promise.resolve(text === undefined ? { kind: 'gone' } : { kind: 'text', text, etag: '1' });
    },
    remove: ({ name }) => {
      if (state.isStoreReadOnly) return Promise.reject(new Error('read-only'));
      steps.push(`remove ${name}`);
      stored.delete(name);
      return Promise.resolve();
    },
  };
  const queue = {
    send: (message: ReconcileMessage | SweepMessage) => {
      if (state.isQueueDown) return Promise.reject(new Error('down'));
      steps.push('send');
      sent.push(message);
      return Promise.resolve();
    },
    poison: () => Promise.resolve(),
  };
  return { deps: { deadLetters, queue, now: () => new Date(state.now) }, stored, sent, steps, state };
}

const many = (count: number, text: (i: number) => string, prefix = 'x'): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`${prefix}${String(i).padStart(5, '0')}.json`, text(i)]),
  );

describe('a replay', () => {
  test('queues first and removes then', async () => {
    const { deps, steps, stored } = aStore({ 'a.json': eventOf('kv-a') });
    expect(await replay(deps, null)).toEqual({ replayed: 1, queued: 1, problems: [], missing: [], left: 0 });
    expect(steps).toEqual(['read a.json', 'send', 'remove a.json']);
    expect(stored.size).toBe(0);
  });

  test('loses nothing where the queue is down', async () => {
    const { deps, stored, state } = aStore({ 'a.json': eventOf('kv-a') });
    state.isQueueDown = true;
    await expect(replay(deps, null)).rejects.toThrow('down');
    expect(stored.size).toBe(1);
  });

  test('loses nothing where the removal fails: the next one looks once more', async () => {
    const { deps, stored, sent, state } = aStore({ 'a.json': eventOf('kv-a') });
    state.isStoreReadOnly = true;
    await expect(replay(deps, null)).rejects.toThrow('read-only');
    state.isStoreReadOnly = false;
    expect(await replay(deps, null)).toMatchObject({ replayed: 1 });
    expect([stored.size, sent.length]).toEqual([0, 2]);
  });

  test('removes what is about nothing that Holdfast watches, as its delivery would have ended', async () => {
    const nothing = eventOf('kv-a').replace('KeyVault/vaults', 'Storage/storageAccounts');
    const { deps, stored, sent } = aStore({ 'a.json': nothing });
    expect(await replay(deps, null)).toMatchObject({ replayed: 1, queued: 0 });
    expect([stored.size, sent]).toEqual([0, []]);
  });

  test('leaves what is malformed where it is, and that keeps nobody else', async () => {
    const bad = many(250, () => '{', 'a');
    const { deps, stored } = aStore({ ...bad, ...many(5, (i) => eventOf(`kv-${i}`), 'z') });
    const result = await replay(deps, null);
    expect(result).toMatchObject({ replayed: 5, queued: 5, left: 0 });
    expect(result.problems[0]).toEqual({ id: 'undelivered/a00000.json', problem: 'It is not JSON.' });
    expect([...stored.keys()]).toEqual(Object.keys(bad));
  });

  test('is bounded, and says how many are left', async () => {
    const { deps, sent } = aStore(many(1234, (i) => eventOf(`kv-${i}`)));
    const first = await replay(deps, null);
    expect([first.replayed, first.left]).toEqual([MOST_REPLAYED, 1234 - MOST_REPLAYED]);
    const lefts: number[] = [];
    for (let { left } = first; left > 0 && lefts.length < 20;) {
      ({ left } = await replay(deps, null));
      lefts.push(left);
    }
    expect(lefts).toHaveLength(12);
    expect(new Set(sent.map((message) => message.correlationId)).size).toBe(1234);
  });

  test('begins nothing more after twenty seconds', async () => {
    const { deps, state } = aStore(many(40, (i) => eventOf(`kv-${i}`)));
    const send = deps.queue.send;
    deps.queue.send = (message) => {
      state.now += 2000;
      return send(message);
    };
    expect(await replay(deps, null)).toMatchObject({ replayed: 16, left: 24 });
  });

  test('of ids takes those alone, once each, and names those that are not there', async () => {
    const { deps, stored } = aStore({ 'a.json': eventOf('kv-a'), 'b.json': eventOf('kv-b'), 'c.json': '{' });
    const ids = [
      'undelivered/a.json',
      'undelivered/a.json',
      'undelivered/c.json',
      'undelivered/z.json',
      'elsewhere/a.json',
    ];
    expect(await replay(deps, ids)).toEqual({
      replayed: 1,
      queued: 1,
      problems: [{ id: 'undelivered/c.json', problem: 'It is not JSON.' }],
      missing: ['elsewhere/a.json', 'undelivered/z.json'],
      left: 0,
    });
    expect([...stored.keys()]).toEqual(['b.json', 'c.json']);
  });

  test('of two callers at once leaves nothing, and asks for each look once or twice', async () => {
    const { deps, stored, sent } = aStore(many(50, (i) => eventOf(`kv-${i}`)));
    const results = await Promise.all([replay(deps, null), replay(deps, null)]);
    expect(results.map(({ left, problems, missing }) => [left, problems, missing])).toEqual([
      [0, [], []],
      [0, [], []],
    ]);
    expect(stored.size).toBe(0);
    expect(new Set(sent.map(({ correlationId }) => correlationId)).size).toBe(50);
    expect(sent.length).toBeLessThanOrEqual(100);
  });
});

test('a list shows good and bad, page by page, and changes nothing', async () => {
  const { deps, stored, steps } = aStore({
    'a.json': '{',
    'b.json': eventOf('kv-b'),
    'c.json': eventOf('kv-c'),
  });
  const first = await listDeadLetters(deps, { limit: 2 });
  expect(first.deadLetters).toMatchObject([
    { id: 'undelivered/a.json', problem: 'It is not JSON.', items: [], count: 0 },
    { id: 'undelivered/b.json', problem: null, count: 1, storedAt: '2026-11-26T12:00:00.000Z' },
  ]);
  const rest = await listDeadLetters(deps, { limit: 2, continuationToken: first.continuationToken ?? '' });
  expect(rest.deadLetters.map(({ id }) => id)).toEqual(['undelivered/c.json']);
  expect(rest.continuationToken).toBeNull();
  expect([stored.size, steps.filter((step) => !step.startsWith('read'))]).toEqual([3, []]);
});
