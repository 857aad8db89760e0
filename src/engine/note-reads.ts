import type { JsonObject } from '../types/json.js';
import {
  propertiesOf,
  type ConnectionFacts,
  type FlowBetween,
  type WorkflowRead,
  type WorkflowReads,
} from '../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../types/resource-id.js';
import { secretFlowOf } from '../workflow/flow/secret-flow.js';
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
  between: FlowBetween,
): Promise<void> {
  const before = await deps.readers.workflow(look.id);
  const now = currentReads(look.id, workflow, connections, before, between);
  if (digestOf(before) === digestOf(now)) return;
  await deps.readers.saveWorkflow(look.id, now);
  const vaults = await Promise.all(changedVaults(before, now).map((name) => deps.readers.vaultId(name)));
  const receivers = changedReceivers(before, now).map((id) => tryParseResourceId(id));
  for (const id of [...vaults, ...receivers]) {
    if (id !== null) await queueLook(deps, { ...look, id, remediators: null, askedForByName: false });
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
  };
}

/** `Enabled` is what ARM assumes where a workflow does not say. */
function isEnabled(workflow: JsonObject): boolean {
  const { state } = propertiesOf(workflow);
  return typeof state !== 'string' || ['enabled', 'notspecified', 'completed'].includes(state.toLowerCase());
}

/** The workflows that get a secret now and did not before, or the other way round. */
function changedReceivers(before: WorkflowReads | null, now: WorkflowReads): readonly string[] {
  const [old, current] = [new Set(before?.handsSecretTo), new Set(now.handsSecretTo)];
  return [...old, ...current].filter((id) => !old.has(id) || !current.has(id));
}

/** The vaults that are read otherwise than before. */
function changedVaults(before: WorkflowReads | null, now: WorkflowReads): readonly string[] {
  const names = new Set([...(before?.reads ?? []), ...now.reads].map(({ vaultName }) => vaultName));
  const partOf = (reads: WorkflowReads | null, name: string): string =>
    digestOf([(reads?.reads ?? []).filter(({ vaultName }) => vaultName === name), reads?.isEnabled ?? null]);
  return [...names]
    .filter((name) => name !== null)
    .filter((name) => partOf(before, name) !== partOf(now, name));
}
