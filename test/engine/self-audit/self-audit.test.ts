import { describe, expect, it, test } from 'vitest';
import { acceptFinding, listFindings } from '../../../src/engine/findings.js';
import { postureOf } from '../../../src/engine/posture.js';
import type { Alarm } from '../../../src/engine/self-audit/ports.js';
import { inTurn, selfAudit } from '../../../src/engine/self-audit/self-audit.js';
import { armError, fakeWorld, SUBSCRIPTION, vaultId } from '../fake-world.js';
import { after, anEvent, aRecord, AT } from './events.js';

const HOUR = 3_600_000;

/** A world that was compared up to ten minutes before {@link AT}, and in which it is two hours later. */
function audited(hours = 2) {
  const world = fakeWorld();
  const at = { now: after(hours * 60) };
  const deps = { ...world.deps, now: () => at.now };
  const before = after(-10);
  world.audited.set(SUBSCRIPTION, { comparedUntil: before, settledUntil: before });
  return {
    ...world,
    deps,
    run: () => selfAudit(deps, new AbortController().signal),
    wait: (ms: number) => {
      at.now = new Date(at.now.getTime() + ms);
    },
    reasons: () =>
      world.raised.map(({ severity, resourceId }) => `${severity} ${resourceId.split('/').at(-1) ?? ''}`),
  };
}
type Audited = ReturnType<typeof audited>;

async function record({ deps }: Audited, about: Parameters<typeof aRecord>[0] = {}) {
  const made = aRecord(about);
  await deps.audit.write([made]);
  return made;
}

const findings = ({ deps }: Audited, accepted = false) =>
  listFindings(deps, { accepted, limit: 100 }).then((page) => page.findings);

describe('a write that has no record', () => {
  it('is said once, stands open, and is gone when somebody accepts it', async () => {
    const world = audited();
    const event = anEvent();
    world.activity.push(event, anEvent({ ...event, status: 'Started' }));
    expect(await world.run()).toMatchObject([{ kind: 'compared', raised: 1 }]);
    expect(world.raised).toMatchObject([
      {
        kind: 'unrecorded-write',
        severity: 'high',
        resourceId: vaultId().id,
        operation: { action: event.operation, at: AT, caller: event.callers[0], ip: event.callerIp },
      },
    ]);
    const [open] = await findings(world);
    expect(open).toMatchObject({ remediator: 'self-audit', severity: 'high', resourceId: vaultId().id });
    expect((await postureOf(world.deps)).scopes[0]?.remediators['self-audit']?.findings.high).toBe(1);

    // Compared once more a day later, and a look at the resource in between.
    world.wait(26 * HOUR);
    await world.deps.standings.write(vaultId(), {
      resourceId: vaultId().id,
      remediators: {},
      findings: [],
      accepted: {},
    });
    await world.run();
    expect(world.raised).toHaveLength(1);
    expect(await findings(world)).toEqual([open]);

    expect(await acceptFinding(world.deps, open?.id ?? '', 'it was us')).toBe('accepted');
    expect(await findings(world)).toEqual([]);
    expect(await findings(world, true)).toMatchObject([{ accepted: { reason: 'it was us' } }]);
    expect((await postureOf(world.deps)).scopes[0]?.remediators['self-audit']).toBeUndefined();
    world.audited.delete(SUBSCRIPTION);
    world.wait(-26 * HOUR);
    await world.run();
    expect(world.raised).toHaveLength(1);
    expect(await findings(world)).toEqual([]);
  });

  it('is one where its record was taken away', async () => {
    const world = audited();
    const kept = await record(world);
    const taken = await record(world, { resourceId: vaultId('kv-two').id });
    for (const { writeId, resourceId } of [kept, taken]) {
      world.activity.push(anEvent({ clientRequestId: writeId, resourceId }));
    }
    world.forgetRecord(taken.id);
    await world.run();
    expect(world.reasons()).toEqual(['high kv-two']);
  });

  it('may be of anything in the subscription, also of the subscription itself', async () => {
    const world = audited();
    world.activity.push(
      anEvent({
        operation: 'Microsoft.Compute/virtualMachines/write',
        resourceId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/x/providers/Microsoft.Compute/virtualMachines/vm`,
      }),
      anEvent({
        operation: 'Microsoft.Authorization/roleAssignments/write',
        resourceId: `/subscriptions/${SUBSCRIPTION}`,
      }),
    );
    await world.run();
    expect(world.reasons()).toEqual(['high vm', `high ${SUBSCRIPTION}`]);
    expect(await findings(world)).toHaveLength(2);
  });

  it('is said where it bears all ids of an earlier write that its client chooses, and said again for the next', async () => {
    const world = audited(3);
    const { writeId, armRequestId } = await record(world);
    const chosen = { clientRequestId: writeId, correlationId: writeId, operationId: writeId };
    world.activity.push(anEvent({ ...chosen, serviceRequestId: armRequestId }));
    world.activity.push(anEvent({ ...chosen, at: after(30) }));
    await world.run();
    expect(world.reasons()).toEqual(['high kv-one']);
    const [open] = await findings(world);
    await acceptFinding(world.deps, open?.id ?? '', 'that one is cleared up');
    world.activity.push(anEvent({ ...chosen, at: after(150) }));
    world.wait(HOUR);
    await world.run();
    expect(world.reasons()).toEqual(['high kv-one', 'high kv-one']);
    expect(await findings(world)).toHaveLength(1);
  });

  it('is told from one whose records are those of an earlier time', async () => {
    const world = audited();
    const earlier = await record(world, { time: '2026-10-01T00:00:00.000Z', outcome: 'failed' });
    const [known, orphan] = [anEvent(), anEvent()];
    for (const [event, id] of [
      [known, earlier.id],
      [orphan, 'no-such-record'],
    ] as const) {
      const at = new Date(AT);
      const writeId = event.clientRequestId ?? '';
      await world.deps.selfAudits.noteRepeated({ writeId, at, resourceId: vaultId().id, recordIds: [id] });
    }
    world.activity.push(known, orphan);
    await world.run();
    expect(world.raised.map(({ operation }) => operation?.clientRequestId)).toEqual([orphan.clientRequestId]);
  });

  it('is logged before it is stored, so that a crash in between says it again rather than never', async () => {
    const world = audited();
    world.activity.push(anEvent());
    const add = world.deps.selfAudits.add.bind(world.deps.selfAudits);
    let isDown = true;
    world.deps.selfAudits.add = (alarm: Alarm) =>
      isDown ? Promise.reject(new Error('the storage account is down')) : add(alarm);
    expect(await world.run()).toMatchObject([{ kind: 'failed' }]);
    isDown = false;
    expect(await world.run()).toMatchObject([{ kind: 'compared', raised: 1 }]);
    expect(new Set(world.raised.map(({ id }) => id)).size).toBe(1);
    expect(world.alarms.size).toBe(1);
  });
});

describe('a record whose write Azure does not know', () => {
  it('is said after a day, less loudly', async () => {
    const world = audited();
    await record(world);
    await world.run();
    expect(world.raised).toEqual([]);
    world.wait(24 * HOUR);
    await world.run();
    expect(world.raised).toMatchObject([
      { kind: 'unknown-write', severity: 'low', resourceId: vaultId().id },
    ]);
    await world.run();
    expect(world.raised).toHaveLength(1);
  });

  it('is none where the event came late, nor where nothing says that it was applied', async () => {
    const world = audited();
    const late = await record(world);
    await record(world, { outcome: 'failed', resourceId: vaultId('kv-two').id });
    await world.run();
    world.activity.push(anEvent({ clientRequestId: late.writeId }));
    world.wait(25 * HOUR);
    await world.run();
    expect(world.raised).toEqual([]);
  });
});

it('an event that shows only after it was compared is found by the second comparison', async () => {
  const world = audited();
  await world.run();
  world.activity.push(anEvent());
  world.wait(HOUR);
  await world.run();
  expect(world.raised).toEqual([]);
  world.wait(24 * HOUR);
  await world.run();
  expect(world.reasons()).toEqual(['high kv-one']);
});

describe('where the log cannot be read', () => {
  test.each(['throttled', 'unavailable', 'unauthorized'] as const)(
    'because it is %s, nothing is passed over',
    async (kind) => {
      const world = audited();
      world.activity.push(anEvent());
      world.activityFaults.push(armError(kind));
      expect(await world.run()).toMatchObject([{ kind: 'failed', why: `Azure said ${kind}.` }]);
      expect(world.reasons()).toEqual(kind === 'unauthorized' ? [`medium ${SUBSCRIPTION}`] : []);
      world.wait(HOUR);
      expect(await world.run()).toMatchObject([{ kind: 'compared' }]);
      expect(world.reasons().filter((reason) => reason.startsWith('high'))).toEqual(['high kv-one']);
      // That it could not be read stands no longer than that.
      expect((await findings(world)).map(({ severity }) => severity)).toEqual(['high']);
    },
  );

  it('for hours, somebody should know, once', async () => {
    const world = audited();
    for (let hour = 0; hour < 10; hour += 1) {
      world.activityFaults.push(armError('throttled'));
      await world.run();
      world.wait(HOUR);
    }
    expect(world.reasons()).toEqual([`medium ${SUBSCRIPTION}`]);
    expect((await findings(world))[0]?.reason).toContain('Azure said throttled.');
  });

  it('from the beginning, what happens meanwhile is compared as soon as it can be', async () => {
    const world = audited();
    world.audited.delete(SUBSCRIPTION);
    for (let day = 0; day < 10; day += 1) {
      world.activityFaults.push(armError('unauthorized'));
      await world.run();
      if (day === 3) world.activity.push(anEvent({ at: world.deps.now() }));
      world.wait(24 * HOUR);
    }
    await world.run();
    expect(world.reasons()).toEqual([`medium ${SUBSCRIPTION}`, 'high kv-one']);
  });

  it('what was compared before the failure is not compared again', async () => {
    const world = audited(5);
    world.activityFaults.push(null, null, armError('unavailable'));
    expect(await world.run()).toMatchObject([{ kind: 'failed' }]);
    expect(world.audited.get(SUBSCRIPTION)?.comparedUntil).toEqual(after(110));
    await world.run();
    expect(world.audited.get(SUBSCRIPTION)?.comparedUntil).toEqual(after(240));
  });

  it('of a whole subscription, its resource groups are asked for where those alone are in scope', async () => {
    const world = audited();
    const scopes = ['rg', 'rg-two'].map((resourceGroup) => ({ subscriptionId: SUBSCRIPTION, resourceGroup }));
    const deps = { ...world.deps, policy: { ...world.deps.policy, scopes } };
    world.activity.push(anEvent());
    world.activityFaults.push(armError('unauthorized'));
    await selfAudit(deps, new AbortController().signal);
    expect(world.activityAsked.slice(0, 3).map((asked) => asked.split(' ')[0])).toEqual([
      'all',
      'rg',
      'rg-two',
    ]);
    expect(world.reasons()).toEqual(['high kv-one']);
  });

  it('nothing is compared without knowing whose writes are ours', async () => {
    const world = audited();
    world.activity.push(anEvent());
    const deps = { ...world.deps, ownIdentity: () => Promise.resolve(new Set<string>()) };
    expect(await selfAudit(deps, new AbortController().signal)).toMatchObject([{ kind: 'failed' }]);
    expect(world.reasons()).toEqual([`medium ${SUBSCRIPTION}`]);
    expect(world.audited.get(SUBSCRIPTION)?.comparedUntil).toEqual(after(-10));
  });
});

describe('an identity that another took the place of', () => {
  const replaced = (world: Audited) => ({
    ...world.deps,
    ownIdentity: () => Promise.resolve(new Set(['another'])),
  });
  const runOn = async (world: Audited, hours: number): Promise<void> => {
    for (let hour = 0; hour < hours; hour += 1) {
      await selfAudit(replaced(world), new AbortController().signal);
      world.wait(HOUR);
    }
  };

  it('has made the writes of its time: none is unknown, and one without a record is said', async () => {
    const world = audited(0.5);
    const { writeId, armRequestId } = await record(world);
    await world.run();
    world.activity.push(
      anEvent({ clientRequestId: writeId, serviceRequestId: armRequestId }),
      anEvent({ resourceId: vaultId('kv-two').id }),
    );
    await runOn(world, 30);
    expect(world.reasons()).toEqual(['high kv-two']);
  });

  it('is anybody’s a day later', async () => {
    const world = audited(0.5);
    await world.run();
    world.activity.push(anEvent({ at: after(30 * 60) }));
    await runOn(world, 60);
    expect(world.reasons()).toEqual([]);
  });
});

it('what Azure has no events of any more is said', async () => {
  const world = audited(24 * 100);
  expect(await world.run()).toMatchObject([{ kind: 'compared' }]);
  expect(world.raised.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual(['not-compared medium']);
});

it('a run ends, however the time passes while it compares', async () => {
  const world = audited();
  let passed = 0;
  const now = (): Date => {
    passed += 1000;
    return new Date(after(120).getTime() + passed);
  };
  await selfAudit({ ...world.deps, now }, new AbortController().signal);
  expect(world.activityAsked).toHaveLength(2);
});

it('where the runs do not keep up, that is said, once, until they do', async () => {
  const world = audited();
  let minutes = 9;
  const ownIdentity = () => {
    world.wait(minutes * 60_000);
    return world.deps.ownIdentity();
  };
  const run = () => selfAudit({ ...world.deps, ownIdentity }, new AbortController().signal);
  // Each run compares one hour, and the next comes two hours later.
  for (let hours = 0; hours < 40; hours += 2) {
    expect(await run()).toMatchObject([{ kind: 'compared' }]);
    world.wait(2 * HOUR);
  }
  expect(world.reasons()).toEqual([`medium ${SUBSCRIPTION}`]);
  minutes = 0;
  await run();
  expect(await findings(world)).toEqual([]);
});

it('one instance compares a subscription at a time', async () => {
  const world = audited();
  const held = await world.deps.leases.whileHeld(`self-audit-${SUBSCRIPTION}`, () => world.run());
  expect(held).toMatchObject({ value: [{ kind: 'covered' }] });
});

it('what was accepted is forgotten when Azure cannot show it any more', async () => {
  const world = audited();
  world.activity.push(anEvent());
  await world.run();
  const [open] = await findings(world);
  await acceptFinding(world.deps, open?.id ?? '', 'ours');
  world.wait(101 * 24 * HOUR);
  await world.run();
  expect([...world.alarms.values()].map(({ kind }) => kind)).not.toContain('unrecorded-write');
});

describe('several subscriptions', () => {
  const [ONE, TWO, THREE] = ['1', '2', '3'].map((digit) => SUBSCRIPTION.replace(/^1+/, digit.repeat(8))) as [
    string,
    string,
    string,
  ];
  const all = [ONE, TWO, THREE];

  test.each<[string, string | null, readonly string[]]>([
    ['from the first, where none was begun yet', null, [ONE, TWO, THREE]],
    ['from the one after the last', ONE, [TWO, THREE, ONE]],
    ['from the first after the last of all', THREE, [ONE, TWO, THREE]],
    ['from the first, where that one is no scope any more', 'gone', [ONE, TWO, THREE]],
  ])('are gone through %s', (_name, last, expected) => {
    expect(inTurn(all, last)).toEqual(expected);
  });

  it('each has its turn, though one takes all the time of a run', async () => {
    const world = audited();
    const policy = {
      ...world.deps.policy,
      scopes: all.map((subscriptionId) => ({ subscriptionId, resourceGroup: null })),
    };
    const ownIdentity = async () => {
      // Each takes as long as a run may.
      world.wait(9 * 60_000);
      return world.deps.ownIdentity();
    };
    for (let run = 0; run < 3; run += 1) {
      await selfAudit({ ...world.deps, policy, ownIdentity }, new AbortController().signal);
    }
    expect(world.turn.begun.map(({ subscriptionId }) => subscriptionId)).toEqual(all);
  });
});
