import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ArmError } from '../../src/engine/arm-error.js';
import { backlogCheck } from '../../src/engine/health/check-backlog.js';
import { deliveryCheck } from '../../src/engine/health/check-delivery.js';
import { createCheckScopes, scopesCheck } from '../../src/engine/health/check-scopes.js';
import { selfAuditCheck } from '../../src/engine/health/check-self-audit.js';
import { checkSweeps, neededSince, sweepHealth } from '../../src/engine/health/check-sweeps.js';
import { createHealth, healthWithoutSettings } from '../../src/engine/health/health.js';
import type { DeliveryBacklog } from '../../src/engine/ports/health.js';
import type { Scope } from '../../src/types/scope.js';
import { newProgress } from '../../src/engine/sweep/sweep-subscription.js';
import { armError, fakeWorld, OWN_ID, SUBSCRIPTION } from './fake-world.js';

const at = (time: string): Date => new Date(`2026-11-23T${time}:00.000Z`);
/** The timer fires at the full hour; it is half past twelve. */
const NEEDED = at('11:00');

const over = (notedAt: string, problemCount: number) => ({
  phase: 'over' as const,
  startedAt: at(notedAt).toISOString(),
  notedAt: at(notedAt).toISOString(),
  problems: problemCount > 0 ? ['Listing vaults: Azure answered 403.'] : [],
  problemCount,
});
const running = (startedAt: string) => ({ ...over(startedAt, 0), phase: 'vaults' as const });

const FINE: DeliveryBacklog = {
  target: 'teams',
  waiting: 0,
  isMore: false,
  oldestAt: null,
  failures: 0,
  failingSince: null,
  lastError: null,
  nextTry: null,
  setAside: 0,
};
const DOWN: DeliveryBacklog = {
  ...FINE,
  waiting: 42,
  oldestAt: at('11:30'),
  failures: 7,
  failingSince: at('11:31'),
  lastError: 'Teams answered 404: the workflow is gone.',
  nextTry: at('12:40'),
};

describe('what waits for the places where records go', () => {
  test.each<[string, readonly DeliveryBacklog[], string, RegExp]>([
    ['no target', [], 'healthy', /audit log alone/],
    ['a target that takes everything', [FINE], 'healthy', /^0 deliveries wait for teams\.$/],
    [
      'a digest that waits for its sweep',
      [{ ...FINE, waiting: 900, oldestAt: at('12:00') }],
      'healthy',
      /900/,
    ],
    [
      'one that has failed for a quarter of an hour',
      [{ ...DOWN, oldestAt: at('12:16'), failingSince: at('12:15') }],
      'healthy',
      /42/,
    ],
    [
      'one that has failed for longer',
      [{ ...DOWN, oldestAt: at('12:14'), failingSince: at('12:14') }],
      'degraded',
      /^teams has failed since 2026-11-23T12:14:00.000Z; 42 records wait, the oldest since 2026-11-23T12:14:00.000Z\. Last: Teams answered 404: the workflow is gone\. It is tried again at 2026-11-23T12:40:00.000Z\.$/,
    ],
    [
      'one that fails again and again for an hour',
      [{ ...DOWN, oldestAt: at('11:29'), failingSince: at('12:29') }],
      'degraded',
      /the oldest since/,
    ],
    [
      'one that an earlier version has noted',
      [{ ...DOWN, oldestAt: at('11:00'), failingSince: null, lastError: null }],
      'degraded',
      /^teams has failed; .*log of the function deliver/,
    ],
    [
      'more than are counted',
      [{ ...DOWN, waiting: 1000, isMore: true }],
      'degraded',
      /at least 1000 records wait/,
    ],
    [
      'one record that nobody delivers',
      [{ ...FINE, waiting: 1, oldestAt: at('11:29') }],
      'degraded',
      /1 record waits.*deliver is not disabled/,
    ],
    [
      'records that one will never take, while all else arrives',
      [{ ...FINE, setAside: 2 }],
      'degraded',
      /^teams will never take 2 records of the last day.*log of the function deliver says/,
    ],
    ['one of two', [{ ...FINE, target: 'archive' }, DOWN], 'degraded', /^teams has failed/],
  ])('%s', (_name, backlogs, status, detail) => {
    const check = deliveryCheck(backlogs, at('12:30'));
    expect(check.status).toBe(status);
    expect(check.detail).toMatch(detail);
    expect(check.targets).toHaveLength(backlogs.length);
  });
});

describe("a subscription's sweeps", () => {
  test.each([
    ['complete within the hour', at('12:05'), over('12:05', 0), 'healthy', /^Last swept completely at/],
    [
      'complete an hour ago, and one that was missed',
      at('11:05'),
      over('11:05', 0),
      'healthy',
      /^Last swept/,
    ],
    ['two that were missed', at('10:05'), over('10:05', 0), 'unhealthy', /overdue\. None is under way/],
    ['one under way', at('12:05'), running('12:30'), 'healthy', /under way since/],
    [
      'one that has been under way for too long',
      at('10:05'),
      running('11:00'),
      'unhealthy',
      /overdue.*under way/,
    ],
    [
      'one that failed since',
      at('12:05'),
      over('12:20', 3),
      'degraded',
      /failed at .*Azure answered 403\. And 2 more/,
    ],
    ['none but failures for hours', at('08:05'), over('12:02', 1), 'unhealthy', /overdue.*403/],
    ['never one that was complete, and a failure', null, over('12:02', 1), 'unhealthy', /never.*403/],
    ['never one, before the timer', null, null, 'degraded', /never.*HOLDFAST_SWEEP_SCHEDULE/],
    ['the first under way', null, running('12:00'), 'degraded', /never.*under way/],
    ['the first under way for too long', null, running('10:00'), 'unhealthy', /never.*overdue/],
  ])('%s', (_name, completedAt, progress, status, detail) => {
    const health = sweepHealth(completedAt, progress, NEEDED);
    expect(health.status).toBe(status);
    expect(health.detail).toMatch(detail);
  });

  test.each([
    [
      'the timer has just fired, so that one missed run is no alarm',
      ['12:00', '11:00', '10:00'],
      '12:29',
      '10:00',
    ],
    ['that run has had half an hour', ['12:00', '11:00', '10:00'], '12:30', '11:00'],
    ['half the time, where it fires more often', ['12:00', '11:50', '11:40'], '12:05', '11:50'],
    ['once a day it is half an hour', ['12:00', '00:00'], '12:30', '00:00'],
    ['it has fired twice and just now', ['12:00', '11:00'], '12:01', null],
    ['it has fired once', ['12:00'], '12:59', null],
    ['it has never fired', [], '12:59', null],
  ])(
    'a complete one is needed since a time that grows with the timer: %s',
    (_name, firings, now, expected) => {
      const needed = neededSince(firings.map(at), at(now));
      expect(needed).toEqual(expected === null ? null : at(expected));
    },
  );

  test('are never overdue before the timer has fired twice', () => {
    expect(sweepHealth(at('01:00'), null, null).status).toBe('healthy');
  });

  test('are as bad as the worst of them, which stands first', async () => {
    const { deps, sweptAt, progress, settings } = fakeWorld();
    const other = SUBSCRIPTION.replace('1111', '2222');
    const policy = {
      ...deps.policy,
      scopes: [SUBSCRIPTION, other].map((id) => ({ subscriptionId: id, resourceGroup: null })),
    };
    settings.now = at('12:30');
    sweptAt.set(SUBSCRIPTION, at('12:05'));
    sweptAt.set(other, at('08:05'));
    const begun = newProgress(deps, { correlationId: 'c', startedAt: at('12:00').toISOString() }, '', false);
    progress.set(other, {
      value: { ...begun, phase: 'over', problems: ['No permission.'], problemCount: 1 },
      etag: '1',
    });
    const check = await checkSweeps({
      ...deps,
      policy,
      sweepFirings: () => [at('12:00'), at('11:00'), at('10:00')],
    });
    expect(check).toMatchObject({
      status: 'unhealthy',
      subscriptions: [{ subscriptionId: other }, { subscriptionId: SUBSCRIPTION }],
    });
    expect(check.detail).toMatch(/^1 of 2 subscriptions: .*No permission\./);
  });
});

describe('the scopes', () => {
  const denied = new ArmError("Listing vaults: Azure answered 403. Holdfast's identity lacks a permission.", {
    kind: 'unauthorized',
    status: 403,
    code: 'AuthorizationFailed',
    retryAfterMs: null,
    armRequestId: null,
  });
  test.each([
    ['all can be read', [[], []], 'healthy'],
    ['one cannot', [[], [denied]], 'degraded'],
    ['none can', [[denied], [denied, denied]], 'unhealthy'],
    ['ARM takes no more requests for now', [[armError('throttled')], [armError('throttled')]], 'healthy'],
  ])('%s', (_name, problems, status) => {
    const check = scopesCheck(
      problems.map((found, i) => ({ scope: `/s/${i}`, problems: found })),
      2,
    );
    expect(check.status).toBe(status);
    if (status !== 'healthy') expect(check.detail).toContain('lacks a permission');
  });

  test('more than can be asked at one time take turns, and none is forgotten', async () => {
    const scopes = Array.from({ length: 45 }, (_, i): Scope => ({
      subscriptionId: SUBSCRIPTION,
      resourceGroup: `rg-${i}`,
    }));
    const asked: (string | null)[] = [];
    const { policy } = fakeWorld().deps;
    const check = createCheckScopes({
      policy: { ...policy, scopes },
      probeScope: ({ resourceGroup }) => {
        asked.push(resourceGroup);
        return Promise.resolve(resourceGroup === 'rg-3' ? [denied] : []);
      },
    });
    expect(await check()).toMatchObject({ status: 'degraded', asked: 20, of: 45 });
    await check();
    expect(await check()).toMatchObject({ status: 'degraded', asked: 45, of: 45 });
    expect(asked).toHaveLength(60);
    expect(new Set(asked).size).toBe(45);
  });
});

describe('the comparison with the activity log', () => {
  test.each([
    ['has not begun yet', null, 'healthy', /not been compared .* yet/],
    ['began within the last hours', at('09:31'), 'healthy', /at 2.*T09:31/],
    ['has not begun for longer', at('09:29'), 'degraded', /T09:29.*the function selfAudit is not disabled/],
  ])('%s', (_name, begunAt, status, detail) => {
    const last = begunAt === null ? null : { subscriptionId: SUBSCRIPTION, at: begunAt };
    const check = selfAuditCheck(last, at('12:30'));
    expect(check).toMatchObject({ status, begunAt: begunAt?.toISOString() ?? null });
    expect(check.detail).toMatch(detail);
  });
});

describe('the backlog', () => {
  const none = { queued: 0, oldestAt: null, poison: 0, deadLetters: 0 };
  test.each([
    ['is empty', none, 'healthy', /^0 messages/],
    ['is long and moves', { ...none, queued: 5000, oldestAt: at('12:20') }, 'healthy', /^5000 messages/],
    [
      'has a message that nobody took',
      { ...none, queued: 1, oldestAt: at('11:30') },
      'degraded',
      /60 minutes/,
    ],
    ['has what was given up', { ...none, poison: 2, deadLetters: 3 }, 'degraded', /^5 dead letters/],
  ])('%s', (_name, backlog, status, detail) => {
    const check = backlogCheck(backlog, at('12:30'));
    expect(check.status).toBe(status);
    expect(check.detail).toMatch(detail);
  });
});

describe('health', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function aWorld() {
    const world = fakeWorld();
    world.sweptAt.set(SUBSCRIPTION, world.settings.now);
    return world;
  }
  const statuses = ({ checks }: { checks: readonly { name: string; status: string }[] }) =>
    Object.fromEntries(checks.map(({ name, status }) => [name, status]));

  test('is the worst of all checks, and has all of them', async () => {
    const { deps } = aWorld();
    const health = await createHealth(deps)();
    expect(health).toMatchObject({
      status: 'healthy',
      version: 'this code',
      checkedAt: deps.now().toISOString(),
    });
    expect(Object.keys(statuses(health))).toEqual([
      'settings',
      'identity',
      'storage',
      'scopes',
      'sweep',
      'backlog',
      'delivery',
      'self-audit',
    ]);
    expect(health.checks.find(({ name }) => name === 'identity')?.detail).toContain(OWN_ID);
  });

  test('an identity without a token is unhealthy, and what the SDK says of it is not passed on', async () => {
    const { deps } = aWorld();
    const ownIdentity = () => Promise.reject(new Error('secret: c2VjcmV0'));
    const health = await createHealth({ ...deps, ownIdentity })();
    expect(health.status).toBe('unhealthy');
    expect(statuses(health)).toMatchObject({ identity: 'unhealthy', storage: 'healthy' });
    expect(JSON.stringify(health)).not.toContain('c2VjcmV0');
  });

  test('a service of the storage account that is down is named', async () => {
    const { deps } = aWorld();
    const probeStorage = (service: string) =>
      Promise.resolve(service === 'queues' ? 'The queues are down.' : null);
    const health = await createHealth({ ...deps, probeStorage })();
    expect(health.checks.find(({ name }) => name === 'storage')).toEqual({
      name: 'storage',
      status: 'unhealthy',
      detail: 'The queues are down.',
      services: { tables: 'healthy', queues: 'unhealthy', blobs: 'healthy' },
    });
  });

  test('a check that comes to no answer does not keep the others, nor the answer', async () => {
    const { deps } = aWorld();
    const readBacklog = () => new Promise<never>(() => undefined);
    const asked = createHealth({ ...deps, readBacklog })();
    await vi.advanceTimersByTimeAsync(5000);
    expect(statuses(await asked)).toMatchObject({ storage: 'healthy', backlog: 'unhealthy' });
  });

  test('a check that throws is unhealthy, and says no more of the error than its name', async () => {
    const { deps } = aWorld();
    const readBacklog = () => Promise.reject(new TypeError('AccountKey=abc'));
    const { checks } = await createHealth({ ...deps, readBacklog })();
    expect(checks.find(({ name }) => name === 'backlog')).toMatchObject({
      status: 'unhealthy',
      detail: 'It could not be checked (TypeError).',
    });
  });

  test('is asked for once in fifteen seconds, however many ask', async () => {
    const { deps, settings } = aWorld();
    let asked = 0;
    const probeScope = () => {
      asked += 1;
      return Promise.resolve([]);
    };
    const health = createHealth({ ...deps, probeScope });
    await Promise.all(Array.from({ length: 50 }, () => health()));
    settings.now = new Date(settings.now.getTime() + 14_999);
    await health();
    expect(asked).toBe(1);
    settings.now = new Date(settings.now.getTime() + 1);
    await health();
    expect(asked).toBe(2);
  });

  test('without settings is unhealthy and says which', () => {
    const health = healthWithoutSettings('HOLDFAST_SCOPES: is required.', '0123456789abcdef', at('12:00'));
    expect(health).toMatchObject({
      status: 'unhealthy',
      version: '0123456789ab',
      checks: [{ name: 'settings', status: 'unhealthy', detail: 'HOLDFAST_SCOPES: is required.' }],
    });
  });
});
