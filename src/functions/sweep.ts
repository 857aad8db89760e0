import type { InvocationContext, Timer } from '@azure/functions';
import { withDelivery, withEngine } from '../app.js';

/** Has everything in scope looked at, on a schedule: for what no event announces. */
export async function sweep(_timer: Timer, context: InvocationContext): Promise<void> {
  const log = context.log.bind(context);
  // For what was to be delivered, and whose announcement was lost.
  await withDelivery(log, (delivery) => delivery.wake());
  const { correlationId, subscriptions } = await withEngine(log, (engine) => engine.sweep());
  context.log(`Sweep ${correlationId} begins: ${subscriptions.length} subscriptions are queued.`);
}
