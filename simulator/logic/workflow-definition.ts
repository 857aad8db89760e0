import { invalidTemplate } from '../arm/arm-error.js';
import { at, entriesOf, isObject, listOf, textAt } from '../json.js';
import type { Switches } from '../switches.js';
import { actionsOf, type WorkflowAction } from './workflow-actions.js';

/** https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config */
const MAX_ACTIONS = 500;
const MAX_DEPTH = 8;
const MAX_PARAMETERS = 50;
const MAX_NAME = 80;
const MAX_EXPRESSION = 8192;

/** https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#obfuscate */
const NO_SECURE_INPUTS: readonly string[] = [
  'appendtoarrayvariable',
  'appendtostringvariable',
  'decrementvariable',
  'foreach',
  'if',
  'incrementvariable',
  'initializevariable',
  'recurrence',
  'scope',
  'setvariable',
  'slidingwindow',
  'switch',
  'terminate',
  'until',
];
const NO_SECURE_OUTPUTS: readonly string[] = [
  ...NO_SECURE_INPUTS,
  'compose',
  'parsejson',
  'response',
  'wait',
];

/** Throws InvalidTemplate for a definition that the service does not save. The text is for line and column. */
export function checkDefinition(definition: unknown, text: string, switches: Readonly<Switches>): void {
  if (!isObject(definition)) {
    throw invalidTemplate("The required property 'definition' is missing or not an object.");
  }
  const actions = actionsOf(definition);
  if (actions.length > MAX_ACTIONS) {
    throw invalidTemplate(`The number of actions '${actions.length}' exceeds the limit '${MAX_ACTIONS}'.`);
  }
  if (entriesOf(at(definition, 'parameters')).length > MAX_PARAMETERS) {
    throw invalidTemplate(`The number of parameters exceeds the limit '${MAX_PARAMETERS}'.`);
  }
  for (const [name, trigger] of entriesOf(at(definition, 'triggers'))) {
    checkStep('trigger', name, trigger, text, switches);
  }
  for (const action of actions) {
    checkStep('action', action.name, action.action, text, switches);
    checkRunAfter(action, text);
    if (action.depth <= MAX_DEPTH) continue;
    throw invalidTemplate(
      `The template action '${action.name}' is nested deeper than the limit '${MAX_DEPTH}'.`,
    );
  }
  checkExpressions(definition);
}

/** `at line 'l' and column 'c'` of the first time that a name stands in the text, as the service's errors say it. */
export function positionOf(text: string, name: string): string {
  const offset = Math.max(0, text.indexOf(JSON.stringify(name)));
  const before = text.slice(0, offset).split('\n');
  return `at line '${before.length}' and column '${(before.at(-1)?.length ?? 0) + 1}'`;
}

function checkStep(
  kind: 'trigger' | 'action',
  name: string,
  step: unknown,
  text: string,
  switches: Readonly<Switches>,
): void {
  const type = textAt(step, 'type');
  const where = `template ${kind} '${name}' ${positionOf(text, name)}`;
  if (name.length > MAX_NAME) {
    throw invalidTemplate(`The name of the ${where} exceeds the limit '${MAX_NAME}'.`);
  }
  if (type === undefined) throw invalidTemplate(`The ${where} has no 'type'.`);
  const secured = at(step, 'runtimeConfiguration', 'secureData', 'properties');
  if (secured === undefined || secured === null) return;
  const parts = listOf(secured);
  if (!Array.isArray(secured) || !parts.every((part) => part === 'inputs' || part === 'outputs')) {
    throw invalidTemplate(`The 'secureData' of ${where} takes a list of 'inputs' and 'outputs' only.`);
  }
  if (switches.secureDataOnUnsupported === 'reject') checkSupport(type, parts, where);
  // https://github.com/Azure/logicapps/issues/746
  const tracked = JSON.stringify(at(step, 'trackedProperties') ?? null);
  if (parts.length > 0 && tracked.includes('@')) {
    throw invalidTemplate(
      `The ${where} is not valid: tracked properties can only reference its own action's inputs and outputs when secureData setting is not enabled`,
    );
  }
}

function checkSupport(type: string, parts: readonly unknown[], where: string): void {
  const kind = type.toLowerCase();
  const unsupported =
    (parts.includes('inputs') && NO_SECURE_INPUTS.includes(kind)) ||
    (parts.includes('outputs') && NO_SECURE_OUTPUTS.includes(kind));
  if (unsupported) throw invalidTemplate(`The 'secureData' of ${where} is not supported for type '${type}'.`);
}

/** The wording: https://github.com/ANFTechTeam/ANFCapacityManager/issues/10 */
function checkRunAfter({ name, action, siblings }: WorkflowAction, text: string): void {
  // Names of actions do not differ by case: the portal exports workflows that say them in another one.
  const names = siblings.map((sibling) => sibling.toLowerCase());
  for (const [other] of entriesOf(at(action, 'runAfter'))) {
    if (names.includes(other.toLowerCase())) continue;
    throw invalidTemplate(
      `The 'runAfter' property of template action '${name}' ${positionOf(text, name)} contains non-existent action: '${other}'.`,
    );
  }
}

function checkExpressions(value: unknown): void {
  if (typeof value === 'string') {
    const isExpression = /^@(?![@{])/.test(value);
    if (isExpression && value.length > MAX_EXPRESSION) {
      throw invalidTemplate(`An expression is longer than the limit '${MAX_EXPRESSION}' characters.`);
    }
    return;
  }
  const children = Array.isArray(value) ? listOf(value) : entriesOf(value).map(([, child]) => child);
  for (const child of children) checkExpressions(child);
}
