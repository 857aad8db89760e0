import type { Json } from '../types/json.js';
import type { WorkflowDocument } from '../types/observation.js';
import { CONSTANT_FUNCTIONS } from './constant-functions.js';
import type { Operation } from './definition.js';
import type { Call, Expression, Step } from './expression.js';
import { constant, joined, UNKNOWN, type Folded } from './folded.js';
import { expressionOf } from './known-expressions.js';
import { namedValuesOf, type NamedValues } from './named-values.js';
import { isPlain, memberOf } from './plain-value.js';

/** Tells what the values in one workflow's definition are before it runs. */
export interface Constants {
  readonly parse: (text: string) => Expression;
  /** The value of a part of the definition (its texts are expressions); undefined is unknown. */
  readonly fold: (value: Json | undefined) => Folded;
  readonly foldExpression: (expression: Expression) => Folded;
}

/** Deeper than this, also through variables and Compose actions that use one another, nothing is told. */
const MAX_DEPTH = 300;

interface Context {
  readonly names: NamedValues;
  readonly folded: Map<string, Folded>;
  readonly plain: Map<object, boolean>;
  depth: number;
}

export function constantsOf(workflow: WorkflowDocument, operations: readonly Operation[]): Constants {
  const context: Context = {
    names: namedValuesOf(workflow, operations),
    folded: new Map(),
    plain: new Map(),
    depth: 0,
  };
  return {
    parse: expressionOf,
    fold: (value) => (value === undefined ? UNKNOWN : foldValue(value, context)),
    foldExpression: (expression) => fold(expression, context),
  };
}

function foldText(text: string, context: Context): Folded {
  if (!text.includes('@')) return constant(text);
  const expression = expressionOf(text);
  const settled = settledValue(expression);
  // Within another value, it may be too deep to be told.
  if (settled !== null && context.depth === 0) return settled;
  const known = context.folded.get(text);
  if (known !== undefined) return known;
  context.folded.set(text, UNKNOWN); // while it is being folded, so that a circle ends here
  const folded = fold(expression, context);
  context.folded.set(text, folded);
  return folded;
}

/** What names something that each workflow defines for itself. */
const NAMING: ReadonlySet<string> = new Set(['parameters', 'variables', 'outputs', 'actions']);

const settledValues = new WeakMap<Expression, Folded | null>();

/** What an expression comes to in every workflow; null where that depends on which it stands in. */
function settledValue(expression: Expression): Folded | null {
  const known = settledValues.get(expression);
  if (known !== undefined) return known;
  const nowhere: Context = { names: NO_NAMES, folded: new Map(), plain: new Map(), depth: 0 };
  const settled = isSettled(expression) ? fold(expression, nowhere) : null;
  settledValues.set(expression, settled);
  return settled;
}

function isSettled(expression: Expression): boolean {
  if (expression.kind === 'interpolation') return expression.parts.every(isSettled);
  if (expression.kind !== 'call') return true;
  const { name, args, path } = expression;
  return !NAMING.has(name) && args.every(isSettled) && path.every(({ key }) => isSettled(key));
}

const NO_NAMES: NamedValues = {
  parameter: () => undefined,
  variable: () => undefined,
  output: () => undefined,
};

function fold(expression: Expression, context: Context): Folded {
  switch (expression.kind) {
    case 'literal':
      return constant(expression.value);
    case 'number':
      return foldNumber(expression.text);
    case 'interpolation':
      return joined(expression.parts.map((part) => fold(part, context)));
    case 'call':
      return foldCall(expression, context);
    case 'unparseable':
      return UNKNOWN;
  }
}

function foldNumber(text: string): Folded {
  const value = Number(text);
  return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(value) ? constant(value) : UNKNOWN;
}

function foldCall(call: Call, context: Context): Folded {
  if (context.depth >= MAX_DEPTH) return UNKNOWN;
  context.depth += 1;
  const args = call.args.map((arg) => fold(arg, context));
  const compute = CONSTANT_FUNCTIONS.get(call.name);
  const folded =
    compute === undefined ? foldNamed(call, args, context) : foldComputed(call, compute(args), context);
  context.depth -= 1;
  return folded;
}

function foldComputed({ path }: Call, result: Folded, context: Context): Folded {
  if (path.length === 0) return result;
  return result.kind === 'constant' ? follow(result.value, path, context, 'plain') : UNKNOWN;
}

function foldNamed({ name, path }: Call, args: readonly Folded[], context: Context): Folded {
  const [first] = args;
  if (args.length !== 1 || first?.kind !== 'constant' || typeof first.value !== 'string') return UNKNOWN;
  const { names } = context;
  switch (name) {
    case 'parameters':
      return follow(names.parameter(first.value), path, context, 'plain');
    case 'variables':
      return follow(names.variable(first.value), path, context, 'template');
    case 'outputs':
      return follow(names.output(first.value), path, context, 'template');
    case 'actions':
      return isOutputs(path[0])
        ? follow(names.output(first.value), path.slice(1), context, 'template')
        : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

function isOutputs(step: Step | undefined): boolean {
  return step?.key.kind === 'literal' && String(step.key.value).toLowerCase() === 'outputs';
}

/** Takes the steps into a value. In a template, texts are expressions, and are folded where a step needs it. */
function follow(
  start: Json | undefined,
  path: readonly Step[],
  context: Context,
  as: 'template' | 'plain',
): Folded {
  let value = start;
  let isTemplate = as === 'template';
  for (const step of path) {
    if (isTemplate && typeof value === 'string') {
      const folded = foldText(value, context);
      if (folded.kind !== 'constant') return UNKNOWN;
      value = folded.value;
      isTemplate = false;
    }
    const key = fold(step.key, context);
    value = key.kind === 'constant' ? memberOf(value, key.value, step.safe) : undefined;
  }
  if (value === undefined) return UNKNOWN;
  return isTemplate ? foldValue(value, context) : plainValue(value, context);
}

function foldValue(value: Json, context: Context): Folded {
  return typeof value === 'string' ? foldText(value, context) : plainValue(value, context);
}

/** A value that is not evaluated. One that holds expressions all the same is left alone. */
function plainValue(value: Json, context: Context): Folded {
  return isPlain(value, context.plain) ? constant(value) : UNKNOWN;
}
