import type { Edit } from '../types/edit.js';
import type { JsonObject } from '../types/json.js';
import type { ConnectionFacts, FlowBetween } from '../types/observation.js';
import { parseResourceId, type ResourceId } from '../types/resource-id.js';
import { connectionEntriesOf } from '../workflow/connections.js';
import { operationsOf } from '../workflow/definition.js';
import { together, type Part } from './checked.js';
import { exposedSecrets, maybeSecrets } from './exposed-secrets.js';
import { planSubject } from './plan-subject.js';
import { readPlan } from './read-plan.js';
import { standInId } from './stand-ins.js';
import type { Subject } from './subject.js';

/** What of a file's other resources matters to a workflow. */
export interface Beside {
  readonly connections: ReadonlyMap<string, ConnectionFacts>;
  readonly flowBetween: FlowBetween;
}

const DEFINITION = '/properties/definition';

export function workflowIdOf({ document }: Subject): ResourceId {
  const name = typeof document.name === 'string' ? document.name : 'workflow';
  return parseResourceId(standInId('Microsoft.Logic/workflows', name));
}

export function checkWorkflow(
  subject: Subject,
  workflow: JsonObject,
  beside: Beside,
  text: string,
  now: Date,
): Part {
  const plan = planSubject(
    {
      kind: 'workflow',
      id: workflowIdOf(subject),
      workflow,
      ...beside,
      askedForByName: false,
      isSource: true,
      exposures: [],
      successors: new Map(),
    },
    now,
  );
  // A definition by itself says nothing of the identity that it is deployed with.
  const remediations = plan.remediations.filter(
    ({ remediator }) => subject.isWhole || remediator !== 'workflow-managed-identity',
  );
  const part = readPlan(
    { ...plan, remediations },
    {
      subject,
      text,
      placeOf: (about) => placeOf(about, workflow),
      groupOf: ({ path }: Edit) => path.replace(/\/runtimeConfiguration(?:\/.*)?$/i, ''),
      alsoReads: () => [],
      obstacleTo: () => null,
    },
  );
  return together([part, exposedSecrets(subject), maybeSecrets(subject)]);
}

/** What a remediator's finding is about, as a place in the workflow. */
function placeOf(about: string | undefined, workflow: JsonObject): string {
  if (about === undefined) return '/properties';
  if (about.startsWith('/')) return about;
  const [, kind = '', name = ''] =
    /^(trigger|action|output|connection):(.*?)(?:\/tracked)?$/s.exec(about) ?? [];
  if (kind === 'output') return `${DEFINITION}/outputs`;
  if (kind === 'connection')
    return connectionEntriesOf(workflow).find(({ key }) => key === name)?.pointer ?? '/properties/parameters';
  return (
    operationsOf(workflow).find((operation) => operation.kind === kind && operation.name === name)?.pointer ??
    DEFINITION
  );
}
