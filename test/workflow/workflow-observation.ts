import type { WorkflowDocument, WorkflowObservation } from '../../src/types/observation.js';
import { parseResourceId } from '../../src/types/resource-id.js';

/** A workflow and nothing beside it, unless the test says so. */
export function observeWorkflow(
  workflow: WorkflowDocument,
  more: Partial<WorkflowObservation> = {},
): WorkflowObservation {
  return {
    kind: 'workflow',
    id: parseResourceId(workflow.id as string),
    workflow,
    connections: new Map(),
    askedForByName: false,
    flowBetween: { returnsSecret: new Set(), receivesSecret: false },
    exposures: [],
    successors: new Map(),
    ...more,
  };
}
