import type { Backlog, ReadBacklog } from '../engine/ports/health.js';
import type { DeadLetters } from '../engine/ports/dead-letters.js';
import { POISON_QUEUE, RECONCILE_QUEUE } from './reconcile-queue.js';
import type { StorageAccount } from './storage-account.js';
import { isStorageError } from './storage-error.js';
import { withDeadline } from './with-deadline.js';

/** The most that a container lists at once: one transaction each. */
const MOST_LISTED = 5000;

/** How much waits, and how much was left over: four or five transactions, and nothing is moved. */
export function createReadBacklog(account: StorageAccount, deadLetters: DeadLetters): ReadBacklog {
  const lengthOf = (name: string): Promise<number> =>
    ifThere(0, async () => {
      const properties = await withDeadline((abortSignal) =>
        account.queue(name).getProperties({ abortSignal }),
      );
      return properties.approximateMessagesCount ?? 0;
    });
  /** A peek shows the message at the front of those that can be seen. */
  const oldestIn = (name: string): Promise<Date | null> =>
    ifThere(null, async () => {
      const { peekedMessageItems } = await withDeadline((abortSignal) =>
        account.queue(name).peekMessages({ numberOfMessages: 1, abortSignal }),
      );
      return peekedMessageItems[0]?.insertedOn ?? null;
    });

  return async (): Promise<Backlog> => {
    const [queued, oldestAt, poison, page] = await Promise.all([
      lengthOf(RECONCILE_QUEUE),
      oldestIn(RECONCILE_QUEUE),
      lengthOf(POISON_QUEUE),
      deadLetters.page(MOST_LISTED, null),
    ]);
    return { queued, oldestAt, poison, deadLetters: page.letters.length };
  };
}

/** A queue that nobody has needed yet is empty. */
async function ifThere<T>(otherwise: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isStorageError(error, 404, 'QueueNotFound')) return otherwise;
    throw error;
  }
}
