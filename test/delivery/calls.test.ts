import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callsFor, type Call } from '../../src/delivery/calls.js';
import type { OutboxEntry } from '../../src/delivery/outbox.js';

const SECOND = 1000;
const NOW = Date.parse('2026-11-23T12:00:00.000Z');

function entry(name: string, ago: number, run: string | null = null, resource = name): OutboxEntry {
  const putAt = new Date(NOW - ago * SECOND);
  return { target: 'teams', key: name, recordId: name, digest: '', putAt, run, resource, etag: name };
}

const teams = { name: 'teams', batch: 100 } as const;
const archive = { name: 'archive', batch: 2 } as const;
const namesIn = (calls: readonly Call[]) => calls.map(({ entries }) => entries.map(({ key }) => key));

describe('which records go together', () => {
  test.each<[string, readonly OutboxEntry[], { due: readonly (readonly string[])[]; nextAt: number | null }]>(
    [
      ['nothing waits', [], { due: [], nextAt: null }],
      [
        'few events: a message for each resource',
        [entry('a', 9), entry('b', 8, null, 'a'), entry('c', 7)],
        { due: [['a', 'b'], ['c']], nextAt: null },
      ],
      [
        'events on more than three resources: one message',
        [entry('a', 9), entry('b', 9), entry('c', 9), entry('d', 9)],
        { due: [['a', 'b', 'c', 'd']], nextAt: null },
      ],
      [
        'a sweep that goes on: it waits until nothing has come for two minutes',
        [entry('a', 500, 'run'), entry('b', 119, 'run')],
        { due: [], nextAt: NOW + SECOND },
      ],
      [
        'a sweep that is quiet: one message, however many resources',
        [entry('a', 500, 'run'), entry('b', 120, 'run'), entry('c', 120, 'run'), entry('d', 120, 'run')],
        { due: [['a', 'b', 'c', 'd']], nextAt: null },
      ],
      [
        'a sweep that does not come to rest: what has come in half an hour',
        [entry('a', 1800, 'run'), entry('b', 1, 'run')],
        { due: [['a', 'b']], nextAt: null },
      ],
      [
        'two sweeps: a message each, and an event waits for neither',
        [entry('a', 300, 'one'), entry('b', 290, 'two'), entry('c', 1), entry('d', 30, 'three')],
        { due: [['c'], ['a'], ['b']], nextAt: NOW + 90 * SECOND },
      ],
    ],
  )('for people: %s', (_name, entries, expected) => {
    const { due, nextAt } = callsFor(entries, teams, NOW);
    expect({ due: namesIn(due), nextAt }).toEqual(expected);
  });

  test('for people: a sweep of more than a card holds says in each how many come after it', () => {
    const sweep = ['a', 'b', 'c', 'd', 'e'].map((name) => entry(name, 300, 'run'));
    const { due } = callsFor([...sweep, entry('f', 1)], { ...teams, batch: 2 }, NOW);
    expect(due.map(({ entries, more }) => [entries.length, more])).toEqual([
      [1, 0],
      [2, 3],
      [2, 1],
      [1, 0],
    ]);
  });

  test('for a machine: in order, as many as it takes at once, and nothing waits', () => {
    const entries = [entry('a', 9, 'run'), entry('b', 8), entry('c', 1, 'run')];
    const { due, nextAt } = callsFor(entries, archive, NOW);
    expect(namesIn(due)).toEqual([['a', 'b'], ['c']]);
    expect(nextAt).toBeNull();
  });

  test('each record is in one call at most, no call is too large, and what is in none is waited for', () => {
    const anEntry = fc
      .record({
        ago: fc.nat(4000),
        run: fc.constantFrom(null, 'one', 'two'),
        resource: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      })
      .map(({ ago, run, resource }) => ({ ago, run, resource }));
    fc.assert(
      fc.property(fc.array(anEntry), fc.integer({ min: 1, max: 7 }), (given, batch) => {
        const entries = given.map(({ ago, run, resource }, i) =>
          entry(`${i}`.padStart(3, '0'), ago, run, resource),
        );
        const { due, nextAt } = callsFor(entries, { name: 'teams', batch }, NOW);
        const keys = namesIn(due).flat();
        expect(new Set(keys).size).toBe(keys.length);
        for (const { entries: call } of due) {
          expect(call.length).toBeLessThanOrEqual(batch);
          expect(call.map(({ key }) => key)).toEqual(call.map(({ key }) => key).toSorted());
          expect(new Set(call.map(({ run }) => run)).size).toBe(1);
        }
        expect(keys.length < entries.length).toBe(nextAt !== null);
        if (nextAt !== null) {
          expect(nextAt).toBeGreaterThan(NOW);
          // Then there is more to do, if nothing else comes.
          expect(
            callsFor(entries, { name: 'teams', batch }, nextAt).due.flatMap(({ entries: one }) => one).length,
          ).toBeGreaterThan(keys.length);
        }
      }),
    );
  });
});
