import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Azure } from '../../simulator/azure.js';
import { manualClock } from '../../simulator/clock.js';
import type { FaultAction } from '../../simulator/faults.js';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { call, type Reply } from './arm-client.js';
import { GROUP, SUBSCRIPTION, VAULT_ID, vaultBody, WORKFLOW_ID, workflowBody } from './samples.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
  simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg');
  await simulator.azure.as('x').put(VAULT_ID, vaultBody());
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.azure.faults.clear();
  simulator.azure.journal.clear();
});

const get = (): Promise<Reply> => call(simulator, 'GET', VAULT_ID);
const patch = (body: object = {}): Promise<Reply> => call(simulator, 'PATCH', VAULT_ID, { body });
const once = (action: FaultAction): string => simulator.azure.faults.add({ times: 1, action });
const changes = (): number => simulator.azure.journal.changes().length;

describe('which requests a fault strikes', () => {
  const busy = { kind: 'error', status: 503 } as const;

  it.each([
    ['every one', {}, [503, 503, 503]],
    ['the second', { skip: 1, times: 1 }, [200, 503, 200]],
    ['the first two', { times: 2 }, [503, 503, 200]],
    ['none of another method', { method: 'PUT' }, [200, 200, 200]],
    ['those of its methods', { method: ['GET', 'PUT'] }, [503, 503, 503]],
    ['those of its path, without case', { path: '*/VAULTS/kv-*' }, [503, 503, 503]],
    ['none of another path', { path: '*/workflows/*' }, [200, 200, 200]],
    ['none by chance', { probability: 0 }, [200, 200, 200]],
    ['all by chance', { probability: 1 }, [503, 503, 503]],
    ['none of another endpoint', { endpoint: 'identity' as const }, [200, 200, 200]],
  ])('%s', async (_name, rule, statuses) => {
    const id = simulator.azure.faults.add({ ...rule, action: busy });
    expect([(await get()).status, (await get()).status, (await get()).status]).toEqual(statuses);
    const struck = statuses.filter((status) => status === 503).length;
    expect(simulator.azure.faults.all).toMatchObject([{ id, struck }]);
    const { journal } = simulator.azure;
    expect(journal.requests().filter(({ fault }) => fault === id)).toHaveLength(struck);
  });

  it('not those of somebody inside', async () => {
    once(busy);
    await expect(simulator.azure.as('x').get(VAULT_ID)).resolves.toContain(VAULT_ID);
  });
});

describe('an error', () => {
  it.each(['before', 'after'] as const)('%s applying', async (when) => {
    once({ kind: 'error', status: 409, code: 'ConflictError', message: 'No.', when });
    const reply = await patch();
    expect([reply.status, reply.json]).toEqual([409, { error: { code: 'ConflictError', message: 'No.' } }]);
    expect(changes()).toBe(when === 'before' ? 0 : 1);
    expect(simulator.azure.journal.requests()).toMatchObject([{ status: 409, changed: when === 'after' }]);
  });

  it.each([
    [7, 7, 7],
    ['Wed, 21 Oct 2099 07:28:00 GMT', 60_000_000, Infinity],
  ])('with Retry-After %s', async (retryAfter, least, most) => {
    once({ kind: 'error', status: 429, retryAfter });
    expect((await get()).headers['retry-after']).toBe(String(retryAfter));
    const noted = simulator.azure.journal.requests()[0]?.retryAfter ?? -1;
    expect(noted).toBeGreaterThanOrEqual(least);
    expect(noted).toBeLessThanOrEqual(most);
  });

  it("that is not ARM's", async () => {
    once({ kind: 'error', status: 502, body: '<html>Bad gateway</html>', headers: { via: 'proxy' } });
    const reply = await get();
    expect([reply.text, reply.headers['content-type'], reply.headers.via]).toEqual([
      '<html>Bad gateway</html>',
      'text/html',
      'proxy',
    ]);
  });
});

describe('a broken connection', () => {
  it.each([
    ['before', 0],
    ['after', 1],
    ['mid-body', 1],
  ] as const)('%s', async (when, applied) => {
    once({ kind: 'reset', when });
    await expect(patch()).rejects.toThrow(/socket hang up|aborted|ECONNRESET/);
    expect(changes()).toBe(applied);
    expect(simulator.azure.journal.requests()[0]?.status).toBe(when === 'mid-body' ? 200 : null);
  });

  it('that ends too early looks whole', async () => {
    once({ kind: 'truncate', bytes: 20 });
    const reply = await get();
    expect([reply.status, reply.text.length, reply.json]).toEqual([200, 20, undefined]);
  });
});

describe('slowness', () => {
  it('comes before or after applying, and adds up with latency', async () => {
    const clock = manualClock();
    const azure = new Azure(() => 'https://arm.example', { clock, latency: { minMs: 100, maxMs: 100 } });
    azure.addResourceGroup(SUBSCRIPTION, 'rg');
    await azure.as('x').put(VAULT_ID, vaultBody());
    azure.faults.add({ action: { kind: 'delay', ms: 50 } });
    azure.faults.add({ action: { kind: 'delay', ms: 30, when: 'after' } });
    azure.journal.clear();
    const answer = azure.handle({
      method: 'PATCH',
      url: `${VAULT_ID}?api-version=2026-02-01`,
      headers: { authorization: `Bearer ${azure.tokenFor('x')}`, 'content-type': 'application/json' },
      body: '{}',
      clientIp: null,
    });
    await clock.advance(149);
    expect(azure.journal.changes()).toHaveLength(0);
    await clock.advance(1);
    expect(azure.journal.changes()).toHaveLength(1);
    expect(azure.journal.requests()[0]?.status).toBeNull();
    await clock.advance(30);
    expect((await answer).status).toBe(200);
    expect(azure.journal.requests()[0]).toMatchObject({ status: 200, durationMs: 180 });
  });

  it('without end leaves the caller to hang up', async () => {
    once({ kind: 'hang' });
    const caller = new AbortController();
    const answer = call(simulator, 'GET', VAULT_ID, { signal: caller.signal });
    await vi.waitFor(() => {
      expect(simulator.azure.journal.requests()).toHaveLength(1);
    });
    caller.abort();
    await expect(answer).rejects.toThrow(/aborted/);
    expect(simulator.azure.journal.requests()[0]).toMatchObject({ status: null, changed: false });
  });
});

describe('what others do meanwhile', () => {
  it('a stale read shows what was before the last write', async () => {
    await patch({ tags: { seen: 'before' } });
    await patch({ tags: { seen: 'after' } });
    once({ kind: 'stale' });
    expect((await get()).json).toMatchObject({ tags: { seen: 'before' } });
    expect((await get()).json).toMatchObject({ tags: { seen: 'after' } });
  });

  it('Microsoft changes addresses between a read and the next request', async () => {
    await simulator.azure.as('x').put(WORKFLOW_ID, workflowBody());
    once({
      kind: 'change-outbound-ips',
      location: 'westeurope',
      ips: { connector: ['20.9.9.9'] },
      when: 'after',
    });
    expect((await call(simulator, 'GET', WORKFLOW_ID)).text).not.toContain('20.9.9.9');
    expect((await call(simulator, 'GET', WORKFLOW_ID)).text).toContain('20.9.9.9');
  });

  it('somebody else writes first', async () => {
    const rule = { networkAcls: { defaultAction: 'Allow' } };
    once({
      kind: 'somebody-else',
      as: 'mallory@contoso.com',
      method: 'PATCH',
      path: VAULT_ID,
      body: JSON.stringify({ properties: rule }),
    });
    expect((await patch({ tags: { mine: 'yes' } })).json).toMatchObject({
      tags: { mine: 'yes' },
      properties: { networkAcls: { defaultAction: 'Allow' } },
    });
    expect(simulator.azure.journal.changes().map(({ principal }) => principal?.name)).toEqual([
      'mallory@contoso.com',
      'tester@contoso.com',
    ]);
  });
});

describe('the journal', () => {
  it('has one entry for each request and each change', async () => {
    const { journal } = simulator.azure;
    const headers = { 'x-ms-client-request-id': 'write-1', 'x-ms-correlation-request-id': 'c-1' };
    await get();
    await call(simulator, 'PATCH', VAULT_ID, { body: { tags: { n: '1' } }, headers });
    const mark = journal.mark();
    await call(simulator, 'GET', `${GROUP}/providers/Microsoft.KeyVault/vaults`);
    await call(simulator, 'PATCH', VAULT_ID, { body: { properties: { sku: 1 } } });
    expect(journal.reads({ under: VAULT_ID })).toHaveLength(1);
    expect(journal.reads({ since: mark })).toHaveLength(1);
    expect(journal.writes()).toMatchObject([
      {
        method: 'PATCH',
        path: VAULT_ID,
        apiVersion: '2026-02-01',
        clientRequestId: 'write-1',
        correlationId: 'c-1',
        operation: 'Microsoft.KeyVault/vaults/write',
        principal: { name: 'tester@contoso.com' },
        status: 200,
        changed: true,
        body: '{"tags":{"n":"1"}}',
      },
      { status: 400, errorCode: 'BadRequest', changed: false },
    ]);
    const [change, ...others] = journal.changes({ resourceId: VAULT_ID.toUpperCase() });
    expect(others).toEqual([]);
    expect(change).toMatchObject({
      clientRequestId: 'write-1',
      requestSequence: journal.writes()[0]?.sequence,
    });
    expect(JSON.parse(change?.after ?? '')).toMatchObject({ tags: { n: '1' } });
    expect(JSON.parse(change?.before ?? '')).not.toMatchObject({ tags: { n: '1' } });
  });

  it('tells the processes of an app apart by their tokens', async () => {
    await call(simulator, 'GET', VAULT_ID, { token: simulator.azure.tokenFor('app') });
    await call(simulator, 'GET', VAULT_ID, { token: simulator.azure.tokenFor('app') });
    const [one, two] = simulator.azure.journal.requests();
    expect(one?.principal?.objectId).toBe(two?.principal?.objectId);
    expect(one?.tokenId).not.toBe(two?.tokenId);
  });
});

describe('the same seed', () => {
  it('gives the same journal', async () => {
    const run = async (): Promise<string> => {
      const clock = manualClock();
      const azure = new Azure(() => 'https://arm.example', { clock, seed: 7 });
      azure.addResourceGroup(SUBSCRIPTION, 'rg');
      azure.faults.add({ probability: 0.5, action: { kind: 'error', status: 500 } });
      for (let i = 0; i < 20; i += 1) {
        await azure.handle({
          method: 'PUT',
          url: `${VAULT_ID}?api-version=2026-02-01`,
          headers: { authorization: `Bearer ${azure.tokenFor('x')}`, 'content-type': 'application/json' },
          body: JSON.stringify(vaultBody()),
          clientIp: null,
        });
      }
      const statuses = new Set(azure.journal.requests().map(({ status }) => status));
      expect(statuses).toEqual(new Set([201, 200, 500]));
      return JSON.stringify([azure.journal.requests(), azure.journal.changes()]);
    };
    expect(await run()).toBe(await run());
  });
});
