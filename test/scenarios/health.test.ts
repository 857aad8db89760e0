import { TableClient, type TableEntityResult } from '@azure/data-tables';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startAzurite } from '../../local-host/azurite.js';
import { OPEN } from '../../demo/estate.js';
import type { RunningHost } from '../../demo/stack.js';
import { AUDIT_COLUMNS } from '../../src/delivery/audit-columns.js';
import { createSelfAuditStore } from '../../src/state/self-audit-store.js';
import { connect } from '../state/azurite.js';
import {
  addVault,
  eventually,
  GROUP,
  remediate,
  SUBSCRIPTION,
  startScenario,
  sweep,
  vaultPath,
  type Scenario,
} from './scenario.js';

/*
 * GET /api/health, as a probe and whoever is on call meet it.
 */

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(async () => {
  await scenario.stack.close();
});
afterEach(() => {
  scenario.azure.faults.clear();
  scenario.azure.permissions.unrestrict(scenario.appId);
});

interface Check {
  readonly name: string;
  readonly status: string;
  readonly detail: string;
}
interface Health {
  readonly http: number;
  readonly status: string;
  readonly checks: readonly Check[];
  readonly version: string;
  readonly text: string;
}

async function healthAt(hostUrl: string): Promise<Health> {
  const answer = await fetch(`${hostUrl}/api/health`);
  const text = await answer.text();
  return { ...(JSON.parse(text) as Omit<Health, 'http' | 'text'>), http: answer.status, text };
}

/** What an answer is that nobody has been given yet: of a process that has just begun. */
async function healthOfNewHost(settings: Readonly<Record<string, string>> = {}): Promise<Health> {
  const host = await scenario.stack.startHost({ settings });
  try {
    return await healthAt(host.hostUrl);
  } finally {
    await host.stopHost();
  }
}

const check = ({ checks }: Health, name: string): Check | undefined =>
  checks.find((one) => one.name === name);

// Each of these answers is a new process's, which takes its time to start where others want the machine, too.
describe('a new installation', { timeout: 90_000 }, () => {
  it('is degraded until it was swept, and healthy then', async () => {
    const before = await healthAt(scenario.stack.hostUrl);
    expect(before).toMatchObject({ http: 200, status: 'degraded' });
    expect(check(before, 'sweep')?.detail).toMatch(/never been swept/);
    await sweep(scenario);
    const after = await healthOfNewHost();
    expect(after.checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'settings healthy',
      'identity healthy',
      'storage healthy',
      'scopes healthy',
      'sweep healthy',
      'backlog healthy',
      'delivery healthy',
      'self-audit healthy',
    ]);
    expect(after).toMatchObject({
      http: 200,
      status: 'healthy',
      version: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
    });
    expect(check(after, 'identity')?.detail).toContain(scenario.appId);
  });

  it('is asked as often as somebody likes, and asks ARM about its one scope once in fifteen seconds', async () => {
    const { azure, stack } = scenario;
    await healthAt(stack.hostUrl);
    const since = azure.journal.mark();
    const began = Date.now();
    const asked = await Promise.all(Array.from({ length: 100 }, () => healthAt(stack.hostUrl)));
    expect(new Set(asked.map(({ http }) => http))).toEqual(new Set([200]));
    // Where the first answer had grown old meanwhile, four small reads; never four for each who asks.
    const rounds = Math.ceil((Date.now() - began) / 15_000);
    expect(azure.journal.reads({ since }).length).toBeLessThanOrEqual(4 * rounds);
  });

  it('says nothing but its status to whoever has no key', async () => {
    const answer = await fetch(`${scenario.stack.hostUrl}/api/health/status`);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(Object.keys((await answer.json()) as object)).toEqual(['status']);
  });
});

describe('what is wrong is said', { timeout: 90_000 }, () => {
  it('the identity gets no token', async () => {
    scenario.azure.faults.add({
      endpoint: 'identity',
      action: { kind: 'error', status: 400, code: 'invalid_request' },
    });
    const health = await healthOfNewHost();
    expect(health).toMatchObject({ http: 503, status: 'unhealthy' });
    expect(check(health, 'identity')).toMatchObject({
      status: 'unhealthy',
      detail: expect.stringContaining('AZURE_CLIENT_ID') as string,
    });
    expect(check(health, 'storage')).toMatchObject({ status: 'healthy' });
    expect(check(health, 'scopes')?.detail).toContain("Holdfast's identity got no token");
  });

  it('a permission is missing in one of the scopes', async () => {
    const { azure, appId } = scenario;
    azure.addResourceGroup(SUBSCRIPTION, 'rg-other');
    const read = ['Microsoft.KeyVault/*', 'Microsoft.Logic/*', 'Microsoft.Web/*'];
    const other = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-other`;
    azure.permissions.restrict(appId, [
      { actions: read, scope: GROUP },
      { actions: read, notActions: ['Microsoft.Logic/workflows/read'], scope: other },
    ]);
    const health = await healthOfNewHost({ HOLDFAST_SCOPES: `${GROUP},${other}` });
    expect(check(health, 'scopes')).toMatchObject({ status: 'degraded', asked: 2, of: 2 });
    expect(check(health, 'scopes')?.detail).toMatch(
      /lacks Microsoft\.Logic\/workflows\/read at \/subscriptions.*rg-other/i,
    );
  });

  it('a sweep has failed', async () => {
    const { azure, stack } = scenario;
    azure.faults.add({
      path: '*/providers/Microsoft.Logic/workflows',
      action: { kind: 'error', status: 403, code: 'AuthorizationFailed' },
    });
    await expect(stack.sweep()).rejects.toThrow();
    const health = await healthOfNewHost();
    expect(check(health, 'sweep')).toMatchObject({ status: 'degraded' });
    expect(check(health, 'sweep')?.detail).toMatch(/A sweep failed at .*Microsoft\.Logic\/workflows/);
    azure.faults.clear();
    await sweep(scenario);
    expect(check(await healthOfNewHost(), 'sweep')).toMatchObject({ status: 'healthy' });
  });

  it('no sweep has been complete for longer than the schedule allows', async () => {
    // The timer of a host that fires every second; what it begins no host takes, since none listens to the queue.
    const settings = {
      HOLDFAST_SWEEP_SCHEDULE: '* * * * * *',
      'AzureWebJobs.sweep.Disabled': 'true',
      'AzureWebJobs.reconcile.Disabled': 'true',
    };
    // It has to have fired often enough since the last sweep, which may be only a second ago.
    const health = await eventually('the sweep to be overdue', async () => {
      const now = await healthOfNewHost(settings);
      return now.status === 'unhealthy' ? now : null;
    });
    expect(health.http).toBe(503);
    expect(check(health, 'sweep')?.detail).toMatch(
      /overdue\. None is under way: see that the functions sweep and reconcile/,
    );
  });

  it('ARM does not answer', async () => {
    scenario.azure.faults.add({ endpoint: 'arm', action: { kind: 'hang' } });
    const began = performance.now();
    const health = await healthOfNewHost();
    expect(health).toMatchObject({ http: 503, status: 'unhealthy' });
    expect(check(health, 'scopes')?.status).toBe('unhealthy');
    expect(check(health, 'storage')?.status).toBe('healthy');
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it.each([
    ['HOLDFAST_SCOPES', '/subscriptions/contoso', /HOLDFAST_SCOPES: "\/subscriptions\/contoso" is not/],
    ['HOLDFAST_MODE', 'enforced', /HOLDFAST_MODE: must be audit or enforce/],
  ])('%s cannot be used', async (name, value, detail) => {
    const health = await healthOfNewHost({ [name]: value });
    expect(health).toMatchObject({ http: 503, status: 'unhealthy' });
    expect(health.checks.map((one) => one.name)).toEqual(['settings']);
    expect(health.checks[0]?.detail).toMatch(detail);
  });

  it('the storage account is down, while the host goes on', async () => {
    const azurite = await startAzurite();
    const host = await scenario.stack.startHost({
      settings: { AzureWebJobsStorage: azurite.connectionString },
    });
    await azurite.close();
    const health = await healthAt(host.hostUrl);
    expect(health).toMatchObject({ http: 503, status: 'unhealthy' });
    expect(check(health, 'storage')?.detail).toMatch(
      /tables cannot be reached \(ECONNREFUSED\).*queues.*blobs/,
    );
    expect(check(health, 'identity')?.status).toBe('healthy');
    expect(check(health, 'scopes')?.status).toBe('healthy');
    expect(health.text).not.toMatch(/AccountKey|Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsu/);
    const probe = await fetch(`${host.hostUrl}/api/health/status`);
    expect([probe.status, await probe.text()]).toEqual([503, '{"status":"unhealthy"}']);
    await host.stopHost('SIGKILL');
  });
});

describe('a place where records go', { timeout: 120_000 }, () => {
  const STREAM = 'Custom-HoldfastAudit';

  it('is degraded when it has been down for long, with what waits and why, and well once it is back', async () => {
    const { azure, appId, stack } = scenario;
    const { id: rule, immutableId } = azure.ingestion.addRule(
      `${GROUP}/providers/Microsoft.Insights/dataCollectionRules/dcr-records`,
      { [STREAM]: AUDIT_COLUMNS },
    );
    azure.assignRole({ scope: rule, principalId: appId, role: 'Monitoring Metrics Publisher' });
    const settings = {
      HOLDFAST_LOG_INGESTION_ENDPOINT: stack.simulator.ingestionUrl,
      HOLDFAST_LOG_INGESTION_RULE: immutableId,
    };
    await stack.stopHost('SIGTERM');
    const host = await stack.startHost({ settings });
    azure.faults.add({ endpoint: 'ingestion', action: { kind: 'error', status: 403, code: 'Forbidden' } });
    const vaultId = vaultPath(await addVault(azure, OPEN));
    await remediateAt(host, vaultId);
    await eventually('the first failure', () => stateOf('log-analytics'));
    expect(check(await healthOfNewHost(settings), 'delivery')?.status).toBe('healthy');

    // As if it had begun twenty minutes ago.
    const failingSince = new Date(Date.now() - 20 * 60_000).toISOString();
    await outbox().updateEntity({ partitionKey: 'state', rowKey: 'log-analytics', failingSince }, 'Merge');
    const down = await healthOfNewHost(settings);
    expect(down).toMatchObject({ http: 200, status: 'degraded' });
    const { detail = '' } = check(down, 'delivery') ?? {};
    expect(detail).toMatch(/^log-analytics has failed since .*; \d+ records? waits?, the oldest since /);
    expect(detail).toMatch(
      /Last: The Logs Ingestion API answered 403 Forbidden.*Monitoring Metrics Publisher/,
    );
    const probe = await fetch(`${host.hostUrl}/api/health/status`);
    expect(probe.status).toBe(200);

    azure.faults.clear();
    // Nobody waits here for the next try: the next record has it tried at once.
    await outbox().updateEntity({ partitionKey: 'state', rowKey: 'log-analytics', notBefore: '' }, 'Merge');
    await remediateAt(host, vaultPath(await addVault(azure, OPEN)));
    await eventually(
      'what waited to arrive',
      () => azure.ingestion.rows(STREAM).find((row) => row.ResourceId === vaultId),
      60_000,
    );
    await eventually('the target to be well', async () =>
      (await stateOf('log-analytics'))?.failures === 0 ? true : null,
    );
    expect(check(await healthOfNewHost(settings), 'delivery')?.status).toBe('healthy');
    await host.stopHost();
  });

  it('nobody compares the records with the activity log any more', async () => {
    const store = createSelfAuditStore(connect(scenario.stack.storage));
    await store.noteBegun({ subscriptionId: SUBSCRIPTION, at: new Date(Date.now() - 4 * 60 * 60_000) });
    const host = await scenario.stack.startHost();
    try {
      const health = await healthAt(host.hostUrl);
      expect(health).toMatchObject({ http: 200, status: 'degraded' });
      expect(check(health, 'self-audit')).toMatchObject({
        status: 'degraded',
        detail: expect.stringContaining('see that the function selfAudit is not disabled') as string,
      });
      await fetch(`${host.hostUrl}/admin/functions/selfAudit`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"input":""}',
      });
      await eventually('the comparison to begin', async () =>
        Date.now() - ((await store.lastBegun())?.at.getTime() ?? 0) < 60_000 ? true : null,
      );
    } finally {
      await host.stopHost('SIGTERM');
    }
    expect(check(await healthOfNewHost(), 'self-audit')?.status).toBe('healthy');
  });

  const outbox = (): TableClient =>
    TableClient.fromConnectionString(scenario.stack.storage, 'HoldfastOutbox', {
      allowInsecureConnection: true,
    });

  async function stateOf(target: string): Promise<TableEntityResult<{ failures: number }> | null> {
    return outbox()
      .getEntity<{ failures: number }>('state', target)
      .catch(() => null);
  }

  async function remediateAt(host: RunningHost, resourceId: string): Promise<void> {
    expect(await remediate({ stack: host }, { resourceId })).toMatchObject({ status: 200 });
  }
});
