import { tryParseResourceId } from '../types/resource-id.js';
import { isInScope } from '../types/scope.js';
import { isKeyVaultApi } from '../workflow/connections.js';
import { ArmError } from './arm-error.js';
import type { EngineDeps } from './engine-deps.js';
import type { Seen } from './observe.js';
import { observeConnection } from './observe-connection.js';

/**
 * The Key Vault connections in scope that sign in with credentials of their own, each with who uses it: these are few,
 * and are read one by one. One that cannot be read is put into `failures`.
 */
export async function* observeConnectionsToMove(
  deps: EngineDeps,
  signal: AbortSignal,
  failures: ArmError[],
): AsyncGenerator<Seen> {
  for (const [key, { apiId, signIn }] of await deps.readers.allConnections()) {
    const id = tryParseResourceId(key);
    const isToMove = isKeyVaultApi(apiId) && (signIn === 'user' || signIn === 'application');
    if (!isToMove || id === null || !isInScope(id, deps.policy.scopes)) continue;
    try {
      yield await observeConnection(deps, id, signal);
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      if (error.details.kind !== 'not-found') failures.push(error);
    }
  }
}
