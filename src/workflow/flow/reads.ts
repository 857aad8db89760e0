import { getIgnoringCase, type Json } from '../../types/json.js';
import { NAMES, toldOnce } from '../told-once.js';
import type { Constants } from '../constant.js';
import type { Operation } from '../definition.js';
import { traitsOf } from './action-types.js';
import { EVERYTHING, referencesInCode, WHOLE_TRIGGER, wholeRunOf } from './code-references.js';
import type { Reference } from './references.js';
import { readWrite, writesSecret } from './vault-write.js';
import { inputsOf, mayRead, type Read, type ReadValue } from './value-reads.js';

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

/** What the members of an operation are for; `others` are read before a run as the inputs are. */
const roleOf = toldOnce((key): 'none' | 'tracked' | 'inputs' | 'others' => {
  const name = key.toLowerCase();
  if (NO_INPUTS.has(name)) return 'none';
  if (TRACKED.has(name)) return 'tracked';
  return name === 'inputs' ? 'inputs' : 'others';
}, NAMES);

/** Adds everything that an operation's own part of the definition reads, its nested actions' apart. */
export function readOperation(
  operation: Operation,
  constants: Constants,
  readValue: ReadValue,
  reads: Read[],
): void {
  const { json, type } = operation;
  for (const key in json) {
    const role = roleOf(key);
    if (role === 'none') continue;
    const value = json[key];
    if (!mayRead(value)) continue;
    if (role === 'inputs' && writesSecret(operation, constants)) {
      readWrite(operation, readValue, reads);
      continue;
    }
    if (role === 'inputs' && type === 'initializevariable') readVariables(operation, value, readValue, reads);
    const into = role === 'tracked' ? 'tracked' : 'inputs';
    const isNamed = mayUseCredential(type);
    const destination = { operation, into, name: '', as: 'anything', isNamed } as const;
    readValue(value, destination, wholeOf(operation, value), reads);
  }
  if (type === 'javascriptcode') readCode(operation, reads);
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

/** The value of each variable that an action initialises: they are told apart. */
function readVariables(operation: Operation, inputs: Json, readValue: ReadValue, reads: Read[]): void {
  const variables = getIgnoringCase(inputs, 'variables');
  if (!Array.isArray(variables)) return;
  for (const variable of variables as readonly Json[]) {
    const name = getIgnoringCase(variable, 'name');
    if (typeof name !== 'string') continue;
    const value = getIgnoringCase(variable, 'value');
    readValue(value, { ...inputsOf(operation), into: 'variable', name }, value, reads);
  }
}

/** What the code names, and what the designer has put down as its dependencies, which the run hands it as well. */
function readCode(operation: Operation, reads: Read[]): void {
  const { inputs } = operation;
  const code = getIgnoringCase(inputs, 'code');
  const references = typeof code === 'string' ? referencesInCode(code) : EVERYTHING;
  for (const reference of [...references, ...dependenciesIn(inputs)])
    reads.push({
      at: reads.length,
      reference,
      operation,
      into: 'inputs',
      name: '',
      as: 'anything',
      isWhole: false,
    });
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
