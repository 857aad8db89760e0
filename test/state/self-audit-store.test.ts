import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Alarm, SelfAuditStore } from '../../src/engine/self-audit/ports.js';
import { createSelfAuditStore } from '../../src/state/self-audit-store.js';
import { startAzurite, type Azurite } from './azurite.js';
import { SUBSCRIPTION, vaultIdOf } from './records.js';

const OTHER = '00000000-0000-4000-8000-000000000002';
const ACCEPTANCE = { at: '2026-01-02T03:04:05.678Z', reason: 'it was us', severity: 'high' } as const;
const NEVER = { comparedUntil: null, settledUntil: null };

let azurite: Azurite;
let store: SelfAuditStore;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
beforeEach(() => {
  store = createSelfAuditStore(azurite.newAccount());
});

function anAlarm(id: string, subscriptionId = SUBSCRIPTION): Alarm {
  return {
    id,
    kind: 'unrecorded-write',
    subscriptionId,
    resourceId: vaultIdOf('kv-oné'),
    severity: 'high',
    reason: 'No record. й',
    step: 'Look.',
    since: '2026-01-02T03:04:05.678Z',
    operation: {
      action: 'a/write',
      at: null,
      caller: null,
      ip: null,
      correlationId: null,
      clientRequestId: null,
    },
    accepted: null,
  };
}

describe('how far it has come', () => {
  it('keeps which subscription was begun last, and when', async () => {
    expect(await store.lastBegun()).toBeNull();
    const at = new Date('2026-01-02T03:04:05.678Z');
    await store.noteBegun({ subscriptionId: SUBSCRIPTION, at: new Date(0) });
    await store.noteBegun({ subscriptionId: OTHER, at });
    expect(await store.lastBegun()).toEqual({ subscriptionId: OTHER, at });
    expect(await store.readProgress(OTHER)).toEqual(NEVER);
    expect(await store.alarms()).toEqual([]);
  });

  it('is nowhere at first, and then where it was left, by subscription', async () => {
    expect(await store.readProgress(SUBSCRIPTION)).toEqual(NEVER);
    const progress = { comparedUntil: new Date('2026-01-02T03:04:05.678Z'), settledUntil: null };
    await store.writeProgress(SUBSCRIPTION, progress);
    expect(await store.readProgress(SUBSCRIPTION)).toEqual(progress);
    expect(await store.readProgress(OTHER)).toEqual(NEVER);
  });
});

it('the ids that the identity has had are kept, each with when it was its own last', async () => {
  expect(await store.ownIds()).toEqual(new Map());
  const [earlier, later] = [new Date('2026-01-02T03:04:05.678Z'), new Date('2026-01-02T04:04:05.678Z')];
  await store.noteOwnId('one', earlier);
  await store.noteOwnId('two', earlier);
  await store.noteOwnId('two', later);
  expect(await store.ownIds()).toEqual(
    new Map([
      ['one', earlier],
      ['two', later],
    ]),
  );
  expect(await store.alarms()).toEqual([]);
});

describe('an alarm', () => {
  it('comes back as it was added, once, and not among another subscription’s', async () => {
    expect(await store.alarms()).toEqual([]);
    const [one, two] = [anAlarm('aa'), anAlarm('bb', OTHER)];
    await store.writeProgress(SUBSCRIPTION, NEVER);
    await store.add(one);
    await store.add({ ...one, reason: 'another' });
    await store.add(two);
    expect(await store.alarms()).toEqual([one, two]);
    expect(await store.alarms(SUBSCRIPTION)).toEqual([one]);
  });

  it('is accepted, and stays so when it is found again', async () => {
    const alarm = anAlarm('aa');
    expect(await store.accept(alarm, ACCEPTANCE)).toBe(false);
    await store.add(alarm);
    expect(await store.accept(alarm, ACCEPTANCE)).toBe(true);
    await store.add(alarm);
    expect(await store.alarms()).toEqual([{ ...alarm, accepted: ACCEPTANCE }]);
  });

  it('is removed, also where it is not there', async () => {
    await store.add(anAlarm('aa'));
    await store.remove(anAlarm('aa'));
    await store.remove(anAlarm('aa'));
    expect(await store.alarms()).toEqual([]);
  });
});

describe('a repeated write', () => {
  const writeAt = (at: string, writeId = at) => ({
    writeId,
    at: new Date(at),
    resourceId: vaultIdOf('kv-one'),
    recordIds: ['one', 'two'],
  });
  const range = (from: string, to: string) => ({ from: new Date(from), to: new Date(to) });
  const times = ['2026-01-01T23:30:00.000Z', '2026-01-02T00:10:00.000Z', '2026-01-02T09:00:00.000Z'] as const;

  beforeEach(async () => {
    for (const at of times) await store.noteRepeated(writeAt(at));
  });

  it('is found by its time, also around midnight', async () => {
    const found = await store.repeatedWrites(range('2026-01-01T23:00:00.000Z', '2026-01-02T01:00:00.000Z'));
    expect(found).toEqual([writeAt(times[0]), writeAt(times[1])]);
  });

  it('is forgotten with its day', async () => {
    await store.add(anAlarm('aa'));
    await store.forgetRepeatedBefore(new Date('2026-01-02T12:00:00.000Z'));
    const all = await store.repeatedWrites(range('2026-01-01T00:00:00.000Z', '2026-01-03T00:00:00.000Z'));
    expect(all).toEqual([writeAt(times[1]), writeAt(times[2])]);
    expect(await store.alarms()).toHaveLength(1);
  });
});
