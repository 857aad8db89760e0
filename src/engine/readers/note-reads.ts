import type { JsonObject } from '../../types/json.js';
import {
  propertiesOf,
  type ConnectionFacts,
  type FlowBetween,
  type WorkflowRead,
  type WorkflowReads,
} from '../../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { childWorkflowsOf } from '../../workflow/child-workflows.js';
import { secretFlowOf } from '../../workflow/flow/secret-flow.js';
import { readsOf } from '../../workflow/vault-reads.js';
import type { EngineDeps } from '../engine-deps.js';
import type { Look } from '../look/look.js';
import { queueing, saveReads } from './save-reads.js';

/**
 * Remembers what a workflow reads, as it is now, and has each vault that this concerns looked at: a new reader's
 * addresses must get into the vault's rules.
 */
export async function noteReads(
  deps: Pick<EngineDeps, 'readers' | 'queue' | 'touched'>,
  look: Look,
  workflow: JsonObject,
  connections: ReadonlyMap<string, ConnectionFacts>,
  between: FlowBetween,
): Promise<void> {
  const before = await deps.readers.workflow(look.id);
  const now = currentReads(look.id, workflow, connections, before, between);
  await saveReads(deps, look.id, { before, now, between }, queueing(deps, look));
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
  between: FlowBetween,
): WorkflowReads {
  const { connectionIds, reads } = readsOf(workflow, connections);
  const earlier = (read: WorkflowRead): WorkflowRead | undefined =>
    before?.reads.find(({ vaultName, via }) => vaultName === read.vaultName && via === read.via);
  const { returnsSecret, handsSecretTo } = secretFlowOf(workflow, connections, between);
  return {
    // As ARM spells it: an event may spell it otherwise, and records would name the workflow in two ways.
    workflowId: (typeof workflow.id === 'string' ? tryParseResourceId(workflow.id)?.id : null) ?? id.id,
    listed: true,
    connectionIds,
    reads: reads.map((read) =>
      read.addresses.length > 0 ? read : { ...read, addresses: earlier(read)?.addresses ?? [] },
    ),
    isEnabled: isEnabled(workflow),
    returnsSecret,
    handsSecretTo: [...new Set(handsSecretTo.flatMap(({ workflowId }) => workflowId?.toLowerCase() ?? []))],
    calls: childWorkflowsOf(workflow),
  };
}

/** `Enabled` is what ARM assumes where a workflow does not say. */
function isEnabled(workflow: JsonObject): boolean {
  const { state } = propertiesOf(workflow);
  return typeof state !== 'string' || ['enabled', 'notspecified', 'completed'].includes(state.toLowerCase());
}
