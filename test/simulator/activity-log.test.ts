import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { vault } from '../../demo/estate.js';
import { DEFAULT_SUBSCRIPTION } from '../../simulator/azure.js';
import { servicePrincipal } from '../../simulator/principal.js';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import type { Switches } from '../../simulator/switches.js';
import { call, type Reply } from './arm-client.js';

const SUBSCRIPTION = `/subscriptions/${DEFAULT_SUBSCRIPTION}`;
const GROUP = `${SUBSCRIPTION}/resourceGroups/rg-one`;
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-activity`;
const LOG = `${SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values`;
const READ = 'Microsoft.Insights/eventtypes/values/read';
const PIPELINE = servicePrincipal('pipeline');

interface Event {
  readonly caller: string;
  readonly claims: Readonly<Record<string, string>>;
  readonly category: { readonly value: string };
  readonly correlationId: string;
  readonly operationId: string;
  readonly eventDataId: string;
  readonly eventTimestamp: string;
  readonly httpRequest?: { readonly clientRequestId: string };
  readonly operationName: { readonly value: string };
  readonly properties: { readonly serviceRequestId?: string };
  readonly resourceId: string;
  readonly status: { readonly value: string };
}

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
  const { azure } = simulator;
  azure.addResourceGroup(DEFAULT_SUBSCRIPTION, 'rg-one');
  await azure.as('alice@contoso.com').put(VAULT, vault(azure, {}));
});
afterAll(() => simulator.close());
afterEach(() => {
  simulator.azure.switches.reset();
  simulator.azure.faults.clear();
  simulator.azure.permissions.unrestrict(PIPELINE.objectId);
  simulator.azure.pageSize = 100;
});

const SINCE = `eventTimestamp ge '2026-01-01T00:00:00Z'`;
const anHourAgo = (): string => `eventTimestamp ge '${new Date(Date.now() - 3_600_000).toISOString()}'`;

function ask(filter: string | null, token?: string): Promise<Reply> {
  const query = filter === null ? '' : `&$filter=${encodeURIComponent(filter)}`;
  return call(simulator, 'GET', `${LOG}?api-version=2015-04-01${query}`, {
    ...(token === undefined ? {} : { token }),
    isBare: true,
  });
}

async function eventsOf(correlationId: string): Promise<readonly Event[]> {
  const { status, json } = await ask(`${anHourAgo()} and correlationId eq '${correlationId}'`);
  expect(status).toBe(200);
  return (json as { value: Event[] }).value;
}

let writes = 0;
/** A write of the vault over the wire; its correlation id is new. */
async function write(headers: Readonly<Record<string, string>> = {}, change: object = {}) {
  writes += 1;
  const correlationId = `cccccccc-0000-4000-8000-${writes.toString().padStart(12, '0')}`;
  const reply = await call(simulator, 'PATCH', VAULT, {
    token: simulator.azure.tokenFor(PIPELINE),
    headers: { 'x-ms-correlation-request-id': correlationId, ...headers },
    body: { tags: { n: String(writes) }, ...change },
  });
  return { correlationId, reply };
}

describe('the activity log', () => {
  it('has a write when it begins and when it ends, the newest first, with whatever tells it', async () => {
    const { correlationId, reply } = await write({ 'x-ms-client-request-id': 'my-own' });
    const events = await eventsOf(correlationId);
    expect(events.map(({ status }) => status.value)).toEqual(['Succeeded', 'Started']);
    expect(new Set(events.map(({ operationId }) => operationId)).size).toBe(1);
    expect(new Set(events.map(({ eventDataId }) => eventDataId)).size).toBe(2);
    expect(events[0]).toMatchObject({
      caller: PIPELINE.objectId,
      claims: {
        'http://schemas.microsoft.com/identity/claims/objectidentifier': PIPELINE.objectId,
        appid: PIPELINE.appId,
      },
      category: { value: 'Administrative' },
      httpRequest: { clientRequestId: 'my-own', method: 'PATCH' },
      operationName: { value: 'Microsoft.KeyVault/vaults/write' },
      properties: { serviceRequestId: reply.headers['x-ms-request-id'] },
      resourceId: VAULT,
    });
  });

  it('may call an operation what its client calls the cause', async () => {
    simulator.azure.switches.set({ activityLogOperationId: 'correlation' });
    const { correlationId } = await write();
    const events = await eventsOf(correlationId);
    expect(events.map(({ operationId }) => operationId)).toEqual([correlationId, correlationId]);
  });

  it('has what failed as that, and neither what was read nor what was throttled', async () => {
    const { correlationId: failed } = await write({}, { properties: { enablePurgeProtection: 'perhaps' } });
    expect((await eventsOf(failed)).map(({ status }) => status.value)).toEqual(['Failed', 'Started']);
    simulator.azure.faults.add({ method: 'PATCH', times: 1, action: { kind: 'error', status: 429 } });
    const { correlationId: throttled } = await write();
    expect(await eventsOf(throttled)).toEqual([]);
    const reads = simulator.azure.journal.reads().map(({ correlationId }) => correlationId);
    expect(await eventsOf(reads.at(-1) ?? '')).toEqual([]);
  });

  it('has as succeeded what was carried out without an answer', async () => {
    simulator.azure.faults.add({ method: 'PATCH', times: 1, action: { kind: 'reset', when: 'after' } });
    await expect(write()).rejects.toThrow();
    const { correlationId = '' } = simulator.azure.journal.writes({ under: VAULT }).at(-1) ?? {};
    expect((await eventsOf(correlationId)).map(({ status }) => status.value)).toEqual([
      'Succeeded',
      'Started',
    ]);
  });

  it('comes in pages', async () => {
    simulator.azure.pageSize = 3;
    const seen: string[] = [];
    let reply = await ask(anHourAgo());
    for (;;) {
      const { value, nextLink } = reply.json as { value: Event[]; nextLink?: string };
      expect(value.length).toBeLessThanOrEqual(3);
      seen.push(...value.map(({ eventDataId }) => eventDataId));
      if (nextLink === undefined) break;
      // What is written in between moves nothing.
      await write();
      reply = await call(simulator, 'GET', nextLink, { isBare: true });
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(6);
  });

  it('takes its time', async () => {
    simulator.azure.switches.set({ activityLogDelayMs: 60_000 });
    const { correlationId } = await write();
    expect(await eventsOf(correlationId)).toEqual([]);
    simulator.azure.switches.reset();
    expect(await eventsOf(correlationId)).toHaveLength(2);
  });

  test.each<[Partial<Switches>, (events: readonly Event[]) => unknown, unknown]>([
    [{ correlationRequestId: 'ignored' }, (events) => events.length, 0],
    [
      { activityLogHttpRequest: 'absent' },
      (events) => events.map(({ httpRequest }) => httpRequest !== undefined),
      [false, false],
    ],
    [
      { activityLogHttpRequest: 'started-only' },
      (events) => events.map(({ httpRequest }) => httpRequest !== undefined),
      [false, true],
    ],
    [{ activityLogServiceRequestId: 'absent' }, ([ended]) => ended?.properties.serviceRequestId, undefined],
    [
      { activityLogPolicyEvents: 'with-each-write' },
      (events) => events.map(({ category }) => category.value),
      ['Administrative', 'Policy', 'Administrative'],
    ],
  ])('by switch: %j', async (switches, look, expected) => {
    simulator.azure.switches.set(switches);
    const { correlationId } = await write();
    expect(look(await eventsOf(correlationId))).toEqual(expected);
  });
});

describe('its filter', () => {
  const old = new Date(Date.now() - 91 * 86_400_000).toISOString();

  test.each([
    ['none', null],
    ['no start', `eventTimestamp le '2026-01-01T00:00:00Z'`],
    ['a start that is no time', `eventTimestamp ge 'yesterday'`],
    ['a start too long ago', `eventTimestamp ge '${old}'`],
    ['two starts', `${SINCE} and ${SINCE}`],
    ['what is in no specification', `${SINCE} and status eq 'Succeeded'`],
    ['two more equations', `${SINCE} and resourceGroupName eq 'a' and correlationId eq 'b'`],
    ['another operator', `${SINCE} and resourceGroupName ne 'a'`],
    ['or', `${SINCE} or resourceGroupName eq 'a'`],
    ['a caller', `${SINCE} and caller eq 'alice@contoso.com'`],
  ])('is refused: %s', async (_what, filter) => {
    expect(
      (
        await ask(
          filter?.replace('2026-01-01T00:00:00Z', new Date(Date.now() - 60_000).toISOString()) ?? null,
        )
      ).status,
    ).toBe(400);
  });

  test.each([
    ["resourceGroupName eq 'RG-ONE'", true],
    ["resourceGroupName eq 'rg-two'", false],
    [`resourceUri eq '${VAULT.toUpperCase()}'`, true],
    [`resourceUri eq '${VAULT}-two'`, false],
    ["resourceProvider eq 'Microsoft.KeyVault'", true],
    ["resourceProvider eq 'Microsoft.Logic'", false],
  ])('takes %s', async (term, isThere) => {
    const { json } = await ask(`${anHourAgo()} and ${term}`);
    expect((json as { value: Event[] }).value.length > 0).toBe(isThere);
  });

  it('takes a time without quotes and, by switch, a caller, as Azure CLI sends them', async () => {
    simulator.azure.switches.set({ activityLogCallerFilter: 'accepted' });
    await write();
    const { json } = await ask(`${anHourAgo().replaceAll("'", '')} and caller eq '${PIPELINE.objectId}'`);
    const callers = (json as { value: Event[] }).value.map(({ caller }) => caller);
    expect(new Set(callers)).toEqual(new Set([PIPELINE.objectId]));
  });
});

describe('whoever may not read it', () => {
  const grant = (scope: string): void => {
    simulator.azure.permissions.restrict(PIPELINE.objectId, [{ actions: [READ], scope }]);
  };
  const asPipeline = (more = ''): Promise<Reply> =>
    ask(`${anHourAgo()}${more}`, simulator.azure.tokenFor(PIPELINE));

  it('is refused', async () => {
    simulator.azure.permissions.restrict(PIPELINE.objectId, []);
    expect(await asPipeline()).toMatchObject({ status: 403, code: 'AuthorizationFailed' });
    grant(SUBSCRIPTION);
    expect(await asPipeline()).toMatchObject({ status: 200 });
  });

  test.each(['forbidden', 'allowed'] as const)(
    'but of a resource group is %s to ask for that',
    async (mode) => {
      simulator.azure.switches.set({ activityLogByGroup: mode });
      grant(GROUP);
      expect((await asPipeline()).status).toBe(403);
      const own = await asPipeline(" and resourceGroupName eq 'rg-one'");
      expect(own.status).toBe(mode === 'allowed' ? 200 : 403);
      expect((await asPipeline(" and resourceGroupName eq 'rg-two'")).status).toBe(403);
    },
  );
});
