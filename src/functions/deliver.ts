import type { InvocationContext } from '@azure/functions';
import { withDelivery, type Log } from '../app.js';

/** Brings records to where they go beside the audit log. What a target does not take is an error in this function's log. */
export async function deliver(message: unknown, context: InvocationContext): Promise<void> {
  const log: Log = (line, level) => {
    if (level === 'error') context.error(line);
    else context.log(line);
  };
  await withDelivery(log, (delivery) => delivery.deliver(message));
}
