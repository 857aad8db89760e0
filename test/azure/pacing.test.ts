import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ArmError } from '../../src/engine/arm-error.js';
import { parseResourceId, type ResourceId } from '../../src/types/resource-id.js';
import { DEFAULT_SUBSCRIPTION } from '../../simulator/azure.js';
import { instanceOver, overAzure } from './over-azure.js';

const GROUP = `/subscriptions/${DEFAULT_SUBSCRIPTION}/resourceGroups/rg`;
const vault = (name: string): ResourceId =>
  parseResourceId(`${GROUP}/providers/Microsoft.KeyVault/vaults/${name}`);
const body = JSON.stringify({ properties: { enabledForDeployment: false } });

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-23T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Azure with some vaults, its buckets on and 100 ms away. */
async function azureWith(vaults: number) {
  const world = overAzure();
  const { azure } = world;
  azure.addResourceGroup(DEFAULT_SUBSCRIPTION, 'rg');
  for (let i = 0; i < vaults; i += 1) {
    await azure.as('alice@contoso.com').put(vault(`kv-${i}`).id, {
      location: 'westeurope',
      properties: { tenantId: azure.tenantId, sku: { family: 'A', name: 'standard' }, accessPolicies: [] },
    });
  }
  azure.throttling.set({ enabled: true });
  azure.latency.set({ minMs: 100, maxMs: 100 });
  return { ...world, since: azure.journal.mark() };
}

/** Lets time pass until it is done. */
async function passing<T>(work: Promise<T>): Promise<T> {
  const state = { isDone: false };
  const done = (): void => {
    state.isDone = true;
  };
  work.then(done, done);
  while (!state.isDone) await vi.advanceTimersByTimeAsync(20);
  return work;
}

/** As the queue does: so many at once, one after the other. */
async function inLanes(lanes: number, count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await work(next - 1);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

describe('within ARM’s buckets', () => {
  test('a thousand writes flow at the rate of the bucket, and none is turned down', async () => {
    const { azure, instance, since } = await azureWith(20);
    const { writer } = instance();
    const startedAt = Date.now();
    await passing(inLanes(12, 1000, (i) => writer.patchVault(vault(`kv-${i % 20}`), body, `w-${i}`)));
    const writes = azure.journal.writes({ since });
    expect(writes.filter(({ status }) => status === 429)).toHaveLength(0);
    expect(writes).toHaveLength(1000);
    // 200 stand in the bucket, and ten flow in each second.
    expect((Date.now() - startedAt) / 1000).toBeLessThan(((1000 - 200) / 10) * 1.1);
  });

  test('three instances that share it take turns without a word to each other', async () => {
    const { azure, instance, since } = await azureWith(20);
    const instances = [instance(), instance(), instance()];
    const startedAt = Date.now();
    await passing(
      inLanes(36, 600, async (i) => {
        for (;;) {
          try {
            return await instances[i % 3]?.writer.patchVault(vault(`kv-${i % 20}`), body, `w-${i}`);
          } catch (error) {
            if (!(error instanceof ArmError)) throw error;
            await new Promise((resolve) => setTimeout(resolve, error.details.retryAfterMs ?? 1000));
          }
        }
      }),
    );
    const throttled = azure.journal.writes({ since }).filter(({ status }) => status === 429).length;
    expect(throttled).toBeLessThan(0.15 * 600);
    expect((Date.now() - startedAt) / 1000).toBeLessThan(((600 - 200) / 10) * 1.6);
  });

  test('reads of a sweep leave room for an event, which waits for nothing', async () => {
    const { instance } = await azureWith(20);
    const { reader, sweepReader } = instance();
    const sweep = inLanes(40, 900, (i) => sweepReader.read(vault(`kv-${i % 20}`)));
    await vi.advanceTimersByTimeAsync(10_000);
    const startedAt = Date.now();
    await passing(reader.read(vault('kv-1')));
    expect(Date.now() - startedAt).toBeLessThanOrEqual(140);
    await passing(sweep);
  });
});

describe('after Azure has asked to wait', () => {
  test('a sweep waits as long as that takes', async () => {
    const { azure, instance, since } = await azureWith(1);
    const fault = { kind: 'error', status: 429, retryAfter: 17 } as const;
    azure.faults.add({ method: 'GET', times: 4, action: fault });
    const { sweepReader } = instance();
    expect((await passing(sweepReader.read(vault('kv-0')))).id).toEqual(vault('kv-0'));
    const times = azure.journal.reads({ since }).map(({ time }) => Date.parse(time));
    expect(times).toHaveLength(5);
    for (const [i, time] of times.slice(1).entries()) {
      expect(time - (times[i] ?? 0)).toBeGreaterThanOrEqual(17_000);
    }
  });

  test('an event is told, and nothing more is sent', async () => {
    const { azure, instance, since } = await azureWith(2);
    azure.faults.add({ method: 'GET', times: 1, action: { kind: 'error', status: 429, retryAfter: 17 } });
    const { reader } = instance();
    const first: unknown = await passing(reader.read(vault('kv-0')).catch((error: unknown) => error));
    const second: unknown = await passing(reader.read(vault('kv-1')).catch((error: unknown) => error));
    for (const error of [first, second]) {
      expect(error).toBeInstanceOf(ArmError);
      expect((error as ArmError).details).toMatchObject({ kind: 'throttled', status: null });
      expect((error as ArmError).details.retryAfterMs).toBeGreaterThan(16_000);
      expect((error as ArmError).message).toContain('was not sent');
    }
    expect(azure.journal.reads({ since })).toHaveLength(1);
  });

  test('a request whose token took long goes by what Azure said meanwhile', async () => {
    const { azure, token, http, since } = await azureWith(2);
    const slow = {
      getToken: async () => {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        return token.getToken();
      },
    };
    const { reader } = instanceOver(slow, http);
    azure.faults.add({ method: 'GET', times: 1, action: { kind: 'error', status: 429, retryAfter: 3 } });
    const both = [reader.read(vault('kv-0')), reader.read(vault('kv-1'))];
    await passing(Promise.all(both));
    const [first, ...others] = azure.journal.reads({ since }).map(({ time }) => Date.parse(time));
    for (const time of others.slice(1)) expect(time - (first ?? 0)).toBeGreaterThanOrEqual(3000);
  });

  test('a write that Azure turned down is never repeated here, and a place in the line that is kept is given up', async () => {
    const { azure, instance, since } = await azureWith(2);
    azure.faults.add({ method: 'PATCH', times: 1, action: { kind: 'error', status: 429, retryAfter: 17 } });
    const { writer } = instance();
    await expect(passing(writer.patchVault(vault('kv-0'), body, 'w'))).rejects.toThrow('too many requests');
    await expect(writer.reserve(vault('kv-1'), new AbortController().signal)).rejects.toThrow('was not sent');
    expect(azure.journal.writes({ since })).toHaveLength(1);
  });
});

test('a server that says nothing of its buckets is asked as fast as it answers', async () => {
  const { token } = await azureWith(0);
  const http: HttpClient = {
    sendRequest: (request) =>
      Promise.resolve({
        request,
        status: 200,
        headers: createHttpHeaders(),
        bodyAsText: JSON.stringify({ properties: {} }),
      }),
  };
  const { sweepReader } = instanceOver(token, http);
  const startedAt = Date.now();
  await Promise.all(Array.from({ length: 1000 }, (_, i) => sweepReader.read(vault(`kv-${i}`))));
  expect(Date.now()).toBe(startedAt);
});
