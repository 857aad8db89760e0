import type { InvocationContext, Timer } from '@azure/functions';
import { withEngine } from '../app.js';

/** Looks at everything in scope, on a schedule: for what no event announces. */
export async function sweep(_timer: Timer, context: InvocationContext): Promise<void> {
  const summary = await withEngine(context.log.bind(context), (engine) => engine.sweep());
  context.log(
    `Swept ${summary.vaults} vaults and ${summary.workflows} workflows; ${summary.queued} to be written are queued (${summary.correlationId}).`,
  );
}
