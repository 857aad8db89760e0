import { isInScope } from '../../types/scope.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import type { EngineDeps } from '../engine-deps.js';
import { inBatches } from '../in-batches.js';
import { digestOf } from '../record/record-digest.js';

/** For how long the same workflows, none of which names such a connection, are not asked about again. */
const SURE_MS = 60_000;

/**
 * Gives those of the workflows whose vault cannot be told for no other reason than that Azure has not shown a connection
 * of theirs yet: any vault may be the one that they read. What Azure will not show (a 403, a 404) is remembered as
 * such, and what is out of scope is never read: neither is waited for.
 */
export function createUnseenReaders(
  deps: Pick<EngineDeps, 'readers' | 'policy' | 'now'>,
): (unresolved: readonly string[]) => Promise<readonly ResourceId[]> {
  let sure = { digest: '', until: 0 };

  async function isUnseen(id: ResourceId): Promise<boolean> {
    const reads = await deps.readers.workflow(id);
    const inScope = (reads?.connectionIds ?? []).filter((connection) => {
      const parsed = tryParseResourceId(connection);
      return parsed?.kind === 'connection' && isInScope(parsed, deps.policy.scopes);
    });
    if (inScope.length === 0) return false;
    const known = await deps.readers.connections(inScope);
    return inScope.some((connection) => !known.has(connection.toLowerCase()));
  }

  return async (unresolved) => {
    const digest = digestOf([...unresolved].sort());
    const now = deps.now().getTime();
    if (sure.digest === digest && now < sure.until) return [];
    const ids = unresolved.flatMap((id) => tryParseResourceId(id) ?? []);
    const unseen = await inBatches(ids, async (id) => ((await isUnseen(id)) ? [id] : []));
    const found = unseen.flat();
    if (found.length === 0) sure = { digest, until: now + SURE_MS };
    return found;
  };
}
