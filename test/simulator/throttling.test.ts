import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../simulator/clock.js';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { call, type Reply } from './arm-client.js';
import { GROUP, SUBSCRIPTION, VAULT_ID, vaultBody } from './samples.js';

let simulator: Simulator;
const clock = manualClock();
const bucket = (capacity: number, refillPerSecond: number): object => ({ capacity, refillPerSecond });

beforeAll(async () => {
  simulator = await startSimulator({ clock });
  simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg');
  await simulator.azure.as('x').put(VAULT_ID, vaultBody());
});
afterAll(() => simulator.close());

const read = (who: string): Promise<Reply> =>
  call(simulator, 'GET', VAULT_ID, { token: simulator.azure.tokenFor(who) });

describe('token buckets', () => {
  it('are off at first', () => {
    expect(simulator.azure.throttling.settings).toMatchObject({
      enabled: false,
      reads: bucket(250, 25),
      writes: bucket(200, 10),
      deletes: bucket(200, 10),
    });
  });

  it('run dry for each caller, and fill up with time', async () => {
    simulator.azure.throttling.set({ enabled: true, reads: { capacity: 2, refillPerSecond: 0.5 } });
    expect((await read('a')).headers['x-ms-ratelimit-remaining-subscription-reads']).toBe('1');
    expect((await read('a')).headers['x-ms-ratelimit-remaining-subscription-reads']).toBe('0');
    const refused = await read('a');
    expect([refused.status, refused.code]).toEqual([429, 'SubscriptionRequestsThrottled']);
    expect(refused.headers['retry-after']).toBe('2');
    expect((await read('b')).status).toBe(200);
    await clock.advance(1999);
    expect((await read('a')).status).toBe(429);
    await clock.advance(1);
    expect((await read('a')).status).toBe(200);
  });

  it('are shared by all callers, fifteen times as large', async () => {
    simulator.azure.throttling.set({ enabled: true, reads: { capacity: 1, refillPerSecond: 0.001 } });
    const statuses: number[] = [];
    for (let i = 0; i < 16; i += 1) statuses.push((await read(`caller-${i}`)).status);
    expect(statuses).toEqual([...Array.from({ length: 15 }, () => 200), 429]);
  });

  it('are apart for reads, writes and deletes, and do not concern whoever acts inside', async () => {
    const empty = { capacity: 1, refillPerSecond: 0.001 };
    simulator.azure.throttling.set({ enabled: true, reads: empty, writes: empty, deletes: empty });
    const other = `${GROUP}/providers/Microsoft.KeyVault/vaults/none`;
    const statuses = [
      (await call(simulator, 'GET', VAULT_ID)).status,
      (await call(simulator, 'PATCH', VAULT_ID, { body: {} })).status,
      (await call(simulator, 'DELETE', other)).status,
      (await call(simulator, 'DELETE', other)).status,
    ];
    expect(statuses).toEqual([200, 200, 204, 429]);
    await simulator.azure.as('x').patch(VAULT_ID, {});
    await simulator.azure.as('x').patch(VAULT_ID, {});
    const written = simulator.azure.journal.requests({ method: 'PATCH', origin: 'actor' });
    expect(written.map(({ status }) => status)).toEqual([200, 200]);
  });
});
