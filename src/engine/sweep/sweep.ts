import type { EngineDeps } from '../engine-deps.js';
import { inBatches } from '../in-batches.js';
import { settlePending } from '../settle/settle-pending.js';
import { toSweepMessage } from './sweep-run.js';

export interface SweepStart {
  readonly correlationId: string;
  /** Each is swept by a message of its own. */
  readonly subscriptions: readonly string[];
}

/**
 * Has everything in scope looked at: a queue message for each subscription, so that instances share the work. It catches
 * what no event announces: Microsoft's own changes, lost events, the time before Holdfast.
 */
export async function sweep(
  deps: EngineDeps,
  correlationId: string,
  signal: AbortSignal,
): Promise<SweepStart> {
  await settlePending(deps, signal);
  const startedAt = deps.now().toISOString();
  const subscriptions = [...new Set(deps.policy.scopes.map(({ subscriptionId }) => subscriptionId))];
  await inBatches(subscriptions, (subscriptionId) =>
    deps.queue.send(toSweepMessage(subscriptionId, { correlationId, startedAt }), 0),
  );
  return { correlationId, subscriptions };
}
