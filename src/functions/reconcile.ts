import type { InvocationContext } from '@azure/functions';
import { withEngine } from '../app.js';

/** Sweeps a subscription, handles what a sweep found and what an event's or a request's function could not finish. */
export async function reconcile(message: unknown, context: InvocationContext): Promise<void> {
  const part = await withEngine(context.log.bind(context), (engine) => engine.reconcile(message));
  if (part === null) return;
  const { result, correlationId, subscriptionId } = part;
  const about = `(${correlationId}, ${subscriptionId})`;
  if (result.kind === 'covered') context.log(`Somebody else sweeps or has swept it ${about}.`);
  if (result.kind !== 'swept') return;
  const { vaults, workflows, queued } = result;
  context.log(
    `Swept ${vaults} vaults and ${workflows} workflows; ${queued} to be written are queued ${about}.`,
  );
}
