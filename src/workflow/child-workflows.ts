import { getIgnoringCase } from '../types/json.js';
import type { WorkflowDocument } from '../types/observation.js';
import { tryParseResourceId } from '../types/resource-id.js';
import { readingOf } from './reading.js';

/** The ids, in lower case, of the Logic Apps that a workflow calls by its `Workflow` actions, each once. */
export function childWorkflowsOf(workflow: WorkflowDocument): readonly string[] {
  const { operations, constants } = readingOf(workflow);
  const ids = operations
    .filter(({ type }) => type === 'workflow')
    .flatMap(({ json }) => {
      const host = getIgnoringCase(getIgnoringCase(json, 'inputs'), 'host');
      const folded = constants.fold(getIgnoringCase(getIgnoringCase(host, 'workflow'), 'id'));
      const id =
        folded.kind === 'constant' && typeof folded.value === 'string'
          ? tryParseResourceId(folded.value)
          : null;
      return id?.kind === 'workflow' ? [id.key] : [];
    });
  return [...new Set(ids)];
}
