import { setTimeout as pause } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import type { Azure } from '../../simulator/azure.js';
import type { Exchange } from '../world/wire.js';

const QUIET_MS = 1500;
/** Longer than a message waits by Holdfast's own doing when nothing goes wrong any more. */
const LONGEST_UNREST_MS = 180_000;

/** Until no event is under way, nothing is on the queue, hidden or not, and ARM is not asked any more. */
export async function untilSettled(
  azure: Azure,
  connectionString: string,
  wire: readonly Exchange[],
): Promise<void> {
  const queue = new QueueClient(connectionString, 'reconcile');
  const isQuiet = (): boolean => {
    const last = wire.at(-1);
    return last === undefined || Date.now() - Math.max(last.sentAt, last.answer?.at ?? 0) > QUIET_MS;
  };
  const end = Date.now() + LONGEST_UNREST_MS;
  while (Date.now() < end) {
    await pause(250);
    const properties = await queue.getProperties().catch(() => null);
    // Null: it could not be asked, and says nothing.
    const isEmpty = properties?.approximateMessagesCount === 0;
    if (azure.events.pending === 0 && isEmpty && isQuiet()) return;
  }
  throw new Error('The run does not come to rest.');
}
