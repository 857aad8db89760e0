import type { ReconcileQueue } from '../engine/ports/queue.js';
import { createQueueSender } from './queue-sender.js';
import type { StorageAccount } from './storage-account.js';

export const RECONCILE_QUEUE = 'reconcile';
/** The Functions host's name for it (https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger). */
export const POISON_QUEUE = `${RECONCILE_QUEUE}-poison`;

/** The work that waits, in Storage queues. */
export function createReconcileQueue(account: StorageAccount): ReconcileQueue {
  const reconcile = createQueueSender(account, RECONCILE_QUEUE);
  const poison = createQueueSender(account, POISON_QUEUE);
  return {
    send: reconcile,
    poison: (message, why) => poison({ ...message, why }, 0),
  };
}
