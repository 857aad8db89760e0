import { tryParseResourceId, type ResourceId } from '../types/resource-id.js';
import { isInScope } from '../types/scope.js';
import type { EngineDeps } from './engine-deps.js';
import { inBatches } from './in-batches.js';
import { isGone } from './is-gone.js';

/** How many resources that no list showed are asked for in one sweep. */
const MAX_ASKED = 200;

/**
 * Forgets how resources stood that are there no more. A list leaves out what the identity may not see, so each is asked
 * for by name; what lies outside the scopes by now is none of Holdfast's business.
 */
export async function forgetGone(
  deps: Pick<EngineDeps, 'reader' | 'standings' | 'policy'>,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const ids = keys.map((key) => tryParseResourceId(key)).filter((id) => id !== null);
  const isWatched = (id: ResourceId): boolean => isInScope(id, deps.policy.scopes);
  await inBatches(
    ids.filter((id) => !isWatched(id)),
    (id) => deps.standings.forget(id),
  );
  const watched = ids.filter(isWatched);
  // Another part each time, so that those that are there do not keep the others from being asked for.
  const start = Math.floor(Math.random() * watched.length);
  const asked = [...watched.slice(start), ...watched.slice(0, start)].slice(0, MAX_ASKED);
  await inBatches(asked, async (id) => {
    if (await isGone(deps, id, signal)) await deps.standings.forget(id);
  });
}
