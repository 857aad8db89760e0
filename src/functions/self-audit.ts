import type { InvocationContext, Timer } from '@azure/functions';
import { withEngine } from '../app.js';

/**
 * Compares what Holdfast's identity did in Azure with Holdfast's records, on a schedule. What the comparison finds goes to
 * the log as an error. Throws where something could not be compared, so that the run counts as failed.
 */
export async function selfAudit(_timer: Timer, context: InvocationContext): Promise<void> {
  const audited = await withEngine(context.error.bind(context), (engine) => engine.selfAudit());
  for (const one of audited) {
    if (one.kind === 'covered') context.log(`Somebody else compares ${one.subscriptionId}.`);
    if (one.kind !== 'compared') continue;
    const until = one.until?.toISOString() ?? 'nothing yet';
    context.log(`Compared ${one.subscriptionId} with its activity log up to ${until}: ${one.raised} alarms.`);
  }
  const failed = audited.flatMap((one) =>
    one.kind === 'failed' ? [`${one.subscriptionId}: ${one.why}`] : [],
  );
  if (failed.length > 0) throw new Error(`The comparison is not complete. ${failed.join(' ')}`);
}
