import { setTimeout as pause } from 'node:timers/promises';
import { RestError } from '@azure/storage-queue';
import { describeError } from './host-log.js';
import type { Listener } from './listener.js';
import { createMessageHandler, type MessageHandlerOptions } from './message-handler.js';
import { type MessageLease, holdMessage } from './message-lease.js';
import type { QueueMessage } from './queue-message.js';

export interface QueueListenerOptions extends MessageHandlerOptions {
  /** For how long a running message is hidden at a time: in Azure it is 10 minutes. */
  readonly leaseSeconds: number;
}

const shortestPauseMs = 100;
/** In Azure it is a minute unless host.json says less; here somebody is waiting. */
const longestPauseMs = 2000;

/**
 * Polls a queue and runs the function on each message; after an empty poll it waits, longer each time. How many run at
 * once follows Listeners/QueueListener.cs of Microsoft.Azure.WebJobs.Extensions.Storage.Queues.
 */
export function listenToQueue(options: QueueListenerOptions): Listener {
  const { service, queueName, settings, log, leaseSeconds } = options;
  const queue = service.getQueueClient(queueName);
  const handle = createMessageHandler(options);
  const stopping = new AbortController();
  const running = new Map<Promise<void>, { readonly message: QueueMessage; readonly lease: MessageLease }>();
  let polling: Promise<void> = Promise.resolve();
  let queueExists = false;

  const take = (message: QueueMessage) => {
    const lease = holdMessage(queue, message, leaseSeconds, (error) => {
      if (error === undefined)
        log('debug', `Message ${message.messageId} stays hidden: its function is running.`);
      else
        log('warning', `Message ${message.messageId} may be seen again too early: ${describeError(error)}`);
    });
    const handling = handle(message, lease)
      .catch(async (error: unknown) => {
        await lease.end();
        const level = isTakenByOthers(error) ? 'debug' : 'error';
        log(
          level,
          `Message ${message.messageId} could not be settled and may come again: ${describeError(error)}`,
        );
      })
      .finally(() => running.delete(handling));
    running.set(handling, { message, lease });
  };

  const receive = async (): Promise<number> => {
    try {
      if (!queueExists) await queue.createIfNotExists({ abortSignal: stopping.signal });
      queueExists = true;
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: settings.batchSize,
        visibilityTimeout: leaseSeconds,
        abortSignal: stopping.signal,
      });
      receivedMessageItems.forEach(take);
      return receivedMessageItems.length;
    } catch (error) {
      queueExists = false;
      if (!stopping.signal.aborted)
        log('error', `The queue ${queueName} cannot be read: ${describeError(error)}`);
      return 0;
    }
  };

  const poll = async () => {
    const limitMs = Math.min(longestPauseMs, settings.maxPollingInterval * 1000);
    const firstMs = Math.min(shortestPauseMs, limitMs);
    let pauseMs = firstMs;
    while (!stopping.signal.aborted) {
      if ((await receive()) === 0) {
        await pause(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, limitMs);
        continue;
      }
      pauseMs = firstMs;
      while (running.size > settings.newBatchThreshold) await Promise.race(running.keys());
    }
  };

  return {
    start() {
      polling = poll();
      return Promise.resolve();
    },
    async stop() {
      stopping.abort();
      await polling;
      await Promise.all(running.keys());
    },
    async release() {
      for (const { message, lease } of running.values()) {
        try {
          await queue.updateMessage(message.messageId, await lease.end(), undefined, 0);
        } catch (error) {
          log('warning', `Message ${message.messageId} could not be given back: ${describeError(error)}`);
        }
      }
    },
  };
}

/** Another host has the message, or it is gone: nothing is lost. */
function isTakenByOthers(error: unknown): boolean {
  return (
    error instanceof RestError && (error.code === 'PopReceiptMismatch' || error.code === 'MessageNotFound')
  );
}
