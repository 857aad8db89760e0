import { getIgnoringCase, isJsonObject, type Json } from '../types/json.js';
import { HOLE } from '../workflow/folded.js';
import { areKnown, joinedText, known, madeOf, MAX_TEXT, unknownOf, type Outcome } from './outcome.js';
import { resourceIdOf, SUBSCRIPTION_ID } from './stand-ins.js';

type Compute = (args: readonly Outcome[]) => Outcome;

/**
 * The functions of templates whose result follows from their arguments, by name in lower case; of all others nothing is
 * known (https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions).
 */
export const TEMPLATE_FUNCTIONS: ReadonlyMap<string, Compute> = new Map<string, Compute>([
  ['concat', concat],
  ['format', format],
  ['string', joinedText],
  ['true', () => known(true)],
  ['false', () => known(false)],
  ['null', () => known(null)],
  ['tolower', ofText((text) => text.toLowerCase())],
  ['toupper', ofText((text) => text.toUpperCase())],
  ['trim', ofKnownText((text) => text.trim())],
  ['uri', ofKnown(([base, path]) => (isText(base) && isText(path) ? joinedUri(base, path) : undefined))],
  ['replace', replace],
  ['split', ofKnown(([text, mark]) => (isText(text) && isText(mark) ? text.split(mark) : undefined))],
  ['first', ofKnown(([list]) => (Array.isArray(list) || isText(list) ? (list[0] as Json) : undefined))],
  ['last', ofKnown(([list]) => (Array.isArray(list) || isText(list) ? (list.at(-1) as Json) : undefined))],
  ['int', ofKnown(([value]) => (/^-?\d{1,15}$/.test(plainText(value)) ? Number(value) : undefined))],
  ['bool', ofKnown(([value]) => BOOLEANS.get(plainText(value).toLowerCase()))],
  ['equals', ofKnown(([a, b]) => (isPlain(a) && isPlain(b) ? a === b : undefined))],
  ['not', ofKnown(([value]) => (typeof value === 'boolean' ? !value : undefined))],
  ['and', ofKnown((values) => (values.every(isBoolean) ? values.every(Boolean) : undefined))],
  ['or', ofKnown((values) => (values.every(isBoolean) ? values.some(Boolean) : undefined))],
  ['empty', ofKnown(([value]) => isEmpty(value))],
  ['if', choose],
  ['coalesce', coalesce],
  ['createarray', (args) => madeOf(args, values(args))],
  ['createobject', createObject],
  ['json', ofKnown(([text]) => (isText(text) ? parsed(text) : undefined))],
  ['resourceid', (args) => resourceIdOf(args, 'group')],
  ['subscriptionresourceid', (args) => resourceIdOf(args, 'subscription')],
  ['tenantresourceid', (args) => resourceIdOf(args, 'tenant')],
  ['subscription', () => known({ subscriptionId: SUBSCRIPTION_ID, id: `/subscriptions/${SUBSCRIPTION_ID}` })],
]);

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);

function values(args: readonly Outcome[]): readonly Json[] {
  return args.map(({ value }) => value);
}

/** What is made of values that are known; undefined where the deployment would fail, and so nothing is known. */
function ofKnown(compute: (values: readonly Json[]) => Json | undefined): Compute {
  return (args) => {
    const value = areKnown(args) ? compute(values(args)) : undefined;
    return value === undefined ? unknownOf(args) : madeOf(args, value, true);
  };
}

function ofKnownText(change: (text: string) => string): Compute {
  return ofKnown(([text]) => (isText(text) ? change(text) : undefined));
}

/** What may be done to the known parts of a text by themselves. */
function ofText(change: (text: string) => string): Compute {
  return (args) => {
    const text = args[0]?.value;
    return isText(text) ? madeOf(args, change(text)) : unknownOf(args);
  };
}

/** Of texts, or of lists. */
function concat(args: readonly Outcome[]): Outcome {
  if (!args.some(({ value }) => Array.isArray(value))) return joinedText(args);
  return args.every(({ value }) => Array.isArray(value))
    ? madeOf(
        args,
        args.flatMap(({ value }) => value as Json[]),
      )
    : unknownOf(args);
}

/** Of the composite formats of .NET, the places alone: `{0}`. */
function format([pattern, ...args]: readonly Outcome[]): Outcome {
  if (pattern === undefined) return unknownOf(args);
  const all = [pattern, ...args];
  const text = pattern.value;
  if (!isText(text) || !pattern.isKnown || /\{\d+[^\d}]|\{\{|\}\}/.test(text)) return unknownOf(all);
  const pieces = text.split(/\{(\d+)\}/).map((piece, at) => {
    return at % 2 === 0 ? known(piece) : (args[Number(piece)] ?? known(HOLE));
  });
  return madeOf(all, joinedText(pieces).value);
}

function replace(args: readonly Outcome[]): Outcome {
  const [text, old, after] = values(args);
  const isTold = isText(text) && isText(old) && isText(after) && old !== '' && areKnown(args.slice(1));
  const isShort = isTold && text.length * Math.max(1, after.length) <= MAX_TEXT;
  return isShort ? madeOf(args, text.replaceAll(old, after)) : unknownOf(args);
}

/** A secret that only decides is not in what is chosen, e.g. whether there is one. */
function choose([decides, yes, no]: readonly Outcome[]): Outcome {
  if (decides === undefined || yes === undefined || no === undefined) return unknownOf([]);
  const condition = { ...decides, secrets: [] };
  if (!condition.isKnown || !isBoolean(condition.value)) return unknownOf([condition, yes, no]);
  const chosen = condition.value ? yes : no;
  return madeOf([condition, chosen], chosen.value, chosen.isKnown);
}

function coalesce(args: readonly Outcome[]): Outcome {
  for (const arg of args) {
    if (!arg.isKnown) return unknownOf(args);
    if (arg.value !== null) return arg;
  }
  return known(null);
}

function createObject(args: readonly Outcome[]): Outcome {
  const members: [string, Json][] = [];
  for (let at = 0; at + 1 < args.length; at += 2) {
    const [key, value] = [args[at]?.value, args[at + 1]?.value];
    if (!isText(key) || value === undefined) return unknownOf(args);
    members.push([key, value]);
  }
  return madeOf(args, Object.fromEntries(members));
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function joinedUri(base: string, path: string): string {
  return `${base.replace(/\/$/, '')}/${path.replace(/^\//, '')}`;
}

/** Of what is no text, number or boolean there is none. */
function plainText(value: Json | undefined): string {
  return typeof value === 'object' || value === undefined ? '' : String(value);
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string';
}

function isBoolean(value: Json | undefined): value is boolean {
  return typeof value === 'boolean';
}

function isPlain(value: Json | undefined): boolean {
  return value !== undefined && (typeof value !== 'object' || value === null);
}

function isEmpty(value: Json | undefined): boolean | undefined {
  if (value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) ? Object.keys(value).length === 0 : isText(value) ? false : undefined;
}

/** The step that a template takes into a value: `.name`, `['name']`, `[0]`. */
export function memberOf(outcome: Outcome, key: Json): Outcome {
  const { value } = outcome;
  if (!outcome.isKnown && isText(value)) return unknownOf([outcome]);
  const member =
    Array.isArray(value) && typeof key === 'number' ? (value[key] as Json | undefined) : undefined;
  const found = member ?? (isText(key) ? getIgnoringCase(value, key) : undefined);
  return found === undefined
    ? unknownOf([outcome])
    : madeOf([outcome], found, outcome.isKnown || !holdsHole(found));
}

/** Whether something in a value is not known. */
export function holdsHole(value: Json): boolean {
  if (isText(value)) return value.includes(HOLE);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((member) => member !== undefined && holdsHole(member));
}
