import { TableClient } from '@azure/data-tables';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { getSecret, OPEN, playbook, shut, vaultPath } from '../../demo/estate.js';
import type { RunningHost } from '../../demo/stack.js';
import { principalNamed } from '../../simulator/principal.js';
import type { Switches } from '../../simulator/switches.js';
import type { Alarm } from '../../src/engine/self-audit/ports.js';
import { createSelfAuditStore } from '../../src/state/self-audit-store.js';
import { connect } from '../state/azurite.js';
import { openFindings } from './open-findings.js';
import {
  addConnection,
  addVault,
  addWorkflow,
  aclsOf,
  eventually,
  hidesOutputs,
  OFFICE,
  openVault,
  outcomesOf,
  ownChanges,
  recordsOf,
  remediate,
  startScenario,
  SUBSCRIPTION,
  sweep,
  vaultNow,
  withEvents,
  type Scenario,
} from './scenario.js';

/*
 * Holdfast's comparison of what its identity did in Azure with what it recorded. A comparison looks at what is an hour
 * old, and once more at what is a day older: it is run in a process whose clock is ahead by as much.
 */

vi.setConfig({ testTimeout: 120_000 });

const HOUR = 3_600_000;
/** The comparison that follows within the hour, and the second one: by how much the clock is ahead. */
const LAGS = { soon: HOUR + 1000, settled: 25 * HOUR + 1000 } as const;
type Lag = keyof typeof LAGS;
const READ = 'Microsoft.Insights/eventtypes/values/read';
const HOLDFAST = principalNamed('holdfast');

let scenario: Scenario;
let hosts: Readonly<Record<Lag, RunningHost>>;
/** When the test began. */
let began: Date;
beforeAll(async () => {
  scenario = await startScenario({
    simulator: { events: { timeScale: 0.02 }, tokenLifetimeSeconds: 7 * 86_400 },
  });
  const startAhead = (ms: number): Promise<RunningHost> =>
    scenario.stack.startHost({
      settings: {
        languageWorkers__node__arguments: clockAhead(ms),
        // What is to be looked at is for the host whose clock is right.
        'AzureWebJobs.reconcile.Disabled': 'true',
      },
    });
  hosts = { soon: await startAhead(LAGS.soon), settled: await startAhead(LAGS.settled) };
});
afterAll(() => scenario.stack.close());
beforeEach(() => {
  began = new Date(Date.now() - 1000);
});
afterEach(() => {
  const { azure, appId } = scenario;
  azure.switches.reset();
  azure.faults.clear();
  azure.permissions.unrestrict(appId);
  azure.pageSize = 100;
});

/** Has Node.js believe that it is so much later. */
function clockAhead(ms: number): string {
  const script = `
    const Now = Date;
    globalThis.Date = class Date extends Now {
      constructor(...given) {
        if (given.length === 0) super(Now.now() + ${ms});
        else super(...given);
      }
      static now() {
        return Now.now() + ${ms};
      }
    };`;
  return `--import=data:text/javascript,${encodeURIComponent(script)}`;
}

interface Compared {
  readonly ended: 'Succeeded' | 'Failed';
  readonly alarms: readonly Alarm[];
}

/** Everything before the test has been compared, and by the second comparison nothing of it. */
async function compare(lag: Lag): Promise<Compared> {
  const store = createSelfAuditStore(connect(scenario.stack.storage));
  const comparedUntil = lag === 'soon' ? began : new Date(Date.now() + LAGS.settled - HOUR);
  await store.writeProgress(SUBSCRIPTION, { comparedUntil, settledUntil: began });
  return goOn(lag);
}

/** Has the comparison's timer fire, from where the last one ended; whether it succeeded, and what it raised. */
async function goOn(lag: Lag): Promise<Compared> {
  const { lines } = scenario;
  const since = lines.length;
  const answer = await fetch(`${hosts[lag].hostUrl}/admin/functions/selfAudit`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
  });
  expect(answer.status).toBe(202);
  const ended = await eventually<Compared['ended']>(
    'the end of the comparison',
    () => {
      const fresh = lines.slice(since);
      if (fresh.some((line) => line.includes('selfAudit: Compared '))) return 'Succeeded';
      return fresh.some((line) => line.includes("Executed 'Functions.selfAudit' (Failed")) ? 'Failed' : null;
    },
    60_000,
  );
  return { ended, alarms: lines.slice(since).flatMap(alarmIn) };
}

function alarmIn(line: string): readonly Alarm[] {
  const start = line.indexOf('{"holdfast":"alarm"');
  return start < 0 ? [] : [JSON.parse(line.slice(start)) as Alarm];
}

const ownFindings = () => openFindings(scenario, { remediator: 'self-audit' });

/** Somebody with Holdfast's identity does something to a vault. */
async function asHoldfast(vault: string): Promise<void> {
  await scenario.azure.as(HOLDFAST).patch(vaultPath(vault), { tags: { by: 'somebody else' } });
}

async function accept(id: string): Promise<number> {
  const answer = await fetch(`${scenario.stack.hostUrl}/api/findings/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, reason: 'cleared up' }),
  });
  return answer.status;
}

async function acceptAll(): Promise<void> {
  for (const { id } of await ownFindings()) expect(await accept(id)).toBe(200);
}

/** Takes the records of a resource out of the storage account. */
async function takeRecords(resourceId: string): Promise<number> {
  const table = TableClient.fromConnectionString(scenario.stack.storage, 'HoldfastAudit', {
    allowInsecureConnection: true,
  });
  const filter = `resourceKey eq '${resourceId.toLowerCase()}'`;
  let taken = 0;
  for await (const { partitionKey = '', rowKey = '' } of table.listEntities({ queryOptions: { filter } })) {
    await table.deleteEntity(partitionKey, rowKey);
    taken += 1;
  }
  return taken;
}

describe('what Holdfast does itself', () => {
  const NAMELESS = { activityLogHttpRequest: 'absent', correlationRequestId: 'ignored' } as const;

  it.each<[string, Partial<Switches>]>([
    ['as the sources have it', {}],
    ['where ARM gives operations its own correlation ids', { correlationRequestId: 'ignored' }],
    [
      'where only the beginning says what the client called it',
      { ...NAMELESS, activityLogHttpRequest: 'started-only' },
    ],
    ['where only Azure’s own id is known', NAMELESS],
    ['where no id is known', { ...NAMELESS, activityLogServiceRequestId: 'absent' }],
    ['where an operation is called what its cause is', { activityLogOperationId: 'correlation' }],
    ['where Azure Policy looks at each write', { activityLogPolicyEvents: 'with-each-write' }],
  ])('by event, sweep and request is no alarm, %s', async (_name, switches) => {
    const { azure } = scenario;
    azure.switches.set(switches);
    const mark = azure.journal.mark();
    const vault = await addVault(azure, shut(OFFICE));
    const connection = await addConnection(azure, vault);
    const reader = await addWorkflow(azure, playbook({ Get_secret: getSecret('token', false) }, connection));
    await sweep(scenario);
    await withEvents(scenario, () => openVault(azure, vault));
    await openVault(azure, vault);
    expect((await remediate(scenario, { resourceId: vaultPath(vault) })).body.outcome).toBe('applied');
    expect([aclsOf(azure, vault).defaultAction, hidesOutputs(azure, reader)]).toEqual(['Deny', true]);
    expect(ownChanges(scenario, mark).length).toBeGreaterThanOrEqual(4);

    expect(await compare('soon')).toEqual({ ended: 'Succeeded', alarms: [] });
    expect(await compare('settled')).toEqual({ ended: 'Succeeded', alarms: [] });
  });

  it('and that gives no record of its own, because it failed the same way before, is no alarm', async () => {
    const { azure } = scenario;
    const vault = await addVault(azure, shut(OFFICE));
    await sweep(scenario);
    const mark = azure.journal.mark();
    for (let i = 0; i < 2; i += 1) {
      await openVault(azure, vault);
      // Azure takes it, and shows something else: as where a policy changes what was sent.
      const body = JSON.stringify(vaultNow(azure, vault));
      const action = { kind: 'error', status: 200, when: 'after', body } as const;
      azure.faults.add({ method: 'PATCH', path: `*/${vault}`, times: 1, action });
      await remediate(scenario, { resourceId: vaultPath(vault) });
      azure.faults.clear();
    }
    const records = await recordsOf(scenario, { resourceId: vaultPath(vault), outcome: 'failed' });
    expect(outcomesOf(records)).toEqual(['vault-firewall failed']);
    const names = ownChanges(scenario, mark).map(({ clientRequestId }) => clientRequestId);
    expect(new Set(names).size).toBe(2);
    expect(await compare('soon')).toEqual({ ended: 'Succeeded', alarms: [] });
  });
});

describe('what somebody else does with its identity', () => {
  it('is said within the next run, once: who, when, what; and is gone when it is accepted', async () => {
    const { azure } = scenario;
    const vault = await addVault(azure, shut(OFFICE));
    await sweep(scenario);
    const before = Date.now();
    await asHoldfast(vault);
    const { ended, alarms } = await compare('soon');
    expect(ended).toBe('Succeeded');
    expect(alarms).toMatchObject([
      {
        kind: 'unrecorded-write',
        severity: 'high',
        resourceId: vaultPath(vault),
        operation: { action: 'Microsoft.KeyVault/vaults/write', caller: HOLDFAST.objectId },
      },
    ]);
    const at = Date.parse(alarms[0]?.operation?.at ?? '');
    expect(at >= before && at <= Date.now()).toBe(true);

    const [finding, ...more] = await ownFindings();
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ severity: 'high', resourceId: vaultPath(vault), accepted: null });
    // A look at the vault does not clear it, and neither does the next comparison say it again.
    await remediate(scenario, { resourceId: vaultPath(vault) });
    expect((await compare('settled')).alarms).toEqual([]);
    expect(await ownFindings()).toEqual([finding]);

    expect(await accept(finding?.id ?? '')).toBe(200);
    expect(await ownFindings()).toEqual([]);
    expect(await openFindings(scenario, { remediator: 'self-audit', accepted: 'true' })).toMatchObject([
      { id: finding?.id, accepted: { reason: 'cleared up' } },
    ]);
    expect((await compare('soon')).alarms).toEqual([]);
    expect(await ownFindings()).toEqual([]);
  });

  it('is said also where it goes by the name of an earlier write of another vault', async () => {
    const { azure } = scenario;
    const [vault, other] = [await addVault(azure, OPEN), await addVault(azure, shut(OFFICE))];
    await sweep(scenario);
    const [record] = await recordsOf(scenario, { resourceId: vaultPath(vault), outcome: 'applied' });
    const answer = await azure.handle({
      method: 'PATCH',
      url: `${vaultPath(other)}?api-version=2026-02-01`,
      headers: {
        authorization: `Bearer ${azure.tokenFor(HOLDFAST)}`,
        'content-type': 'application/json',
        'x-ms-client-request-id': record?.writeId ?? '',
        'x-ms-correlation-request-id': record?.writeId ?? '',
      },
      body: '{"tags":{"by":"somebody else"}}',
      clientIp: '203.0.113.66',
    });
    expect(answer.status).toBe(200);
    const { alarms } = await compare('soon');
    expect(alarms).toMatchObject([{ resourceId: vaultPath(other), operation: { ip: '203.0.113.66' } }]);
    await acceptAll();
  });
});

it('a record that was taken away is said', async () => {
  const vault = await addVault(scenario.azure, OPEN);
  await sweep(scenario);
  expect(await takeRecords(vaultPath(vault))).toBeGreaterThan(0);
  const { alarms } = await compare('soon');
  expect(alarms).toMatchObject([{ kind: 'unrecorded-write', resourceId: vaultPath(vault) }]);
  await acceptAll();
});

it('a record of what Azure does not know is said a day later, less loudly', async () => {
  const { azure } = scenario;
  const vault = await addVault(azure, OPEN);
  await sweep(scenario);
  // As if the write had never been made.
  azure.journal.clear();
  expect((await compare('soon')).alarms).toEqual([]);
  const { alarms } = await compare('settled');
  expect(alarms.filter(({ resourceId }) => resourceId === vaultPath(vault))).toMatchObject([
    { kind: 'unknown-write', severity: 'low' },
  ]);
  await acceptAll();
});

describe('where the activity log', () => {
  it('may not be read, that is said until it may, and nothing is passed over', async () => {
    const { azure, appId } = scenario;
    const scope = `/subscriptions/${SUBSCRIPTION}`;
    const vault = await addVault(azure, shut(OFFICE));
    azure.permissions.restrict(appId, [{ actions: ['*'], notActions: [READ], scope }]);
    await asHoldfast(vault);
    const refused = await compare('soon');
    expect(refused.ended).toBe('Failed');
    expect(refused.alarms).toMatchObject([{ kind: 'unreadable', severity: 'medium', resourceId: scope }]);
    expect(refused.alarms[0]?.reason).toContain(`lacks ${READ} at ${scope}`);
    expect((await goOn('soon')).alarms).toEqual([]);
    expect((await ownFindings()).map(({ resourceId }) => resourceId)).toEqual([scope]);

    azure.permissions.unrestrict(appId);
    expect(await goOn('soon')).toMatchObject({
      ended: 'Succeeded',
      alarms: [{ resourceId: vaultPath(vault) }],
    });
    expect((await ownFindings()).map(({ resourceId }) => resourceId)).toEqual([vaultPath(vault)]);
    await acceptAll();
  });

  it('fails, the next run makes up for it', async () => {
    const { azure } = scenario;
    const vault = await addVault(azure, shut(OFFICE));
    await asHoldfast(vault);
    azure.faults.add({ path: '*/eventtypes/*', action: { kind: 'error', status: 503 } });
    expect(await compare('soon')).toEqual({ ended: 'Failed', alarms: [] });
    azure.faults.clear();
    expect(await goOn('soon')).toMatchObject({
      ended: 'Succeeded',
      alarms: [{ resourceId: vaultPath(vault) }],
    });
    await acceptAll();
  });

  it('takes no more questions for a moment, the run waits', async () => {
    const { azure } = scenario;
    const vault = await addVault(azure, shut(OFFICE));
    await asHoldfast(vault);
    const action = { kind: 'error', status: 429, retryAfter: 1 } as const;
    azure.faults.add({ path: '*/eventtypes/*', times: 2, action });
    expect(await compare('soon')).toMatchObject({
      ended: 'Succeeded',
      alarms: [{ resourceId: vaultPath(vault) }],
    });
    await acceptAll();
  });

  it('is late, the second comparison finds it', async () => {
    const { azure } = scenario;
    const vault = await addVault(azure, shut(OFFICE));
    azure.switches.set({ activityLogDelayMs: 2 * HOUR });
    await asHoldfast(vault);
    expect(await compare('soon')).toEqual({ ended: 'Succeeded', alarms: [] });
    azure.switches.reset();
    expect((await compare('settled')).alarms).toMatchObject([{ resourceId: vaultPath(vault) }]);
    await acceptAll();
  });

  it('is long, it is read to its end', async () => {
    const { azure } = scenario;
    azure.pageSize = 2;
    const vaults = [];
    for (let i = 0; i < 4; i += 1) vaults.push(await addVault(azure, shut(OFFICE)));
    for (const vault of vaults) await asHoldfast(vault);
    const { alarms } = await compare('soon');
    expect(new Set(alarms.map(({ resourceId }) => resourceId))).toEqual(new Set(vaults.map(vaultPath)));
    await acceptAll();
  });
});
