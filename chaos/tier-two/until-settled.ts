import { setTimeout as pause } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import type { Azure } from '../../simulator/azure.js';
import type { Exchange } from '../world/wire.js';

const QUIET_MS = 1500;
/** Longer than Holdfast asks for a workflow's version history that does not show its write, which is four minutes. */
const LONGEST_UNREST_MS = 300_000;

/** Until no event is under way, nothing is on the queue, hidden or not, and ARM is not asked any more. */
export async function untilSettled(
  azure: Azure,
  connectionString: string,
  wire: readonly Exchange[],
): Promise<void> {
  const queue = new QueueClient(connectionString, 'reconcile');
  const quietMs = (): number => {
    const last = wire.at(-1);
    return last === undefined ? Infinity : Date.now() - Math.max(last.sentAt, last.answer?.at ?? 0);
  };
  let messages: number | undefined;
  const end = Date.now() + LONGEST_UNREST_MS;
  while (Date.now() < end) {
    await pause(250);
    const properties = await queue.getProperties().catch(() => null);
    // Null: it could not be asked, and says nothing.
    messages = properties?.approximateMessagesCount;
    if (azure.events.pending === 0 && messages === 0 && quietMs() > QUIET_MS) return;
  }
  throw new Error(
    `The run does not come to rest: ${azure.events.pending} events are under way, ${messages ?? 'nobody knows how many'} messages on the queue, and ARM was asked last ${Math.round(quietMs())} ms ago.`,
  );
}
