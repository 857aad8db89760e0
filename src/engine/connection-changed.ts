import { tryParseResourceId } from '../types/resource-id.js';
import { readConnectionFacts } from '../workflow/connections.js';
import type { EngineDeps } from './engine-deps.js';
import type { Look, LookResult } from './look.js';
import { queueLook } from './queue-look.js';

/**
 * A connection may now be for another vault: remembers what it says, and has every workflow that names it looked
 * at, which in turn concerns the vaults.
 */
export async function connectionChanged(
  deps: EngineDeps,
  look: Look,
  signal: AbortSignal,
): Promise<LookResult> {
  const { document } = await deps.reader.read(look.id, signal);
  await deps.readers.saveConnection(look.id, readConnectionFacts(document));
  for (const workflowId of await deps.readers.workflowsOn(look.id)) {
    const id = tryParseResourceId(workflowId);
    if (id !== null) await queueLook(deps, { ...look, id });
  }
  return { kind: 'done', outcome: 'compliant', remediations: [], obstacle: null };
}
