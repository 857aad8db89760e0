import type { QueueServiceClient } from '@azure/storage-queue';
import type { LogLevel } from './host-log.js';
import type { QueueSettings } from './host-settings.js';
import type { InvocationResult, TriggerInput } from './invocation.js';
import type { MessageLease } from './message-lease.js';
import { decodeMessage, queueInput, type QueueMessage } from './queue-message.js';

export interface MessageHandlerOptions {
  readonly service: QueueServiceClient;
  readonly queueName: string;
  readonly settings: QueueSettings;
  readonly run: (input: () => TriggerInput) => Promise<InvocationResult>;
  readonly log: (level: LogLevel, message: string) => void;
}

/**
 * Runs the function on a message and settles it: deleted after success, back in the queue after a failure, in the
 * poison queue after the last one (QueueProcessor.cs of Microsoft.Azure.WebJobs.Extensions.Storage.Queues). Rejects if
 * the storage account fails; the message then comes again.
 */
export function createMessageHandler(options: MessageHandlerOptions) {
  const { service, queueName, settings, run, log } = options;
  const queue = service.getQueueClient(queueName);
  // A poison queue has no poison queue: what fails there stays hidden until its time is over.
  const poison = queueName.endsWith('-poison') ? undefined : service.getQueueClient(`${queueName}-poison`);

  const moveToPoison = async (message: QueueMessage, receipt: string) => {
    if (!poison) return;
    log('warning', `Moving message ${message.messageId} to the queue ${poison.name}.`);
    await poison.createIfNotExists();
    await poison.sendMessage(message.messageText);
    await queue.deleteMessage(message.messageId, receipt);
  };

  return async (message: QueueMessage, lease: MessageLease): Promise<void> => {
    const text = decodeMessage(message.messageText, settings.messageEncoding);
    if (text === undefined) {
      log(
        'warning',
        `Message ${message.messageId} is not base64, which messageEncoding of host.json asks for.`,
      );
    }
    if (text === undefined || message.dequeueCount > settings.maxDequeueCount) {
      await moveToPoison(message, await lease.end());
      return;
    }
    const result = await run(() => queueInput(message, text));
    const receipt = await lease.end();
    if (result.kind === 'succeeded') {
      await queue.deleteMessage(message.messageId, receipt);
    } else if (message.dequeueCount >= settings.maxDequeueCount) {
      await moveToPoison(message, receipt);
    } else if (poison) {
      await queue.updateMessage(
        message.messageId,
        receipt,
        undefined,
        Math.round(settings.visibilityTimeout),
      );
    }
  };
}
