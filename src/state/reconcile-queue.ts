import type { ReconcileMessage, ReconcileQueue, SweepMessage } from '../engine/ports.js';
import { createWhenMissing } from './create-when-missing.js';
import type { StorageAccount } from './storage-account.js';
import { isStorageError } from './storage-error.js';
import { withDeadline } from './with-deadline.js';

export const RECONCILE_QUEUE = 'reconcile';
/** The Functions host's name for it (https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger). */
export const POISON_QUEUE = `${RECONCILE_QUEUE}-poison`;

/** The longest that a message can stay invisible (https://learn.microsoft.com/rest/api/storageservices/put-message). */
const MAX_DELAY_SECONDS = 7 * 24 * 60 * 60;
/** Never: the default of 7 days would drop a message that is delayed by as much before anybody sees it. */
const TIME_TO_LIVE = -1;

/** The work that waits, in Storage queues, as the Functions host reads it: JSON in base64. */
export function createReconcileQueue(account: StorageAccount): ReconcileQueue {
  const reconcile = sender(account, RECONCILE_QUEUE);
  const poison = sender(account, POISON_QUEUE);
  return {
    send: (message, delayMs) => reconcile(message, delaySeconds(delayMs)),
    poison: (message, why) => poison({ ...message, why }, 0),
  };
}

function sender(
  account: StorageAccount,
  name: string,
): (
  message: ReconcileMessage | SweepMessage | (ReconcileMessage & { why: string }),
  delay: number,
) => Promise<void> {
  const creatingQueue = createWhenMissing({
    create: () => withDeadline((abortSignal) => account.queue(name).createIfNotExists({ abortSignal })),
    isMissing: (error) => isStorageError(error, 404, 'QueueNotFound'),
  });
  return async (message, visibilityTimeout) => {
    const text = Buffer.from(JSON.stringify(message)).toString('base64');
    const options = { visibilityTimeout, messageTimeToLive: TIME_TO_LIVE };
    await creatingQueue(() =>
      withDeadline((abortSignal) => account.queue(name).sendMessage(text, { ...options, abortSignal })),
    );
  };
}

/** Rounded up: a message that comes back early would break a `Retry-After`. */
function delaySeconds(delayMs: number): number {
  return Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil(delayMs / 1000)));
}
