import type { JsonObject } from '../../types/json.js';
import type { FlowBetween } from '../../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { childWorkflowsOf } from '../../workflow/child-workflows.js';
import type { EngineDeps } from '../engine-deps.js';

/** What secrets pass between a workflow and the others, as far as the index knows them. */
export async function flowBetween(
  deps: Pick<EngineDeps, 'readers'>,
  id: ResourceId,
  document: JsonObject,
  handers?: readonly string[],
): Promise<FlowBetween> {
  const children = childWorkflowsOf(document).map((child) => tryParseResourceId(child));
  const [handing, ...reads] = await Promise.all([
    handers ?? deps.readers.handersTo(id),
    ...children.map((child) => (child === null ? null : deps.readers.workflow(child))),
  ]);
  return {
    returnsSecret: new Set(
      reads.flatMap((child) => (child?.returnsSecret === true ? [child.workflowId.toLowerCase()] : [])),
    ),
    receivesSecret: handing.length > 0,
  };
}
