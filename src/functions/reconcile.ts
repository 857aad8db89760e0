import type { InvocationContext } from '@azure/functions';
import { withEngine } from '../app.js';

/** Handles what the sweep found and what an event's or a request's function could not finish. */
export async function reconcile(message: unknown, context: InvocationContext): Promise<void> {
  await withEngine(context.log.bind(context), (engine) => engine.reconcile(message));
}
