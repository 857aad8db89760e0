import { getIgnoringCase, isJsonObject, type Json } from '../types/json.js';
import { propertiesOf, type WorkflowDocument } from '../types/observation.js';
import { definitionOf, type Operation } from './definition.js';

/**
 * What the names in a workflow's expressions stand for, as it is written down (not evaluated); undefined
 * where it is not known before the workflow runs. Names do not differ by case.
 */
export interface NamedValues {
  /** The value given, else the declared default; never the default of a secure parameter, which may be hidden. */
  readonly parameter: (name: string) => Json | undefined;
  /** What a variable is initialised with, where nothing ever changes it. */
  readonly variable: (name: string) => Json | undefined;
  /** The inputs of a Compose action, which are its outputs. */
  readonly output: (action: string) => Json | undefined;
}

const CHANGES_VARIABLE: ReadonlySet<string> = new Set([
  'setvariable',
  'incrementvariable',
  'decrementvariable',
  'appendtostringvariable',
  'appendtoarrayvariable',
]);

export function namedValuesOf(workflow: WorkflowDocument, operations: readonly Operation[]): NamedValues {
  let variables: ReadonlyMap<string, Json | undefined> | undefined;
  let outputs: ReadonlyMap<string, Json | undefined> | undefined;
  return {
    parameter: (name) => parameterOf(workflow, name),
    variable: (name) => (variables ??= variablesOf(operations)).get(name.toLowerCase()),
    output: (name) => (outputs ??= outputsOf(operations)).get(actionKey(name)),
  };
}

function parameterOf(workflow: WorkflowDocument, name: string): Json | undefined {
  const given = getIgnoringCase(getIgnoringCase(propertiesOf(workflow), 'parameters'), name);
  // A given parameter without a value is a secret that ARM does not show, or a reference to one.
  if (given !== undefined) return getIgnoringCase(given, 'value');
  const declared = getIgnoringCase(getIgnoringCase(definitionOf(workflow), 'parameters'), name);
  const type = getIgnoringCase(declared, 'type');
  if (typeof type !== 'string' || type.toLowerCase().startsWith('secure')) return undefined;
  return getIgnoringCase(declared, 'defaultValue');
}

function variablesOf(operations: readonly Operation[]): ReadonlyMap<string, Json | undefined> {
  const values = new Map<string, Json | undefined>();
  const changed = new Set<string>();
  for (const { type, inputs } of operations) {
    if (CHANGES_VARIABLE.has(type)) {
      const name = getIgnoringCase(inputs, 'name');
      // A name that is put together at run time may be any variable's.
      if (typeof name !== 'string' || name.includes('@')) return new Map();
      changed.add(name.toLowerCase());
    } else if (type === 'initializevariable') {
      for (const [name, value] of initialisedBy(inputs)) once(values, name, value);
    }
  }
  for (const name of changed) values.delete(name);
  return values;
}

function initialisedBy(inputs: Json | undefined): readonly (readonly [string, Json | undefined])[] {
  const variables = getIgnoringCase(inputs, 'variables');
  if (!Array.isArray(variables)) return [];
  return (variables as readonly Json[]).flatMap((variable) => {
    const name = getIgnoringCase(variable, 'name');
    return typeof name === 'string'
      ? [[name.toLowerCase(), getIgnoringCase(variable, 'value')] as const]
      : [];
  });
}

function outputsOf(operations: readonly Operation[]): ReadonlyMap<string, Json | undefined> {
  const values = new Map<string, Json | undefined>();
  for (const { kind, name, type, json, inputs } of operations) {
    if (kind !== 'action') continue;
    once(values, actionKey(name), type === 'compose' && !isMocked(json) ? inputs : undefined);
  }
  return values;
}

/** An action with a static result gives that instead of its outputs. */
function isMocked(json: Json): boolean {
  const configuration = getIgnoringCase(json, 'runtimeConfiguration');
  return isJsonObject(configuration) && getIgnoringCase(configuration, 'staticResult') !== undefined;
}

/** What is there twice is not known. */
function once(values: Map<string, Json | undefined>, name: string, value: Json | undefined): void {
  values.set(name, values.has(name) ? undefined : value);
}

/** Expressions write an action's name with underscores for its spaces. */
function actionKey(name: string): string {
  return name.toLowerCase().replaceAll(' ', '_');
}
