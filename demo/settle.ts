import { QueueClient } from '@azure/storage-queue';
import { until } from './audit-client.js';
import type { Stack } from './stack.js';

const LIMIT_MS = 120_000;

/** Waits until the queue is empty and no event is under way. */
export async function settle(stack: Stack): Promise<void> {
  const queue = new QueueClient(stack.storage, 'reconcile');
  const quiet = await until(async () => {
    await stack.simulator.azure.events.idle();
    const { approximateMessagesCount = 0 } = await queue
      .getProperties()
      .catch(() => ({ approximateMessagesCount: 0 }));
    return approximateMessagesCount === 0 ? true : null;
  }, LIMIT_MS);
  if (quiet === null) throw new Error(`The queue did not become empty within ${LIMIT_MS / 1000} s.`);
}
