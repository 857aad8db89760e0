import type { DequeuedMessageItem } from '@azure/storage-queue';
import type { KeptMessage } from '../engine/dead-letters/read-given-up.js';
import { createWhenMissing } from './create-when-missing.js';
import { POISON_QUEUE } from './reconcile-queue.js';
import type { StorageAccount } from './storage-account.js';
import { isStorageError } from './storage-error.js';
import { withDeadline } from './with-deadline.js';

export const GIVEN_UP_CONTAINER = 'holdfast-given-up';

/** The most that the service gives at once (https://learn.microsoft.com/rest/api/storageservices/get-messages). */
const AT_ONCE = 32;
/** So that one call ends: two thousand messages. The next goes on. */
const MOST_ROUNDS = 64;
/** Longer than it takes to move what was received; whoever ends before that loses nothing, it comes back. */
const HIDDEN_SECONDS = 60;

/**
 * Moves what was given up from its queue into a container. A queue shows its first 32 messages and no others, and to
 * receive them hides them from everybody else; blobs can be listed by as many as want to. A message is stored before it
 * is deleted, under its own id: two who move at once, or one who has to begin again, make one blob of it.
 */
export function createGatherGivenUp(account: StorageAccount): () => Promise<void> {
  const container = () => account.container(GIVEN_UP_CONTAINER);
  const queue = () => account.queue(POISON_QUEUE);
  const creatingContainer = createWhenMissing({
    create: () => withDeadline((abortSignal) => container().createIfNotExists({ abortSignal })),
    isMissing: (error) => isStorageError(error, 404, 'ContainerNotFound'),
  });

  async function receive(): Promise<readonly DequeuedMessageItem[]> {
    const options = { numberOfMessages: AT_ONCE, visibilityTimeout: HIDDEN_SECONDS };
    try {
      const received = await withDeadline((abortSignal) =>
        queue().receiveMessages({ ...options, abortSignal }),
      );
      return received.receivedMessageItems;
    } catch (error) {
      if (isStorageError(error, 404, 'QueueNotFound')) return [];
      throw error;
    }
  }

  async function move({
    messageId,
    popReceipt,
    insertedOn,
    messageText,
  }: DequeuedMessageItem): Promise<void> {
    const kept: KeptMessage = { v: 1, insertedAt: insertedOn.toISOString(), text: messageText };
    const text = JSON.stringify(kept);
    const blob = container().getBlockBlobClient(`${kept.insertedAt.slice(0, 10)}/${messageId}.json`);
    const conditions = { ifNoneMatch: '*' };
    try {
      await creatingContainer(() =>
        withDeadline((abortSignal) =>
          blob.upload(text, Buffer.byteLength(text), { conditions, abortSignal }),
        ),
      );
    } catch (error) {
      if (!isStorageError(error, 409, 'BlobAlreadyExists') && !isStorageError(error, 412)) throw error;
    }
    try {
      await withDeadline((abortSignal) => queue().deleteMessage(messageId, popReceipt, { abortSignal }));
    } catch (error) {
      // Somebody else has moved it since it was hidden for too long.
      if (!isStorageError(error, 404)) throw error;
    }
  }

  return async () => {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const messages = await receive();
      await Promise.all(messages.map(move));
      if (messages.length < AT_ONCE) return;
    }
  };
}
