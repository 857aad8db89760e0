import { getIgnoringCase, type Json } from '../../types/json.js';
import type { Constants } from '../constant.js';
import type { Operation } from '../definition.js';
import { traitsOf } from './action-types.js';
import { EVERYTHING, referencesInCode, WHOLE_TRIGGER, wholeRunOf } from './code-references.js';
import type { Reference } from './references.js';
import { readWrite, writesSecret } from './vault-write.js';
import { INPUTS, mayRead, type Destination, type Read, type ReadValue } from './value-reads.js';

/** What is no input: other operations, the order, and what the service reads before a run. */
const NO_INPUTS: ReadonlySet<string> = new Set([
  'actions',
  'cases',
  'default',
  'description',
  'else',
  'kind',
  'metadata',
  'operationoptions',
  'runafter',
  'runtimeconfiguration',
  'tools',
  'type',
]);

/** What the run history and the logs show beside inputs and outputs. */
const TRACKED: ReadonlySet<string> = new Set(['trackedproperties', 'correlation']);

/** Everything that an operation's own part of the definition reads, its nested actions' apart. */
export function readsIn(operation: Operation, constants: Constants, readValue: ReadValue): readonly Read[] {
  const { json, type } = operation;
  const isNamed = mayUseCredential(type);
  const reads: Read[] = [];
  for (const key in json) {
    const value = json[key];
    if (!mayRead(value)) continue;
    const name = key.toLowerCase();
    if (NO_INPUTS.has(name)) continue;
    if (name === 'inputs' && writesSecret(operation, constants)) {
      readWrite(operation, readValue, reads);
      continue;
    }
    const into = TRACKED.has(name) ? 'tracked' : 'inputs';
    if (name === 'inputs' && type === 'initializevariable') {
      for (const [inner, variable] of variablesIn(value)) readValue(inner, variable, inner, reads);
    }
    readValue(value, { ...INPUTS, into, isNamed }, wholeOf(operation, value), reads);
  }
  return type === 'javascriptcode' ? [...reads, ...readsInCode(json)] : reads;
}

/** Names say that something is a credential where it is handed to somebody. */
function mayUseCredential(type: string): boolean {
  return traitsOf(type).gives === 'answer' || type === 'response';
}

/** The text whose value is all that an operation works with; no text where there is none. */
function wholeOf({ type }: Operation, inputs: Json | undefined): Json | undefined {
  if (type === 'compose') return inputs;
  if (type === 'parsejson') return getIgnoringCase(inputs, 'content');
  return type === 'setvariable' ? getIgnoringCase(inputs, 'value') : null;
}

/** Each variable that an action initialises, with its value: they are told apart. */
function variablesIn(inputs: Json | undefined): readonly (readonly [Json | undefined, Destination])[] {
  const variables = getIgnoringCase(inputs, 'variables');
  if (!Array.isArray(variables)) return [];
  return (variables as readonly Json[]).flatMap((variable) => {
    const name = getIgnoringCase(variable, 'name');
    if (typeof name !== 'string') return [];
    return [[getIgnoringCase(variable, 'value'), { ...INPUTS, variable: name.toLowerCase() }] as const];
  });
}

/** What the code names, and what the designer has put down as its dependencies, which the run hands it as well. */
function readsInCode(json: Json): readonly Read[] {
  const inputs = getIgnoringCase(json, 'inputs');
  const code = getIgnoringCase(inputs, 'code');
  const references = typeof code === 'string' ? referencesInCode(code) : EVERYTHING;
  return [...references, ...dependenciesIn(inputs)].map((reference) => ({
    reference,
    isWhole: false,
    into: 'inputs',
    as: 'anything',
    variable: null,
  }));
}

function dependenciesIn(inputs: Json | undefined): readonly Reference[] {
  const dependencies = getIgnoringCase(inputs, 'explicitDependencies');
  const actions = getIgnoringCase(dependencies, 'actions');
  const names = Array.isArray(actions) ? (actions as readonly Json[]) : [];
  return [
    ...names.flatMap((name) => (typeof name === 'string' ? [wholeRunOf(name)] : [])),
    ...(getIgnoringCase(dependencies, 'includeTrigger') === true ? [WHOLE_TRIGGER] : []),
  ];
}
