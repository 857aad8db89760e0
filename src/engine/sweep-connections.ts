import { tryParseResourceId, type ResourceId } from '../types/resource-id.js';
import { isInScope } from '../types/scope.js';
import { isKeyVaultApi } from '../workflow/connections.js';
import { ArmError } from './arm-error.js';
import type { EngineDeps } from './engine-deps.js';
import { inBatches } from './in-batches.js';
import type { Seen } from './observe.js';
import { observeConnection } from './observe-connection.js';
import { rememberingAccess } from './successors.js';

/** How many connections are read in one sweep, with all that use them. */
const MAX_READ = 200;

/**
 * The Key Vault connections in scope that sign in with credentials of their own, each with who uses it, and those of
 * which something stands open (`standing`, by key): mostly few. One that cannot be read is put into `failures`.
 */
export async function observeConnectionsToMove(
  deps: EngineDeps,
  signal: AbortSignal,
  failures: ArmError[],
  standing: ReadonlySet<string>,
): Promise<readonly Seen[]> {
  const access = rememberingAccess(deps, signal);
  const seen = await inBatches(await idsToRead(deps, standing), async (id) => {
    try {
      return [await observeConnection(deps, id, signal, access)];
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      if (error.details.kind !== 'not-found') failures.push(error);
      return [];
    }
  });
  return seen.flat();
}

/** Others each time, where there are more than are read. */
async function idsToRead(
  deps: Pick<EngineDeps, 'readers' | 'policy'>,
  standing: ReadonlySet<string>,
): Promise<readonly ResourceId[]> {
  const ids = [...(await deps.readers.allConnections())].flatMap(([key, { apiId, signIn }]) => {
    const id = tryParseResourceId(key);
    const isToMove = isKeyVaultApi(apiId) && (signIn === 'user' || signIn === 'application');
    return (isToMove || standing.has(key)) && id !== null && isInScope(id, deps.policy.scopes) ? [id] : [];
  });
  const start = Math.floor(Math.random() * ids.length);
  return [...ids.slice(start), ...ids.slice(0, start)].slice(0, MAX_READ);
}
