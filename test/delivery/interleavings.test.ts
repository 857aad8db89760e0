import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDelivery } from '../../src/delivery/delivery.js';
import type { DeliveryTarget } from '../../src/delivery/target.js';
import { DeliveryError } from '../../src/delivery/target.js';
import { createWake } from '../../src/delivery/wake.js';
import { withOutbox } from '../../src/delivery/with-outbox.js';
import { digestOf } from '../../src/engine/record/record-digest.js';
import type { AuditLog } from '../../src/engine/ports/audit-log.js';
import type { AuditRecord } from '../../src/types/record.js';
import { aRecord } from '../state/records.js';
import { AT_ONCE, fakeDelivery, type FakeDelivery, type Gate } from './fake-delivery.js';

/*
 * Writers and deliverers at once, in any order of their calls to the storage account, each of which may be the last that
 * its process makes. Whatever happens: the last state of each record is delivered after the record came into it.
 */

type State = 'pending' | 'applied' | 'refused A' | 'refused B';

/** What becomes of one record, in turn: a change, or one that Azure would not take and that is tried again. */
const LIVES: readonly (readonly State[])[] = [
  ['pending', 'applied'],
  ['applied'],
  ['refused A'],
  ['pending', 'refused A', 'pending', 'refused A'],
  ['pending', 'refused A', 'pending', 'refused B'],
  ['refused A', 'pending', 'refused B', 'pending', 'refused A'],
];

/** So long that some seconds are over while others are at it. */
const CALL_MS = 900;

const never = new Promise<never>(() => undefined);

interface Plan {
  readonly lives: readonly (readonly State[])[];
  /** For each process, after which of its calls it dies, and whether that call still has its effect; null: it lives. */
  readonly deaths: readonly ({ readonly call: number; readonly hasEffect: boolean } | null)[];
  readonly deliverers: number;
  readonly isLeaseKept: boolean;
  readonly failures: number;
  readonly target: 'archive' | 'teams';
}

const death = fc.option(fc.record({ call: fc.integer({ min: 1, max: 14 }), hasEffect: fc.boolean() }), {
  freq: 2,
});

const plans = (isSafe: boolean): fc.Arbitrary<Plan> =>
  fc.record({
    lives: fc.array(fc.constantFrom(...LIVES), { minLength: 1, maxLength: 4 }),
    deaths: isSafe ? fc.constant([]) : fc.array(death, { maxLength: 8 }),
    deliverers: fc.nat(3),
    isLeaseKept: isSafe ? fc.constant(true) : fc.boolean(),
    failures: fc.nat(2),
    target: fc.constantFrom('archive', 'teams'),
  });

interface Happened {
  readonly recordId: string;
  /** Null: pending. */
  readonly digest: string | null;
  readonly kind: 'written' | 'delivered';
}

function recordIn(state: State, base: AuditRecord): AuditRecord {
  if (state === 'pending' || state === 'applied') return { ...base, outcome: state };
  return { ...base, outcome: 'refused', error: state };
}

/** All of a plan, from the first call to when nothing is left to do; what happened, in order. */
async function play(
  plan: Plan,
  scheduler: fc.Scheduler,
): Promise<{ world: FakeDelivery; happened: Happened[] }> {
  const world = fakeDelivery();
  const happened: Happened[] = [];
  let failures = plan.failures;
  const target: DeliveryTarget = {
    name: plan.target,
    batch: 2,
    deliver: (records) => {
      if (failures > 0) {
        failures -= 1;
        return Promise.reject(new DeliveryError('down', 'transient'));
      }
      for (const record of records)
        happened.push({ recordId: record.id, digest: digestOf(record), kind: 'delivered' });
      return Promise.resolve();
    },
  };
  let processes = 0;

  function start(isCalm = false) {
    const dies = isCalm ? null : (plan.deaths[processes] ?? null);
    processes += 1;
    let calls = 0;
    const gate: Gate = async (name, work) => {
      calls += 1;
      if (dies !== null && calls > dies.call) return never;
      if (!isCalm) await scheduler.schedule(Promise.resolve(), name);
      world.clock.now += CALL_MS;
      if (dies?.call !== calls) return work();
      if (dies.hasEffect) work();
      return never;
    };
    const ports = world.portsFor(isCalm ? AT_ONCE : gate, isCalm || plan.isLeaseKept);
    const log: Pick<AuditLog, 'write'> = {
      write: async (records) => {
        // Noted in the moment of its effect.
        for (const record of records)
          await (isCalm ? AT_ONCE : gate)('write', () => {
            world.records.set(record.id, record);
            const digest = record.outcome === 'pending' ? null : digestOf(record);
            happened.push({ recordId: record.id, digest, kind: 'written' });
          });
      },
    };
    const wake = createWake(ports.queue, ports.now);
    const audit = withOutbox(log as AuditLog, ports.outbox, [plan.target], wake);
    return { audit, delivery: createDelivery(ports, [target], wake) };
  }

  const base = plan.lives.map((_, i) =>
    aRecord({ time: new Date(world.clock.now + i).toISOString(), resourceId: `/vaults/${i}` }),
  );
  const write = async (life: readonly State[], record: AuditRecord): Promise<void> => {
    const { audit } = start();
    for (const state of life) await audit.write([recordIn(state, record)]);
  };
  /** A host that polls the queue some times; what it takes is another process's. */
  const deliver = async (): Promise<void> => {
    for (let polls = 0; polls < 4; polls += 1) {
      await scheduler.schedule(Promise.resolve(), 'poll');
      const due = world.messages.findIndex(({ at }) => at <= world.clock.now);
      const [taken] = due < 0 ? [] : world.messages.splice(due, 1);
      if (taken !== undefined) await start().delivery.deliver(taken.message);
    }
  };
  const work = [
    ...plan.lives.map((life, i) => write(life, base[i] ?? aRecord())),
    ...Array.from({ length: plan.deliverers }, deliver),
  ];
  void Promise.allSettled(work);
  await scheduler.waitIdle();

  // What died held its lease for a minute; the next sweep settles what was left open, and looks.
  const calm = start(true);
  if (plan.deaths.some((one) => one !== null) || !plan.isLeaseKept) {
    world.clock.now += 61_000;
    world.held.clear();
    for (const record of [...world.records.values()])
      if (record.outcome === 'pending') await calm.audit.write([recordIn('refused B', record)]);
    await calm.delivery.wake();
  }
  // From here on the queue alone keeps it going.
  for (let turns = 0; world.messages.length > 0; turns += 1) {
    if (turns > 200) throw new Error('The messages do not come to an end.');
    const next = world.messages.reduce((a, b) => (b.at < a.at ? b : a));
    world.messages.splice(world.messages.indexOf(next), 1);
    world.clock.now = Math.max(world.clock.now, Math.ceil(next.at / 1000) * 1000);
    await calm.delivery.deliver(next.message);
  }
  return { world, happened };
}

/**
 * A record whose last state the target was not told after it came into it, and was not told last either (one that left the
 * state and came back before anybody had told of it); null where there is none.
 */
function undelivered(world: FakeDelivery, happened: readonly Happened[]): string | null {
  for (const record of world.records.values()) {
    const own = happened.filter(({ recordId }) => recordId === record.id);
    const last = digestOf(record);
    const isOther = ({ kind, digest }: Happened): boolean =>
      kind === 'written' && digest !== null && digest !== last;
    const since = own.findLastIndex(isOther);
    if (own.findLast(({ kind }) => kind === 'delivered')?.digest === last) continue;
    if (!own.slice(since + 1).some(({ kind, digest }) => kind === 'delivered' && digest === last))
      return `${record.outcome} ${String(record.error)}: ${JSON.stringify(own)}`;
  }
  return null;
}

test('nothing is lost, whoever dies and whoever loses a lease: the last state is delivered after the last change', async () => {
  await fc.assert(
    fc.asyncProperty(plans(false), fc.scheduler(), async (plan, scheduler) => {
      const { world, happened } = await play(plan, scheduler);
      expect(undelivered(world, happened)).toBeNull();
      expect([...world.entries.values()]).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test('where nobody dies, each state is delivered once, and by the messages alone', async () => {
  await fc.assert(
    fc.asyncProperty(plans(true), fc.scheduler(), async (plan, scheduler) => {
      const { world, happened } = await play(plan, scheduler);
      expect(undelivered(world, happened)).toBeNull();
      for (const id of world.records.keys()) {
        const states = happened
          .filter(({ recordId, kind }) => recordId === id && kind === 'delivered')
          .map(({ digest }) => digest);
        expect(states.filter((digest, i) => digest === states[i - 1])).toEqual([]);
      }
    }),
    { numRuns: 400 },
  );
});
