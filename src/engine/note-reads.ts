import type { JsonObject } from '../types/json.js';
import type { ConnectionFacts, WorkflowRead, WorkflowReads } from '../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../types/resource-id.js';
import { readsOf } from '../workflow/vault-reads.js';
import type { EngineDeps } from './engine-deps.js';
import type { Look } from './look.js';
import { queueLook } from './queue-look.js';
import { digestOf } from './record-digest.js';

/**
 * Remembers what a workflow reads, as it is now, and has each vault that this concerns looked at: a new reader's
 * addresses must get into the vault's rules.
 */
export async function noteReads(
  deps: Pick<EngineDeps, 'readers' | 'queue'>,
  look: Look,
  workflow: JsonObject,
  connections: ReadonlyMap<string, ConnectionFacts>,
): Promise<void> {
  const before = await deps.readers.workflow(look.id);
  const now = currentReads(look.id, workflow, connections, before);
  if (digestOf(before) === digestOf(now)) return;
  await deps.readers.saveWorkflow(look.id, now);
  for (const name of changedVaults(before, now)) {
    const vault = await deps.readers.vaultId(name);
    if (vault !== null)
      await queueLook(deps, { ...look, id: vault, remediators: null, askedForByName: false });
  }
}

/**
 * What a workflow reads now. Where ARM lists no addresses for it, those that were known stay: a reader without an
 * address would be a reader that loses its access.
 */
export function currentReads(
  id: ResourceId,
  workflow: JsonObject,
  connections: ReadonlyMap<string, ConnectionFacts>,
  before: WorkflowReads | null,
): WorkflowReads {
  const { connectionIds, reads } = readsOf(workflow, connections);
  const earlier = (read: WorkflowRead): WorkflowRead | undefined =>
    before?.reads.find(({ vaultName, via }) => vaultName === read.vaultName && via === read.via);
  return {
    // As ARM spells it: an event may spell it otherwise, and records would name the workflow in two ways.
    workflowId: (typeof workflow.id === 'string' ? tryParseResourceId(workflow.id)?.id : null) ?? id.id,
    listed: true,
    connectionIds,
    reads: reads.map((read) => (read.addresses.length > 0 ? read : (earlier(read) ?? read))),
  };
}

/** The vaults that are read otherwise than before. */
function changedVaults(before: WorkflowReads | null, now: WorkflowReads): readonly string[] {
  const names = new Set([...(before?.reads ?? []), ...now.reads].map(({ vaultName }) => vaultName));
  const partOf = (reads: WorkflowReads | null, name: string): string =>
    digestOf((reads?.reads ?? []).filter(({ vaultName }) => vaultName === name));
  return [...names]
    .filter((name) => name !== null)
    .filter((name) => partOf(before, name) !== partOf(now, name));
}
