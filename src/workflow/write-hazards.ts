import { getIgnoringCase, type Json } from '../types/json.js';
import type { WorkflowDocument } from '../types/observation.js';
import type { Constants } from './constant.js';
import type { Operation } from './definition.js';
import { readingOf } from './reading.js';
import { secureParametersOf } from './secure-parameters.js';

/** Why a workflow must not be written as a whole, and what to know where it is written all the same. */
export interface WriteHazards {
  readonly reasons: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * There is no way to change a workflow but to write all of it, so what a write does besides the change
 * decides whether it may be made. Whether the workflow is enabled does not matter: it may be, tomorrow. A file that a
 * workflow is deployed from (`isSource`) is no such write.
 */
export function writeHazardsOf(
  workflow: WorkflowDocument,
  askedForByName: boolean,
  isSource = false,
): WriteHazards {
  if (isSource) return { reasons: [], warnings: [] };
  const { operations, constants } = readingOf(workflow);
  const starting = startingTriggersOf(operations, constants);
  const starts = starting.map(({ name }) => `"${name}"`).join(', ');
  const secure = [...new Set(secureParametersOf(workflow))];
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
