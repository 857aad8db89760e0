import type { Constants } from '../constant.js';
import type { Call, Expression, Step } from '../expression.js';
import { isTokenName } from './credential-names.js';

/** What an expression takes a value from. A name that cannot be told before a run is null: it may be any. */
export type Reference = (
  | {
      readonly kind: 'operation';
      readonly name: string | null;
      readonly part: Part;
      /** Whether the steps start at the body, or at what is around it (status code, headers, body). */
      readonly from: 'body' | 'envelope';
    }
  | { readonly kind: 'trigger'; readonly part: Part; readonly from: 'body' | 'envelope' }
  | { readonly kind: 'variable' | 'parameter' | 'result' | 'items'; readonly name: string | null }
  /**
   * `item`: of the list that is worked through; `action`: the action that it stands in; `everything`: of every
   * operation; `anything`: variables, parameters and the rest as well.
   */
  | { readonly kind: 'item' | 'action' | 'everything' | 'anything' }
  /** It may mean anything; what it names counts. */
  | { readonly kind: 'mention'; readonly text: string }
) & {
  /** The members taken, in lower case; null is one that is not known before a run, or an index. */
  readonly steps: readonly (string | null)[];
  /** Whether it is the value itself, and nothing that was made of it. */
  readonly isIntact: boolean;
  /** Whether the service recognises it as the use of an operation's outputs. */
  readonly isExplicit: boolean;
};

export type Part = 'inputs' | 'outputs' | 'both';

/**
 * Functions whose result is true, false or a number, whatever they are given: it cannot hold a secret's text. What
 * they return: https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference
 */
const TELLS_NO_TEXT: ReadonlySet<string> = new Set([
  'and',
  'contains',
  'empty',
  'endswith',
  'equals',
  'greater',
  'greaterorequals',
  'indexof',
  'isfloat',
  'isint',
  'lastindexof',
  'length',
  'less',
  'lessorequals',
  'not',
  'nthindexof',
  'or',
  'startswith',
]);

/** Functions that give back what they are given, so that a step into the result is one into it. */
const SAME_VALUE: ReadonlySet<string> = new Set(['json', 'coalesce']);

/** What `actions('…')` tells besides inputs and outputs. */
const ABOUT_THE_RUN: ReadonlySet<string> = new Set([
  'clienttrackingid',
  'code',
  'endtime',
  'name',
  'starttime',
  'status',
  'trackingid',
]);

/** What tells the names in an expression. */
export type Names = Pick<Constants, 'foldExpression'>;

/** Every value that the result of an expression may hold something of. */
export function referencesIn(expression: Expression, constants: Names): readonly Reference[] {
  switch (expression.kind) {
    case 'literal':
    case 'number':
      return [];
    case 'unparseable':
      return [{ kind: 'mention', text: expression.text, steps: [], isIntact: false, isExplicit: false }];
    case 'interpolation':
      return expression.parts.flatMap((part) => referencesIn(part, constants)).map(madeInto);
    case 'call':
      return TELLS_NO_TEXT.has(expression.name) ? [] : referencesInCall(expression, constants);
  }
}

function referencesInCall(call: Call, constants: Names): readonly Reference[] {
  const keys = call.path.flatMap(({ key }) => referencesIn(key, constants)).map(madeInto);
  const named = namedBy(call, constants);
  if (named !== null) {
    const others = call.args
      .slice(1)
      .flatMap((arg) => referencesIn(arg, constants))
      .map(madeInto);
    return [...named, ...others, ...keys];
  }
  const steps = stepsOf(call.path, constants);
  const args = call.args.flatMap((arg) => referencesIn(arg, constants));
  const results = SAME_VALUE.has(call.name)
    ? args.map((reference) => ({ ...reference, steps: [...reference.steps, ...steps] }))
    : args.map((reference) => ({
        ...madeInto(reference),
        steps: [...unknownAfter(reference.steps), ...tokenIn(call), ...steps],
      }));
  return [...results, ...keys];
}

/** The token that an XPath takes out of XML, by its name: the step is one into something that was made of the value. */
function tokenIn({ name, args: [, path] }: Call): readonly string[] {
  if (name !== 'xpath' || path?.kind !== 'literal' || typeof path.value !== 'string') return [];
  const token = path.value.match(/[\w-]+/g)?.findLast((word) => isTokenName(word));
  return token === undefined ? [] : [token.toLowerCase()];
}

/** Where something is made of a value, the steps that follow are steps into something else. */
function madeInto(reference: Reference): Reference {
  return { ...reference, isIntact: false };
}

function unknownAfter(steps: Reference['steps']): Reference['steps'] {
  return steps.at(-1) === null ? steps : [...steps, null];
}

/** What the functions refer to that take values out of the run; null for every other function. */
function namedBy(call: Call, constants: Names): readonly Reference[] | null {
  const steps = stepsOf(call.path, constants);
  const value = { steps, isIntact: true, isExplicit: false };
  const name = () => nameIn(call.args[0], constants);
  const isExplicit = call.args.length > 0 && call.args[0]?.kind === 'literal';
  switch (call.name) {
    case 'body':
    case 'actionbody':
    case 'formdatavalue':
    case 'formdatamultivalues':
    case 'multipartbody':
      return [{ kind: 'operation', name: name(), part: 'outputs', from: 'body', ...value, isExplicit }];
    case 'outputs':
    case 'actionoutputs':
      return [{ kind: 'operation', name: name(), part: 'outputs', from: 'envelope', ...value, isExplicit }];
    case 'actions':
      return wholeOperation({ kind: 'operation', name: name() }, steps);
    case 'action':
      return [{ kind: 'action', ...value }];
    case 'trigger':
      return wholeOperation({ kind: 'trigger' }, steps);
    case 'triggeroutputs':
      return [{ kind: 'trigger', part: 'outputs', from: 'envelope', ...value, isExplicit: true }];
    case 'triggerbody':
    case 'triggerformdatavalue':
    case 'triggerformdatamultivalues':
    case 'triggermultipartbody':
      return [{ kind: 'trigger', part: 'outputs', from: 'body', ...value, isExplicit: true }];
    case 'variables':
      return [{ kind: 'variable', name: name(), ...value }];
    case 'parameters':
      return [{ kind: 'parameter', name: name(), ...value }];
    case 'result':
      return [{ kind: 'result', name: name(), ...value }];
    case 'items':
      return [{ kind: 'items', name: name(), ...value }];
    case 'item':
      return [{ kind: 'item', ...value }];
    default:
      return null;
  }
}

/** `actions('…')` and `trigger()`: what a run knows of an operation, of which the first step chooses. */
function wholeOperation(
  operation: { readonly kind: 'operation'; readonly name: string | null } | { readonly kind: 'trigger' },
  [first, ...rest]: readonly (string | null)[],
): readonly Reference[] {
  if (typeof first === 'string' && ABOUT_THE_RUN.has(first)) return [];
  const isPart = first === 'inputs' || first === 'outputs';
  const value = { steps: isPart ? rest : [], isIntact: isPart, isExplicit: false };
  const part: Part = isPart ? first : 'both';
  return [{ ...operation, part, from: 'envelope', ...value }];
}

function nameIn(expression: Expression | undefined, constants: Names): string | null {
  if (expression === undefined) return null;
  const folded = constants.foldExpression(expression);
  return folded.kind === 'constant' && typeof folded.value === 'string' ? folded.value : null;
}

function stepsOf(path: readonly Step[], constants: Names): readonly (string | null)[] {
  return path.map(({ key }) => nameIn(key, constants)?.toLowerCase() ?? null);
}
