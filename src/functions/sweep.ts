import type { InvocationContext, Timer } from '@azure/functions';
import { withEngine } from '../app.js';

/** Has everything in scope looked at, on a schedule: for what no event announces. */
export async function sweep(_timer: Timer, context: InvocationContext): Promise<void> {
  const { correlationId, subscriptions } = await withEngine(context.log.bind(context), (engine) =>
    engine.sweep(),
  );
  context.log(`Sweep ${correlationId} begins: ${subscriptions.length} subscriptions are queued.`);
}
