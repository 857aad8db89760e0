import { describe, expect, test } from 'vitest';
import { createDelivery } from '../../src/delivery/delivery.js';
import { sendInParts } from '../../src/delivery/send-in-parts.js';
import { DeliveryError, type DeliveryTarget } from '../../src/delivery/target.js';
import { createWake } from '../../src/delivery/wake.js';
import { digestOf } from '../../src/engine/record/record-digest.js';
import { DamagedRowError, NewerVersionError } from '../../src/engine/ports/stored.js';
import type { AuditRecord } from '../../src/types/record.js';
import { aRecord } from '../state/records.js';
import { AT_ONCE, fakeDelivery, fakeTarget, type Gate } from './fake-delivery.js';

const ALL = { v: 1, target: null, wakeAt: null } as const;
const SECOND = 1000;

function setUp(...targets: readonly DeliveryTarget[]) {
  const world = fakeDelivery();
  const names = targets.map(({ name }) => name);
  const deliveryWith = (gate: Gate) => {
    const ports = world.portsFor(gate);
    return createDelivery(ports, targets, createWake(ports.queue, ports.now));
  };
  const ports = world.portsFor(AT_ONCE);
  let count = 0;
  /** As an engine does: announced, then written. */
  const record = async (about: Partial<AuditRecord> = {}): Promise<AuditRecord> => {
    count += 1;
    const time = new Date(world.clock.now + count).toISOString();
    const made = aRecord({ time, resourceId: `/vaults/${count}`, ...about });
    await ports.outbox.put(names, [made]);
    await ports.audit.write([made]);
    return made;
  };
  return { world, ports, record, delivery: deliveryWith(AT_ONCE), deliveryWith };
}

const down = (retryAfterMs: number | null = null) =>
  new DeliveryError('It is down.', 'transient', retryAfterMs);

/** Refuses records whose error is `bad`, by themselves or with others. */
const refuseBad = (records: readonly AuditRecord[]): void => {
  if (records.some(({ error }) => error === 'bad')) throw new DeliveryError('It is bad.', 'rejected');
};

/** A target that finds out by itself which records it does not take. */
const targetInParts = (take: (part: readonly AuditRecord[]) => void) =>
  fakeTarget('event-grid', 100, (records) =>
    sendInParts(
      records.map((value) => ({ value, bytes: 1 })),
      1000,
      (part) => {
        take(part);
        return Promise.resolve();
      },
    ),
  );

test('what was put in for all targets is shared out before they have their turn, among those that are configured', async () => {
  const { world, delivery } = setUp(fakeTarget('archive', 100), fakeTarget('teams', 100));
  await delivery.deliver({ v: 1, target: 'teams', wakeAt: null });
  expect(world.sharedOut).toEqual([]);
  await delivery.deliver(ALL);
  expect(world.sharedOut).toEqual([['archive', 'teams']]);
  const none = setUp();
  await none.delivery.deliver(ALL);
  expect(none.world.sharedOut).toEqual([]);
});

describe('what a target will never take', () => {
  test('is put aside, and keeps none of the others back', async () => {
    const target = fakeTarget('archive', 100, refuseBad);
    const { world, record, delivery } = setUp(target);
    const good = [await record(), await record()];
    const bad = await record({ error: 'bad' });
    good.push(await record(), await record());
    await delivery.deliver(ALL);
    expect(target.calls.flat()).toEqual(good);
    expect([...world.aside]).toEqual([[bad.id, 'It is bad.']]);
    expect(world.entries.size).toBe(0);
    expect(world.told).toContainEqual({ rejected: bad.id, target: 'archive', error: 'It is bad.' });
  });

  test.each([
    ['first', 0],
    ['in the middle', 2],
    ['last', 4],
  ])(
    'is put aside where the target takes the others by itself, and nothing comes twice: %s',
    async (_, at) => {
      const taken: string[] = [];
      const target = targetInParts((part) => {
        refuseBad(part);
        taken.push(...part.map(({ id }) => id));
      });
      const { world, record, delivery } = setUp(target);
      const all = [];
      for (let i = 0; i < 5; i += 1) all.push(await record(i === at ? { error: 'bad' } : {}));
      await delivery.deliver(ALL);
      expect(taken).toEqual(all.filter(({ error }) => error === null).map(({ id }) => id));
      expect([...world.aside.keys()]).toEqual([all[at]?.id]);
      expect(world.entries.size).toBe(0);
    },
  );

  test('is kept while the target takes nothing at all: then it may be the set-up', async () => {
    const { world, record, delivery } = setUp(targetInParts(refuseBad));
    await record({ error: 'bad' });
    await record({ error: 'bad' });
    await delivery.deliver(ALL);
    expect(world.aside.size).toBe(0);
    expect(world.entries.size).toBe(2);
  });

  test('is tried again once it has become something else', async () => {
    const target = fakeTarget('archive', 100, refuseBad);
    const { record, ports, delivery } = setUp(target);
    const bad = await record({ error: 'bad' });
    await delivery.deliver(ALL);
    const mended = { ...bad, error: null };
    await ports.outbox.put(['archive'], [mended]);
    await ports.audit.write([mended]);
    await delivery.deliver(ALL);
    expect(target.calls).toEqual([[mended]]);
  });
});

describe('a target that is down', () => {
  test('loses nothing, is left alone for ever longer, and then has all of it', async () => {
    let isDown = true;
    const target = fakeTarget('archive', 2, () => {
      if (isDown) throw down();
    });
    const { world, record, delivery } = setUp(target);
    const records = [await record(), await record(), await record()];
    const pauses: number[] = [];
    await delivery.deliver(ALL);
    for (let i = 0; i < 12; i += 1) {
      const next = world.messages.shift();
      if (next === undefined) throw new Error('Nobody comes back.');
      expect(next.message.target).toBe('archive');
      pauses.push(next.at - world.clock.now);
      world.clock.now = next.at;
      if (i === 11) isDown = false;
      await delivery.deliver(next.message);
    }
    expect(pauses.slice(0, 9).every((pause, i) => i === 0 || pause > 1.5 * (pauses[i - 1] ?? 0))).toBe(true);
    expect(Math.max(...pauses)).toBe(3600 * SECOND);
    expect(target.calls.flat()).toEqual(records);
    expect(world.states.get('archive')).toMatchObject({ failures: 0, notBefore: null });
  });

  test('is not asked before the time that it has named, whoever comes', async () => {
    const target = fakeTarget('archive', 2, () => {
      throw down(120 * SECOND);
    });
    const asked: number[] = [];
    const watched: DeliveryTarget = {
      ...target,
      deliver: (records, signal) => {
        asked.push(world.clock.now);
        return target.deliver(records, signal);
      },
    };
    const { world, record, delivery } = setUp(watched);
    const start = world.clock.now;
    await record();
    for (let i = 0; i < 25; i += 1) {
      await delivery.deliver(ALL);
      world.clock.now += 5 * SECOND;
    }
    expect(asked).toEqual([start, start + 120 * SECOND]);
    // One message that comes back for each, and not one for each that came.
    expect(world.messages.map(({ at }) => at - start)).toEqual([120 * SECOND, 240 * SECOND]);
  });

  test('whoever comes too early by his clock is sent again', async () => {
    const target = fakeTarget('archive', 2, () => {
      throw down(120 * SECOND);
    });
    const { world, record, delivery } = setUp(target);
    await record();
    await delivery.deliver(ALL);
    const first = world.messages[0];
    world.clock.now += 100 * SECOND;
    await delivery.deliver(first?.message);
    expect(world.messages.map(({ at }) => at)).toEqual([first?.at, first?.at]);
  });

  test('does not hold up the others', async () => {
    const broken = fakeTarget('teams', 2, () => {
      throw down();
    });
    const good = fakeTarget('archive');
    const { world, record, delivery } = setUp(broken, good);
    const made = await record();
    await delivery.deliver(ALL);
    expect(good.calls).toEqual([[made]]);
    expect([...world.entries.values()].map(({ target }) => target)).toEqual(['teams']);
  });

  test('in a way that it does not know itself: what it said is not passed on', async () => {
    const target = fakeTarget('archive', 2, () => {
      throw new TypeError('https://secret.example/?sig=hunter2');
    });
    const { world, record, delivery } = setUp(target);
    await record();
    await delivery.deliver(ALL);
    expect(world.told).toMatchObject([
      { failed: 'It failed with a TypeError.', target: 'archive', failures: 1 },
    ]);
    expect(JSON.stringify(world.told)).not.toContain('hunter2');
  });

  test('that has taken something since begins with the shortest pause', async () => {
    let calls = 0;
    const target = fakeTarget('archive', 1, () => {
      calls += 1;
      if (calls !== 4) throw down();
    });
    const { world, record, delivery } = setUp(target);
    await record();
    await record();
    await delivery.deliver(ALL);
    for (let i = 0; i < 3; i += 1) {
      world.clock.now = world.messages.at(-1)?.at ?? 0;
      await delivery.deliver(world.messages.at(-1)?.message);
    }
    expect(world.told.map(({ failures }) => failures)).toEqual([1, 2, 3, undefined, 1]);
  });

  test('is shown after each run: since when, with what it said, and how much waits; and no more once it is well', async () => {
    let isDown = true;
    const target = fakeTarget('archive', 1, () => {
      if (isDown) throw down();
    });
    const { world, record, delivery } = setUp(target);
    const since = new Date(world.clock.now);
    await record();
    await record();
    for (let i = 0; i < 3; i += 1) {
      await delivery.deliver(world.messages.at(-1)?.message ?? ALL);
      world.clock.now = world.messages.at(-1)?.at ?? 0;
    }
    expect(world.backlogs.map(({ failures }) => failures)).toEqual([1, 2, 3]);
    expect(world.backlogs.at(-1)).toMatchObject({
      waiting: 2,
      failingSince: since,
      lastError: down().message,
    });
    isDown = false;
    await delivery.deliver(world.messages.at(-1)?.message);
    expect(world.backlogs.at(-1)).toMatchObject({
      waiting: 0,
      failures: 0,
      failingSince: null,
      lastError: null,
      nextTry: null,
    });
  });
});

describe('what a target was told, and what was set aside for it', () => {
  test('is forgotten after a hundred days, and looked for once a day', async () => {
    const { world, delivery } = setUp(fakeTarget('archive'));
    const began = world.clock.now;
    for (const hours of [0, 1, 23, 24, 25]) {
      world.clock.now = began + hours * 3_600_000;
      await delivery.deliver(ALL);
    }
    const before = (hours: number): Date => new Date(began + hours * 3_600_000 - 100 * 86_400_000);
    expect(world.forgotten).toEqual([before(0), before(24)]);
  });
});

describe('a sweep that goes on', () => {
  test('is waited for by one message, however many records announce it', async () => {
    const target = fakeTarget('teams');
    const { world, record, delivery } = setUp(target);
    const start = world.clock.now;
    const sweep = { trigger: 'sweep', correlationId: 'run' } as const;
    const records: AuditRecord[] = [];
    for (let i = 0; i < 12; i += 1) {
      records.push(await record(sweep));
      await delivery.deliver(ALL);
      world.clock.now += 20 * SECOND;
    }
    expect(target.calls).toEqual([]);
    while (world.messages.length > 0 && target.calls.length === 0) {
      const next = world.messages.shift();
      world.clock.now = Math.max(world.clock.now, next?.at ?? 0);
      await delivery.deliver(next?.message);
    }
    expect(target.calls).toEqual([records]);
    expect(world.clock.now - start).toBe((11 * 20 + 120) * SECOND);
    expect(world.messages).toEqual([]);
  });
});

describe('two at once', () => {
  test('what was announced to somebody who found the lease held is delivered by whoever held it', async () => {
    const target = fakeTarget('archive');
    const { record, delivery, deliveryWith } = setUp(target);
    let late: AuditRecord | null = null;
    const holder = deliveryWith(async (name, work) => {
      if (name === 'release' && late === null) {
        late = await record();
        await delivery.deliver(ALL);
        expect(target.calls).toEqual([[first]]);
      }
      return work();
    });
    const first = await record();
    await holder.deliver(ALL);
    expect(target.calls).toEqual([[first], [late]]);
  });

  test('who dies between telling and noting it leaves nobody believing that the old is what was told last', async () => {
    const target = fakeTarget('archive');
    const { world, record, ports, delivery, deliveryWith } = setUp(target);
    const announce = async (state: AuditRecord): Promise<void> => {
      await ports.outbox.put(['archive'], [state]);
      await ports.audit.write([state]);
    };
    const before = await record({ outcome: 'refused', error: 'A' });
    await delivery.deliver(ALL);
    const after = { ...before, error: 'B' };
    await announce(after);
    const dying = deliveryWith((name, work) =>
      target.calls.length === 2 && name !== 'find'
        ? new Promise<never>(() => undefined)
        : AT_ONCE(name, work),
    );
    void dying.deliver(ALL);
    await expect.poll(() => target.calls).toEqual([[before], [after]]);
    world.held.clear();
    await announce(before);
    await delivery.deliver(ALL);
    expect(target.calls).toEqual([[before], [after], [before]]);
    expect([...world.marks.values()].map(({ digest }) => digest)).toEqual([digestOf(before)]);
  });
});

describe('a refusal that was tried again and put back as it was', () => {
  test.each(['refused', 'failed'] as const)('%s: nobody is told anew', async (outcome) => {
    const target = fakeTarget('teams');
    const { world, record, ports, delivery } = setUp(target);
    const refused = await record({ outcome, error: 'A lock is in the way.' });
    await delivery.deliver(ALL);
    await ports.outbox.put(['teams'], [refused]);
    await delivery.deliver(ALL);
    expect(target.calls).toEqual([[refused]]);
    expect(world.entries.size).toBe(0);
  });
});

test.each([
  ['a newer Holdfast has written', new NewerVersionError('newer')],
  ['something else has changed', new DamagedRowError('damaged')],
])('a record that %s waits, and keeps none of the others back', async (_name, error) => {
  const target = fakeTarget('archive', 1);
  const { world, record, delivery } = setUp(target);
  const hidden = await record();
  const good = await record();
  world.unreadable.set(hidden.id, error);
  await delivery.deliver(ALL);
  expect(target.calls).toEqual([[good]]);
  expect([...world.entries.values()].map(({ recordId }) => recordId)).toEqual([hidden.id]);
  expect(world.told).toContainEqual({ unreadable: hidden.id, target: 'archive', error: error.message });
});

test('a storage account that is down is the Functions host’s to try again, after all targets had their turn', async () => {
  const [first, second] = [fakeTarget('archive'), fakeTarget('teams')];
  const { record, deliveryWith } = setUp(first, second);
  const made = await record();
  let isFirst = true;
  const shaky = deliveryWith((name, work) => {
    if (name !== 'state' || !isFirst) return AT_ONCE(name, work);
    isFirst = false;
    return Promise.reject(new Error('The storage account is down.'));
  });
  await expect(shaky.deliver(ALL)).rejects.toThrow('The storage account is down.');
  expect(second.calls).toEqual([[made]]);
});

describe('a message', () => {
  test.each([
    ['of a newer version', { ...ALL, v: 2 }, 'has version 2; this code knows 1'],
    ['without a target', { v: 1 }, 'target'],
    ['for a target that nobody knows', { ...ALL, target: 'pager' }, 'target'],
    ['that is no object', 'deliver', 'cannot be read'],
  ])('%s is not guessed at', async (_name, message, why) => {
    const { delivery } = setUp(fakeTarget('archive'));
    await expect(delivery.deliver(message)).rejects.toThrow(why);
  });

  test('for a target that is not configured any more is done with', async () => {
    const { world, delivery } = setUp(fakeTarget('archive'));
    await delivery.deliver({ ...ALL, target: 'teams' });
    expect(world.told).toEqual([]);
  });

  test('is not sent where no target is configured', async () => {
    const { world, delivery } = setUp();
    await delivery.wake();
    expect(world.messages).toEqual([]);
  });
});
