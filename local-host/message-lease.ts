import type { QueueClient } from '@azure/storage-queue';
import type { QueueMessage } from './queue-message.js';

/** A received message, hidden from others for as long as this is held. */
export interface MessageLease {
  /** Ends the renewals; the receipt that now deletes or updates the message. */
  end(): Promise<string>;
}

/** Renews at half time, as UpdateQueueMessageVisibilityCommand.cs of the storage extension does. */
export function holdMessage(
  queue: QueueClient,
  message: QueueMessage,
  seconds: number,
  onRenewal: (error?: unknown) => void,
): MessageLease {
  let receipt = message.popReceipt;
  let renewal: Promise<void> = Promise.resolve();

  const renew = async () => {
    try {
      const renewed = await queue.updateMessage(message.messageId, receipt, undefined, seconds);
      receipt = renewed.popReceipt ?? receipt;
      onRenewal();
    } catch (error) {
      onRenewal(error);
    }
  };
  const timer = setInterval(
    () => {
      renewal = renewal.then(renew);
    },
    (seconds * 1000) / 2,
  );

  return {
    async end() {
      clearInterval(timer);
      await renewal;
      return receipt;
    },
  };
}
