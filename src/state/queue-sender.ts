import { createWhenMissing } from './create-when-missing.js';
import type { StorageAccount } from './storage-account.js';
import { isStorageError } from './storage-error.js';
import { withDeadline } from './with-deadline.js';

/** The longest that a message can stay invisible (https://learn.microsoft.com/rest/api/storageservices/put-message). */
const MAX_DELAY_SECONDS = 7 * 24 * 60 * 60;
/** Never: the default of 7 days would drop a message that is delayed by as much before anybody sees it. */
const TIME_TO_LIVE = -1;

/** Sends to one queue, which the first message makes, as the Functions host reads it: JSON in base64. */
export function createQueueSender(
  account: StorageAccount,
  name: string,
): (message: object, delayMs: number) => Promise<void> {
  const creatingQueue = createWhenMissing({
    create: () => withDeadline((abortSignal) => account.queue(name).createIfNotExists({ abortSignal })),
    isMissing: (error) => isStorageError(error, 404, 'QueueNotFound'),
  });
  return async (message, delayMs) => {
    const text = Buffer.from(JSON.stringify(message)).toString('base64');
    const options = { visibilityTimeout: delaySeconds(delayMs), messageTimeToLive: TIME_TO_LIVE };
    await creatingQueue(() =>
      withDeadline((abortSignal) => account.queue(name).sendMessage(text, { ...options, abortSignal })),
    );
  };
}

/** Rounded up: a message that comes back early would break a `Retry-After`. */
function delaySeconds(delayMs: number): number {
  return Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil(delayMs / 1000)));
}
