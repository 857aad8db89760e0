import { getIgnoringCase, isJsonObject, type Json } from '../types/json.js';
import { propertiesOf, type WorkflowDocument } from '../types/observation.js';
import type { Constants } from './constant.js';
import { definitionOf, type Operation } from './definition.js';
import { readingOf } from './reading.js';

/** Why a workflow must not be written as a whole, and what to know where it is written all the same. */
export interface WriteHazards {
  readonly reasons: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * There is no way to change a workflow but to write all of it, so what a write does besides the change
 * decides whether it may be made. Whether the workflow is enabled does not matter: it may be, tomorrow.
 */
export function writeHazardsOf(workflow: WorkflowDocument, askedForByName: boolean): WriteHazards {
  const { operations, constants } = readingOf(workflow);
  const starting = startingTriggersOf(operations, constants);
  const starts = starting.map(({ name }) => `"${name}"`).join(', ');
  const secure = secureParametersOf(workflow);
  return {
    reasons: [
      ...(secure.length > 0 ? [secureParametersReason(secure)] : []),
      ...(starting.length > 0 && !askedForByName
        ? [
            `The trigger ${starts} has no startTime, so the workflow would run at once when it is written. Give its recurrence a startTime, or ask for this workflow by name.`,
          ]
        : []),
    ],
    warnings:
      starting.length > 0 && askedForByName
        ? [`Writing the workflow runs it once, at once: its trigger ${starts} has no startTime.`]
        : [],
  };
}

function secureParametersReason(names: readonly string[]): string {
  const list = names.map((name) => `"${name}"`).join(', ');
  return `The workflow declares secure parameters (${list}), whose values Azure does not give back, so a write could lose them. Make this change where the workflow is deployed from, with the values at hand, or read them from a vault instead.`;
}

/** The names of parameters of the types SecureString and SecureObject, which authors write in any case. */
function secureParametersOf(workflow: WorkflowDocument): readonly string[] {
  const declared = [definitionOf(workflow), propertiesOf(workflow)].flatMap((holder) => {
    const parameters = getIgnoringCase(holder, 'parameters');
    return isJsonObject(parameters) ? Object.entries(parameters) : [];
  });
  return [...new Set(declared.filter(([, parameter]) => isSecure(parameter)).map(([name]) => name))];
}

function isSecure(parameter: Json | undefined): boolean {
  const type = getIgnoringCase(parameter, 'type');
  return typeof type === 'string' && /^secure(?:string|object)$/i.test(type.trim());
}

/**
 * A schedule without a start time "runs immediately when you save or deploy the logic app".
 * https://learn.microsoft.com/azure/logic-apps/concepts-schedule-automated-recurring-tasks-workflows
 */
function startingTriggersOf(operations: readonly Operation[], constants: Constants): readonly Operation[] {
  return operations.filter(
    ({ kind, type, json }) =>
      kind === 'trigger' &&
      (type === 'recurrence' || type === 'slidingwindow') &&
      !hasStartTime(getIgnoringCase(json, 'recurrence'), constants),
  );
}

/** False where it cannot be told. */
function hasStartTime(recurrence: Json | undefined, constants: Constants): boolean {
  const folded = typeof recurrence === 'string' ? constants.fold(recurrence) : null;
  const schedule = folded?.kind === 'constant' ? folded.value : recurrence;
  const start = constants.fold(getIgnoringCase(schedule, 'startTime'));
  return start.kind === 'constant' && typeof start.value === 'string' && start.value.trim() !== '';
}
