import type { InvocationContext } from '@azure/functions';
import { withDelivery } from '../app.js';

/** Brings records to where they go beside the audit log. */
export async function deliver(message: unknown, context: InvocationContext): Promise<void> {
  await withDelivery(context.log.bind(context), (delivery) => delivery.deliver(message));
}
