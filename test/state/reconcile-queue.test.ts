import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ReconcileMessage, ReconcileQueue } from '../../src/engine/ports/queue.js';
import { createReconcileQueue, POISON_QUEUE, RECONCILE_QUEUE } from '../../src/state/reconcile-queue.js';
import type { StorageAccount } from '../../src/state/storage-account.js';
import { connect, startAzurite, type Azurite } from './azurite.js';
import { vaultIdOf } from './records.js';
import { FORWARD, startProxy } from './proxy.js';

let azurite: Azurite;
let account: StorageAccount;
let queue: ReconcileQueue;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
beforeEach(() => {
  account = azurite.newAccount();
  queue = createReconcileQueue(account);
});

const MESSAGE: ReconcileMessage = {
  v: 1,
  resourceId: vaultIdOf('kv-one'),
  correlationId: 'c-1',
  trigger: 'event',
  actor: { id: 'x', name: 'Ünal <b>&\u2028', ip: null },
  remediators: ['vault-firewall'],
  askedForByName: false,
  attempt: 2,
};

async function waiting(name: string): Promise<readonly unknown[]> {
  const { receivedMessageItems } = await account.queue(name).receiveMessages({ numberOfMessages: 32 });
  return receivedMessageItems.map(
    (item) => JSON.parse(Buffer.from(item.messageText, 'base64').toString('utf8')) as unknown,
  );
}

describe('the reconcile queue', () => {
  test('gives the Functions host JSON in base64, at once where there is no delay', async () => {
    await queue.send(MESSAGE, 0);
    expect(await waiting(RECONCILE_QUEUE)).toStrictEqual([MESSAGE]);
  });

  test('puts what was given up where the Functions host would', async () => {
    await queue.poison(MESSAGE, 'Tried five times.');
    expect(await waiting('reconcile-poison')).toStrictEqual([{ ...MESSAGE, why: 'Tried five times.' }]);
    expect(POISON_QUEUE).toBe('reconcile-poison');
  });

  test.each([
    ['a part of a second is a second', 1, 1],
    ['a delay is rounded up, not down', 1001, 2],
    ['the longest delay that a queue takes', 7 * 86_400_000, 604_800],
    ['a longer one is cut', 30 * 86_400_000, 604_800],
    ['a time that has passed is now', -5000, 0],
  ])('%s', async (_name, delayMs, seconds) => {
    const proxy = await startProxy(azurite.endpoints.queue, () => FORWARD);
    await createReconcileQueue(azurite.newAccount({ queue: proxy.url })).send(MESSAGE, delayMs);
    const sent = proxy.asked.filter(({ path }) => path.includes('/messages')).at(-1);
    const asked = new URL(sent?.path ?? '', proxy.url).searchParams;
    expect(asked.get('visibilitytimeout')).toBe(String(seconds));
    expect(asked.get('messagettl')).toBe('-1');
    await proxy.stop();
  });

  test('a delayed message is there, but is not seen yet', async () => {
    await queue.send(MESSAGE, 3_600_000);
    expect(await waiting(RECONCILE_QUEUE)).toEqual([]);
    const { approximateMessagesCount } = await account.queue(RECONCILE_QUEUE).getProperties();
    expect(approximateMessagesCount).toBe(1);
  });

  test('first messages at once make one queue and lose nothing', async () => {
    const proxy = await startProxy(azurite.endpoints.queue, () => FORWARD);
    const connectionString = azurite.newConnectionString({ queue: proxy.url });
    const own = createReconcileQueue(connect(connectionString));
    await Promise.all(Array.from({ length: 8 }, (_, attempt) => own.send({ ...MESSAGE, attempt }, 0)));
    account = connect(connectionString);
    expect(await waiting(RECONCILE_QUEUE)).toHaveLength(8);
    const isCreation = ({ method, path }: { method: string; path: string }) =>
      method === 'PUT' && !path.includes('/messages');
    expect(proxy.asked.filter(isCreation)).toHaveLength(1);
    await proxy.stop();
  });

  test('a message that cannot be sent is an error', async () => {
    const proxy = await startProxy(azurite.endpoints.queue, () => ({
      kind: 'answer',
      status: 403,
      body: '',
    }));
    const own = createReconcileQueue(azurite.newAccount({ queue: proxy.url }));
    await expect(own.send(MESSAGE, 0)).rejects.toMatchObject({ statusCode: 403 });
    await proxy.stop();
  });
});
