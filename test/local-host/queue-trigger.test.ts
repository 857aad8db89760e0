import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { type Azurite, startAzurite } from '../../local-host/azurite.js';
import type { InvocationResult, TriggerInput } from '../../local-host/invocation.js';
import type { Listener } from '../../local-host/listener.js';
import { listenToQueue, type QueueListenerOptions } from '../../local-host/queue-trigger.js';
import { createLineWatcher } from './line-watcher.js';

const settings = {
  batchSize: 4,
  newBatchThreshold: 1,
  maxDequeueCount: 2,
  visibilityTimeout: 0,
  maxPollingInterval: 60,
  messageEncoding: 'none',
} as const;

interface Run {
  readonly text: unknown;
  readonly end: (kind: 'succeeded' | 'failed') => void;
}

let azurite: Azurite;
let service: QueueServiceClient;
const listeners: Listener[] = [];

beforeAll(async () => {
  azurite = await startAzurite();
  service = QueueServiceClient.fromConnectionString(azurite.connectionString);
});
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.stop();
});
afterAll(() => azurite.close());

/** A listener on a new queue, whose runs end when the test says so. */
function listen(options: Partial<QueueListenerOptions> & { suffix?: string } = {}) {
  const queue = service.getQueueClient(`q${randomUUID().slice(0, 8)}${options.suffix ?? ''}`);
  const logged = createLineWatcher();
  const runs: Run[] = [];
  const run = (input: () => TriggerInput) =>
    new Promise<InvocationResult>((resolve) => {
      const { data } = input();
      const end = (kind: 'succeeded' | 'failed') => {
        resolve(kind === 'succeeded' ? { kind, response: {} } : { kind, error: new Error('failed') });
      };
      runs.push({ text: 'string' in data ? data.string : data, end });
    });
  const log = (level: string, message: string) => {
    logged.write(`${level} ${message}`);
  };
  const common = { service, queueName: queue.name, settings, leaseSeconds: 600 };
  const listener = listenToQueue({ ...common, run, log, ...options });
  listeners.push(listener);
  return { queue, listener, runs, logged };
}

const countOf = async (queue: QueueClient) => (await queue.getProperties()).approximateMessagesCount;
const runsAre = (runs: readonly Run[], count: number) => expect.poll(() => runs.length).toBe(count);

describe('a queue listener', () => {
  it('creates the queue, runs the function and deletes the message', async () => {
    const { queue, listener, runs } = listen();
    await listener.start();
    await expect.poll(() => queue.exists()).toBe(true);
    await queue.sendMessage('hello');
    await runsAre(runs, 1);
    expect(runs[0]?.text).toBe('hello');
    expect(await countOf(queue)).toBe(1);
    runs[0]?.end('succeeded');
    await expect.poll(() => countOf(queue)).toBe(0);
  });

  it('gives a failed message back, and moves it to the poison queue in the end', async () => {
    const { queue, listener, runs } = listen();
    await queue.create();
    await queue.sendMessage('bad');
    await listener.start();
    await runsAre(runs, 1);
    runs[0]?.end('failed');
    await runsAre(runs, 2);
    runs[1]?.end('failed');
    const poison = service.getQueueClient(`${queue.name}-poison`);
    await expect.poll(() => poison.exists()).toBe(true);
    await expect
      .poll(async () => (await poison.peekMessages()).peekedMessageItems)
      .toMatchObject([{ messageText: 'bad' }]);
    await expect.poll(() => countOf(queue)).toBe(0);
    expect(runs).toHaveLength(2);
  });

  it('hides a failed message for the time that host.json says', async () => {
    const { queue, listener, runs } = listen({ settings: { ...settings, visibilityTimeout: 300 } });
    await queue.create();
    await queue.sendMessage('later');
    await listener.start();
    await runsAre(runs, 1);
    runs[0]?.end('failed');
    await listener.stop();
    expect((await queue.receiveMessages()).receivedMessageItems).toEqual([]);
    expect(await countOf(queue)).toBe(1);
  });

  it('moves what is not encoded as it should be to the poison queue, without a run', async () => {
    const { queue, listener, runs, logged } = listen({
      settings: { ...settings, messageEncoding: 'base64' },
    });
    await queue.create();
    const { messageId } = await queue.sendMessage('{"not":"base64"}');
    await listener.start();
    await logged.waitFor(`warning Message ${messageId} is not base64`);
    const poison = service.getQueueClient(`${queue.name}-poison`);
    await expect.poll(() => poison.exists()).toBe(true);
    await expect
      .poll(async () => (await poison.peekMessages()).peekedMessageItems)
      .toMatchObject([{ messageText: '{"not":"base64"}' }]);
    expect(runs).toEqual([]);
  });

  it('has no poison queue for a poison queue', async () => {
    const { queue, listener, runs } = listen({
      suffix: '-poison',
      settings: { ...settings, maxDequeueCount: 1 },
    });
    await queue.create();
    await queue.sendMessage('bad');
    await listener.start();
    await runsAre(runs, 1);
    runs[0]?.end('failed');
    await listener.stop();
    expect(await service.getQueueClient(`${queue.name}-poison`).exists()).toBe(false);
    expect(await countOf(queue)).toBe(1);
  });

  it('takes a batch at a time, and the next one only at the threshold', async () => {
    const { queue, listener, runs } = listen();
    await queue.create();
    for (let index = 0; index < 7; index += 1) await queue.sendMessage(String(index));
    await listener.start();
    await runsAre(runs, 4);
    runs[0]?.end('succeeded');
    runs[1]?.end('succeeded');
    await expect.poll(() => countOf(queue)).toBe(5);
    expect(runs).toHaveLength(4);
    runs[2]?.end('succeeded');
    await runsAre(runs, 7);
    for (const run of runs) run.end('succeeded');
    await expect.poll(() => countOf(queue)).toBe(0);
  });

  it('keeps a message hidden for as long as its function runs, and can still delete it', async () => {
    const { queue, listener, runs, logged } = listen({ leaseSeconds: 2 });
    await queue.create();
    await queue.sendMessage('long');
    await listener.start();
    await runsAre(runs, 1);
    const renewals = () => logged.lines.filter((line) => line.includes('stays hidden')).length;
    // Three renewals at one a second: the first hiding, of two seconds, is over.
    await expect.poll(renewals).toBeGreaterThanOrEqual(3);
    expect(runs).toHaveLength(1);
    runs[0]?.end('succeeded');
    await expect.poll(() => countOf(queue)).toBe(0);
    expect(logged.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('stops when what runs has ended', async () => {
    const { queue, listener, runs } = listen();
    await queue.create();
    await queue.sendMessage('first');
    await listener.start();
    await runsAre(runs, 1);
    const stopped = listener.stop();
    await queue.sendMessage('second');
    runs[0]?.end('succeeded');
    await stopped;
    expect(runs).toHaveLength(1);
    expect((await queue.peekMessages()).peekedMessageItems).toMatchObject([{ messageText: 'second' }]);
  });

  it('gives back what still runs', async () => {
    const { queue, listener, runs, logged } = listen();
    await queue.create();
    await queue.sendMessage('stuck');
    await listener.start();
    await runsAre(runs, 1);
    const stopped = listener.stop();
    await listener.release();
    const { receivedMessageItems } = await queue.receiveMessages();
    expect(receivedMessageItems).toMatchObject([{ messageText: 'stuck', dequeueCount: 2 }]);
    // It ends after all: the message is another's now, and is left alone.
    runs[0]?.end('succeeded');
    await stopped;
    await logged.waitFor('debug Message');
    expect(await countOf(queue)).toBe(1);
  });

  it('goes on when the queue vanishes', async () => {
    const { queue, listener, runs, logged } = listen();
    await listener.start();
    await expect.poll(() => queue.exists()).toBe(true);
    await queue.delete();
    await logged.waitFor(`error The queue ${queue.name} cannot be read`);
    await expect.poll(() => queue.exists()).toBe(true);
    await queue.sendMessage('again');
    await runsAre(runs, 1);
    runs[0]?.end('succeeded');
  });
});
