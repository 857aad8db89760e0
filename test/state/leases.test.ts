import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLeases } from '../../src/state/leases.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { connect, startAzurite, type Azurite } from './azurite.js';
import { FORBIDDEN, FORWARD, startProxy } from './proxy.js';
import { vaultIdOf } from './records.js';

let azurite: Azurite;
let connectionString: string;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
beforeEach(() => {
  connectionString = azurite.newConnectionString();
});
afterEach(() => {
  vi.useRealTimers();
});

const ID = parseResourceId(vaultIdOf('kv-one'));
const BUSY = { kind: 'busy' };

/** The leases as one of several instances has them. */
const instance = () => createLeases(connect(connectionString));

/** Only what the lease itself waits for; the clients keep their clocks. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
}

describe('a lease', () => {
  test('is had by one: nobody else works meanwhile, in this instance or another', async () => {
    const mine = instance();
    const result = await mine.withLease(ID, async () => {
      const never = () => Promise.reject(new Error('This is not to run.'));
      expect(await mine.withLease(ID, never)).toEqual(BUSY);
      expect(await instance().withLease(parseResourceId(ID.id.toUpperCase()), never)).toEqual(BUSY);
      return 'mine';
    });
    expect(result).toEqual({ kind: 'done', value: 'mine' });
  });

  test('of one resource does not keep anybody from another', async () => {
    const other = parseResourceId(vaultIdOf('kv-two'));
    await instance().withLease(ID, async () => {
      expect(await instance().withLease(other, () => Promise.resolve(1))).toEqual({ kind: 'done', value: 1 });
    });
    expect.assertions(1);
  });

  test('is free again after the work, also where the work fails', async () => {
    const failure = new Error('The work failed.');
    await expect(instance().withLease(ID, () => Promise.reject(failure))).rejects.toBe(failure);
    await expect(instance().withLease(ID, () => Promise.resolve(1))).resolves.toMatchObject({ kind: 'done' });
  });

  test('is had by exactly one of many that want it at once for the first time', async () => {
    let give: () => void = () => undefined;
    const othersAnswered = new Promise<void>((resolve) => {
      give = resolve;
    });
    const asked = Array.from({ length: 8 }, () => instance().withLease(ID, () => othersAnswered));
    let busy = 0;
    for (const one of asked) {
      void one.then(({ kind }) => {
        busy += kind === 'busy' ? 1 : 0;
        if (busy === 7) give();
      });
    }
    const kinds = (await Promise.all(asked)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'done')).toHaveLength(1);
  });

  test('tells its holder to stop 20 seconds before it ends, not earlier', async () => {
    stopClock();
    await instance().withLease(ID, (signal) => {
      vi.advanceTimersByTime(39_999);
      expect(signal.aborted).toBe(false);
      vi.advanceTimersByTime(1);
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toMatchObject({ message: expect.stringContaining('kv-one') as string });
      return Promise.resolve();
    });
    expect.assertions(3);
  });

  test('counts from before it was asked for, however long the answer takes', async () => {
    await instance().withLease(ID, () => Promise.resolve());
    stopClock();
    const proxy = await startProxy(azurite.endpoints.blob, () => {
      if (proxy.asked.length === 1) vi.advanceTimersByTime(30_000);
      return FORWARD;
    });
    const own = createLeases(connect(connectionString.replace(azurite.endpoints.blob, proxy.url)));
    await own.withLease(ID, (signal) => {
      vi.advanceTimersByTime(9_999);
      expect(signal.aborted).toBe(false);
      vi.advanceTimersByTime(1);
      expect(signal.aborted).toBe(true);
      return Promise.resolve();
    });
    expect.assertions(2);
    await proxy.stop();
  });

  test('that was given back tells nobody to stop', async () => {
    stopClock();
    const signals: AbortSignal[] = [];
    await instance().withLease(ID, (signal) => Promise.resolve(signals.push(signal)));
    vi.advanceTimersByTime(120_000);
    expect(signals.map((signal) => signal.aborted)).toEqual([false]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('that cannot be given back changes nothing of what the work came to', async () => {
    let isRefusing = false;
    const proxy = await startProxy(azurite.endpoints.blob, () => (isRefusing ? FORBIDDEN : FORWARD));
    const own = createLeases(azurite.newAccount({ blob: proxy.url }));
    const result = await own.withLease(ID, () => {
      isRefusing = true;
      return Promise.resolve('done');
    });
    expect(result).toEqual({ kind: 'done', value: 'done' });
    isRefusing = false;
    expect(await own.withLease(ID, () => Promise.resolve())).toEqual(BUSY);
    await proxy.stop();
  });

  test('that cannot be asked for is an error, and nothing is worked on', async () => {
    const proxy = await startProxy(azurite.endpoints.blob, () => FORBIDDEN);
    const work = vi.fn(() => Promise.resolve());
    const own = createLeases(azurite.newAccount({ blob: proxy.url }));
    await expect(own.withLease(ID, work)).rejects.toMatchObject({ statusCode: 403 });
    expect(work).not.toHaveBeenCalled();
    await proxy.stop();
  });

  test('costs one call to get once the resource is known', async () => {
    const proxy = await startProxy(azurite.endpoints.blob, () => FORWARD);
    const own = createLeases(azurite.newAccount({ blob: proxy.url }));
    await own.withLease(ID, () => Promise.resolve());
    const before = proxy.asked.length;
    let during = 0;
    await own.withLease(ID, () => Promise.resolve((during = proxy.asked.length)));
    expect(during - before).toBe(1);
    await proxy.stop();
  });
});
