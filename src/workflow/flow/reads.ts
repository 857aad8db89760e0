import { getIgnoringCase, isJsonObject, type Json } from '../../types/json.js';
import type { Constants } from '../constant.js';
import type { Operation } from '../definition.js';
import type { Expression } from '../expression.js';
import { traitsOf } from './action-types.js';
import { EVERYTHING, referencesInCode, WHOLE_TRIGGER, wholeRunOf } from './code-references.js';
import { announcesCredential, isCredentialName } from './credential-names.js';
import { referencesIn, type Reference } from './references.js';

/** A reference, and where in the operation its value goes. */
export interface Read {
  readonly reference: Reference;
  /** `tracked`: beside the inputs, in what goes into the tracking logs. */
  readonly into: 'inputs' | 'tracked';
  /**
   * As what it is used: to sign in, as whose secret (`authentication`) or to say who it is (`account`); as a credential,
   * by the name of its place; or for anything.
   */
  readonly as: 'authentication' | 'account' | 'credential' | 'anything';
  /** Whether the value arrives as it is and whole: as all of a Compose's inputs, a variable's value, what is parsed. */
  readonly isWhole: boolean;
  /** The variable that it is given to, in lower case; null where that is the operation's own, or none. */
  readonly variable: string | null;
}

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

/** What an HTTP action's `authentication` holds besides what is secret. */
const ACCOUNT: ReadonlySet<string> = new Set([
  'audience',
  'authority',
  'clientid',
  'credentialtype',
  'identity',
  'tenant',
  'type',
  'username',
]);

type Place = Pick<Read, 'into' | 'as' | 'variable'>;

/** Everything that an operation's own part of the definition reads, its nested actions' apart. */
export function readsIn(operation: Operation, constants: Constants): readonly Read[] {
  const found: Read[] = [];
  const { json, type } = operation;
  const signsIn = traitsOf(type).gives === 'answer' || type === 'response';
  for (const [key, value] of Object.entries(json)) {
    const name = key.toLowerCase();
    if (NO_INPUTS.has(name)) continue;
    const place: Place = {
      into: TRACKED.has(name) ? 'tracked' : 'inputs',
      as: 'anything',
      variable: null,
    };
    if (name === 'inputs' && type === 'initializevariable') {
      for (const [inner, variable] of variablesIn(value)) collect(inner, variable, inner, constants, found);
    }
    collect(value, place, wholeOf(operation, value), constants, found, signsIn);
  }
  if (type === 'javascriptcode') found.push(...readsInCode(json));
  return found;
}

/** Every read of a value that stands by itself, e.g. one of the workflow's outputs. */
export function readsOfValue(value: Json | undefined, constants: Constants): readonly Read[] {
  const found: Read[] = [];
  collect(value, { into: 'inputs', as: 'anything', variable: null }, null, constants, found);
  return found;
}

/** The text whose value is all that an operation works with; undefined where there is none. */
function wholeOf({ type }: Operation, inputs: Json | undefined): Json | undefined {
  if (type === 'compose') return inputs;
  if (type === 'parsejson') return getIgnoringCase(inputs, 'content');
  return type === 'setvariable' ? getIgnoringCase(inputs, 'value') : null;
}

/** Each variable that an action initialises, with its value: they are told apart. */
function variablesIn(inputs: Json | undefined): readonly (readonly [Json | undefined, Place])[] {
  const variables = getIgnoringCase(inputs, 'variables');
  if (!Array.isArray(variables)) return [];
  return (variables as readonly Json[]).flatMap((variable) => {
    const name = getIgnoringCase(variable, 'name');
    if (typeof name !== 'string') return [];
    return [
      [
        getIgnoringCase(variable, 'value'),
        { into: 'inputs', as: 'anything', variable: name.toLowerCase() },
      ] as const,
    ];
  });
}

/** Walks without recursion: how deep a value is nested is its author's choice. */
function collect(
  root: Json | undefined,
  place: Place,
  whole: Json | undefined,
  constants: Constants,
  found: Read[],
  signsIn = false,
): void {
  const pending: (readonly [Json | undefined, Place])[] = [[root, place]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [value, at] = next;
    if (typeof value === 'string') {
      const reads = readsInText(constants.parse(value), at, value === whole, constants);
      found.push(...(signsIn ? reads : reads.map((read): Read => ({ ...read, as: 'anything' }))));
    } else if (Array.isArray(value)) {
      for (const member of value as readonly Json[]) pending.push([member, at]);
    } else if (isJsonObject(value)) {
      for (const [key, member] of Object.entries(value)) {
        if (key.includes('@')) pending.push([key, at]);
        pending.push([member, placeWithin(at, key)]);
      }
    }
  }
}

function placeWithin(place: Place, key: string): Place {
  if (place.as === 'authentication')
    return ACCOUNT.has(key.toLowerCase()) ? { ...place, as: 'account' } : place;
  if (key.toLowerCase() === 'authentication') return { ...place, as: 'authentication' };
  return place.as === 'anything' && isCredentialName(key) ? { ...place, as: 'credential' } : place;
}

function readsInText(
  expression: Expression,
  place: Place,
  isWhole: boolean,
  constants: Constants,
): readonly Read[] {
  if (expression.kind !== 'interpolation') {
    return referencesIn(expression, constants).map((reference) => ({ reference, isWhole, ...place }));
  }
  let before = '';
  return expression.parts.flatMap((part) => {
    const as: Read['as'] = place.as === 'anything' && announcesCredential(before) ? 'credential' : place.as;
    before = part.kind === 'literal' ? String(part.value) : '';
    return referencesIn(part, constants).map((reference) => ({ reference, isWhole: false, ...place, as }));
  });
}

/** What the code names, and what the designer has put down as its dependencies, which the run hands it as well. */
function readsInCode(json: Json): readonly Read[] {
  const inputs = getIgnoringCase(json, 'inputs');
  const code = getIgnoringCase(inputs, 'code');
  const references = typeof code === 'string' ? referencesInCode(code) : EVERYTHING;
  const place = { into: 'inputs', as: 'anything', isWhole: false, variable: null } as const;
  return [...references, ...dependenciesIn(inputs)].map((reference) => ({ reference, ...place }));
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
