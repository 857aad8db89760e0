import type { DeliveryQueue } from '../delivery/outbox.js';
import { createQueueSender } from './queue-sender.js';
import type { StorageAccount } from './storage-account.js';

/** A queue of its own, so that no backlog of work holds deliveries up, and no target that is slow the work. */
export const DELIVERY_QUEUE = 'deliver';

export function createDeliveryQueue(account: StorageAccount): DeliveryQueue {
  return { send: createQueueSender(account, DELIVERY_QUEUE) };
}
