import { changeLimit, overLimit } from './change-limit.js';
import type { EngineDeps } from '../engine-deps.js';
import type { Look } from '../look/look.js';
import type { ChangeWindow, ReservedPlace } from '../ports/change-counter.js';

type Counting = Pick<EngineDeps, 'policy' | 'changes' | 'sweepTotals'>;

/** Whether a look may change its resource. */
export type Allowance =
  /** A person asked for it by name, or approved it. */
  | { readonly kind: 'unlimited' }
  | { readonly kind: 'granted'; readonly place: ReservedPlace }
  | { readonly kind: 'denied'; readonly why: string };

/**
 * Takes one change's place out of HOLDFAST_MAX_CHANGES, over all instances. Throws where the storage account cannot
 * say: then nothing is to be written.
 */
export async function takePlace(deps: Counting, look: Look): Promise<Allowance> {
  const window = windowOf(look);
  if (window === null) return { kind: 'unlimited' };
  const max = deps.policy.maxChanges;
  const seen = await resourcesSeen(deps);
  const limit = changeLimit(max, seen);
  if (limit === null || limit === 0) return { kind: 'denied', why: overLimit(max, seen, window, 0) };
  const taken = await deps.changes.take(window, limit);
  return taken.kind === 'granted' ? taken : { kind: 'denied', why: overLimit(max, seen, window, taken.made) };
}

/** Reads what taking a place rests on, while the resource is being read: later it need only be written. */
export async function prepareToCount(deps: Counting, look: Look): Promise<void> {
  const window = windowOf(look);
  if (window === null || changeLimit(deps.policy.maxChanges, 1) === 0) return;
  // Whatever is wrong, taking a place will say so; most looks take none.
  await Promise.allSettled([deps.changes.prepare(window), resourcesSeen(deps)]);
}

/** Null where a person asked for just this. */
function windowOf({ askedForByName, approval, trigger, correlationId }: Look): ChangeWindow | null {
  if (askedForByName || approval !== undefined) return null;
  // A run from the command line that was not asked for one resource is a sweep of its own.
  return trigger === 'sweep' || trigger === 'cli' ? { kind: 'sweep', correlationId } : { kind: 'hour' };
}

/** Null where no sweep has been complete, or where the limit is a number. */
async function resourcesSeen({ policy, sweepTotals }: Counting): Promise<number | null> {
  if (policy.maxChanges.kind === 'count') return null;
  const totals = await sweepTotals.read();
  const known = [...new Set(policy.scopes.map(({ subscriptionId }) => subscriptionId))].flatMap(
    (subscriptionId) => totals.get(subscriptionId) ?? [],
  );
  return known.length === 0 ? null : known.reduce((sum, total) => sum + total, 0);
}
