import type { Json } from '../types/json.js';
import type { Call, Expression } from '../workflow/expression.js';
import { readExpression, skipSpace } from '../workflow/read-expression.js';
import { isSecureType } from '../workflow/secure-parameters.js';
import { known, madeOf, secret, UNKNOWN, unknownOf, type Outcome } from './outcome.js';
import { membersOf, takeStep, type Parameter, type Scope } from './scope.js';
import { GROUP_ID, RESOURCE_GROUP, standInName } from './stand-ins.js';
import { holdsHole, memberOf, TEMPLATE_FUNCTIONS } from './template-functions.js';

/** Whether what is not known gets a name that stands in for it, so that ids can be compared. */
export type As = 'value' | 'name';

/** Deeper than this, also through variables that use one another in a circle, nothing is told. */
const MAX_DEPTH = 64;

/**
 * The expression that a text of a template is; null where it is a text. A `[` at its end alone, or a second one at its
 * beginning, make it one (https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions#escape-characters).
 */
export function expressionIn(text: string): Expression | 'unreadable' | null {
  if (!text.startsWith('[') || text.startsWith('[[') || !text.endsWith(']')) return null;
  const cursor = { text, at: 1 };
  const expression = readExpression(cursor);
  skipSpace(cursor);
  return expression !== null && cursor.at === text.length - 1 ? expression : 'unreadable';
}

/** A text as it is deployed. */
export function evaluateText(text: string, scope: Scope, as: As = 'value', depth = 0): Outcome {
  if (scope.around !== null) {
    const outer = evaluateText(text, scope.around, as, depth);
    if (typeof outer.value !== 'string' || !outer.isKnown) return outer;
    const inner = evaluateText(outer.value, { ...scope, around: null }, as, depth);
    return madeOf([outer, inner], inner.value, inner.isKnown);
  }
  const expression = expressionIn(text);
  if (expression === null) return known(text.startsWith('[[') && text.endsWith(']') ? text.slice(1) : text);
  return expression === 'unreadable' ? UNKNOWN : evaluate(expression, { scope, as, depth });
}

/** A value with everything in it as it is deployed. */
export function evaluateJson(json: Json, scope: Scope, as: As = 'value', depth = 0): Outcome {
  takeStep(scope);
  if (depth > MAX_DEPTH) return UNKNOWN;
  if (typeof json === 'string') return evaluateText(json, scope, as, depth);
  if (typeof json !== 'object' || json === null) return known(json);
  if (Array.isArray(json)) {
    const items = (json as readonly Json[]).map((item) => evaluateJson(item, scope, as, depth + 1));
    return madeOf(
      items,
      items.map(({ value }) => value),
    );
  }
  const members = membersOf(json).map(
    ([key, member]) => [key, evaluateJson(member, scope, as, depth + 1)] as const,
  );
  const outcomes = members.map(([, outcome]) => outcome);
  const value = Object.fromEntries(members.map(([key, outcome]) => [key, outcome.value]));
  return madeOf(outcomes, value);
}

interface Context {
  readonly scope: Scope;
  readonly as: As;
  readonly depth: number;
}

function evaluate(expression: Expression, context: Context): Outcome {
  switch (expression.kind) {
    case 'literal':
      return known(expression.value);
    case 'number':
      return known(Number(expression.text));
    case 'interpolation':
    case 'unparseable':
      return UNKNOWN;
    case 'call':
      return evaluateCall(expression, context);
  }
}

function evaluateCall(call: Call, context: Context): Outcome {
  takeStep(context.scope);
  if (context.depth > MAX_DEPTH) return UNKNOWN;
  const inner = { ...context, depth: context.depth + 1 };
  let outcome = resultOf(call, inner);
  for (const { key } of call.path) {
    const step = evaluate(key, inner);
    outcome = step.isKnown ? memberOf(outcome, step.value) : unknownOf([outcome, step]);
    if (!outcome.isKnown && holdsHole(outcome.value)) outcome = named(outcome, call, context);
  }
  return outcome;
}

/** A name for what has none yet. */
function named(outcome: Outcome, { name, args: [first] }: Call, { as }: Context): Outcome {
  if (as === 'value' || typeof outcome.value !== 'string' || outcome.value.length > 1) return outcome;
  const what = first?.kind === 'literal' ? String(first.value) : name;
  return { ...outcome, value: standInName(what) };
}

function resultOf(call: Call, context: Context): Outcome {
  const { name, args } = call;
  // Its arguments are names, whatever it is part of.
  const within: Context = /^(?:subscription|tenant)?resourceid$/.test(name)
    ? { ...context, as: 'name' }
    : context;
  const given = args.map((arg) => evaluate(arg, within));
  const [first] = given;
  const key = typeof first?.value === 'string' && first.isKnown ? first.value.toLowerCase() : null;
  switch (name) {
    case 'parameters':
      return named(parameter(context.scope.parameters.get(key ?? ''), context), call, context);
    case 'variables': {
      const variable = context.scope.variables.get(key ?? '');
      return variable === undefined
        ? named(UNKNOWN, call, context)
        : evaluateJson(variable.json, variable.scope, context.as, context.depth + 1);
    }
    case 'resourcegroup':
      return context.as === 'name' ? GROUP_NAMED : GROUP;
    case 'environment':
      return ENVIRONMENT;
  }
  // They give back keys, connection strings and callback URLs (https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource#list).
  if (/^list[a-z]/.test(name)) return secret(`what ${SPELLED.get(name) ?? name}() gives`);
  const compute = TEMPLATE_FUNCTIONS.get(name);
  return named(compute === undefined ? unknownOf(given) : compute(given), call, context);
}

function parameter(found: Parameter | undefined, { as, depth }: Context): Outcome {
  if (found === undefined) return UNKNOWN;
  if (isSecureType(found.type)) return secret(`the secure parameter "${found.name}"`);
  const written = found.given ?? found.default;
  if (written === undefined) return UNKNOWN;
  const outcome = evaluateJson(written.json, written.scope, as, depth + 1);
  if (found.given !== undefined) return outcome;
  return { ...outcome, defaults: [...new Set([...outcome.defaults, found.name])] };
}

const SPELLED: ReadonlyMap<string, string> = new Map(
  [
    'listKeys',
    'listCallbackUrl',
    'listSecrets',
    'listAccountSas',
    'listServiceSas',
    'listConnectionStrings',
  ].map((name) => [name.toLowerCase(), name]),
);

/** Of a resource group nothing is known but that it has an id. */
const GROUP: Outcome = {
  ...UNKNOWN,
  value: { id: GROUP_ID, name: UNKNOWN.value, location: UNKNOWN.value },
};
const GROUP_NAMED: Outcome = {
  ...GROUP,
  value: { id: GROUP_ID, name: RESOURCE_GROUP, location: 'location' },
};

/** The public cloud's: another one's suffix is a vault's, too. */
const ENVIRONMENT: Outcome = {
  ...UNKNOWN,
  value: { suffixes: { keyvaultDns: '.vault.azure.net' } },
};
