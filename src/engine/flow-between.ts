import type { JsonObject } from '../types/json.js';
import type { FlowBetween, WorkflowReads } from '../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../types/resource-id.js';
import { childWorkflowsOf } from '../workflow/child-workflows.js';
import type { EngineDeps } from './engine-deps.js';

/** What secrets pass between a workflow and the others, as far as the index knows them. */
export async function flowBetween(
  deps: Pick<EngineDeps, 'readers'>,
  id: ResourceId,
  document: JsonObject,
): Promise<FlowBetween> {
  const children = childWorkflowsOf(document).map((child) => tryParseResourceId(child));
  const [handing, ...reads] = await Promise.all([
    deps.readers.handersTo(id),
    ...children.map((child) => (child === null ? null : deps.readers.workflow(child))),
  ]);
  return {
    returnsSecret: new Set(
      reads.flatMap((child) => (child?.returnsSecret === true ? [child.workflowId.toLowerCase()] : [])),
    ),
    receivesSecret: handing.length > 0,
  };
}

/** The same for all workflows of the index at once. */
export function flowsBetween(all: readonly WorkflowReads[]): (id: ResourceId) => FlowBetween {
  const returnsSecret = new Set(
    all.filter((reads) => reads.returnsSecret).map(({ workflowId }) => workflowId.toLowerCase()),
  );
  const receivers = new Set(all.flatMap(({ handsSecretTo }) => handsSecretTo));
  return (id) => ({ returnsSecret, receivesSecret: receivers.has(id.key) });
}
