import { CONSTANT_FUNCTIONS } from '../constant-functions.js';
import { constantsOf, type Constants } from '../constant.js';
import type { Call, Expression } from '../expression.js';
import { hasHole, textOf, type Folded } from '../folded.js';
import { nameOfValue } from './value-name.js';

/** What a text of a definition has in it that is known before the workflow runs, and is no name of anything. */
export interface LiteralParts {
  /** Everything that is written out, put together where it is; what is not known is a hole. */
  readonly texts: readonly string[];
  /** What the value as a whole can be. */
  readonly values: readonly string[];
  /** Values within the expression that it gives a name to. */
  readonly named: readonly { readonly name: string; readonly text: string }[];
}

/** Functions whose result is made of their arguments, and which of them. All others give something else. */
const MADE_OF: ReadonlyMap<string, (args: readonly Expression[]) => readonly Expression[]> = new Map([
  ...[
    ...['concat', 'coalesce', 'base64', 'base64tobinary', 'binary', 'string', 'json', 'uricomponent', 'trim'],
    ...['encodeuricomponent', 'tolower', 'toupper', 'base64tostring', 'decodebase64', 'createarray', 'array'],
    ...['first', 'last', 'decodeuricomponent', 'uricomponenttostring', 'datauri', 'format'],
  ].map((name) => [name, (args: readonly Expression[]) => args] as const),
  ['if', (args) => args.slice(1)],
  ['replace', (args) => [...args.slice(0, 1), ...args.slice(2)]],
]);

const PUTS_TOGETHER: ReadonlySet<string> = new Set(['concat', 'string', 'trim']);
const COMPARES: ReadonlySet<string> = new Set(['equals', 'contains', 'startswith', 'endswith']);
const SETS: ReadonlySet<string> = new Set(['setproperty', 'addproperty']);
const ENCODES: ReadonlySet<string> = new Set(['base64', 'base64tobinary']);

interface Parts {
  readonly texts: Set<string>;
  readonly values: Set<string>;
  readonly named: { name: string; text: string }[];
}

/** They follow from the text alone: a variable's value is looked at where it is given. */
export function literalPartsOf(expression: Expression): LiteralParts {
  if (expression.kind === 'literal') {
    const plain = String(expression.value);
    return { texts: [plain], values: [plain], named: [] };
  }
  const parts: Parts = { texts: new Set(), values: new Set(), named: [] };
  collect(expression, 'value', parts, constantsOf({}, []));
  return { texts: [...parts.texts], values: [...parts.values], named: parts.named };
}

/** `value`: the result may be this. `folded`: it is in what has been put together. `other`: neither. */
type Role = 'value' | 'folded' | 'other';

function collect(expression: Expression, role: Role, parts: Parts, constants: Constants): void {
  switch (expression.kind) {
    case 'literal':
      if (typeof expression.value === 'string') add(expression.value, role, parts);
      return;
    case 'unparseable':
      add(expression.text, role, parts);
      return;
    case 'interpolation': {
      const next = addFolded(constants.foldExpression(expression), role, parts);
      for (const part of expression.parts) collect(part, next, parts, constants);
      return;
    }
    case 'call':
      collectCall(expression, role, parts, constants);
      return;
    case 'number':
  }
}

function collectCall(call: Call, role: Role, parts: Parts, constants: Constants): void {
  const isComputed = CONSTANT_FUNCTIONS.has(call.name);
  const next = isComputed && role === 'value' ? addFolded(constants.foldExpression(call), role, parts) : role;
  const madeOf = call.path.length === 0 ? (MADE_OF.get(call.name)?.(call.args) ?? []) : [];
  for (const arg of call.args) collect(arg, roleOf(arg, call, madeOf, next), parts, constants);
  for (const { key } of call.path) collect(key, 'other', parts, constants);
  collectNamed(call, parts, constants);
  if (role !== 'other' && ENCODES.has(call.name)) addPassword(call, parts, constants);
}

function roleOf(arg: Expression, call: Call, madeOf: readonly Expression[], role: Role): Role {
  if (role === 'other' || !madeOf.includes(arg)) return 'other';
  // What another function makes of it may stand as a hole in what was put together.
  return role === 'folded' && PUTS_TOGETHER.has(call.name) ? 'folded' : 'value';
}

/** Also what was put together: a text that is too long for that is a hole there. */
function add(text: string, role: Role, parts: Parts): void {
  parts.texts.add(text);
  if (role === 'value') parts.values.add(text);
}

/** The role of the parts of what was folded. */
function addFolded(folded: Folded, role: Role, parts: Parts): Role {
  if (folded.kind === 'unknown') return role;
  const text = textOf(folded);
  if (text !== '') add(text, role, parts);
  return role === 'value' ? 'folded' : role;
}

/** `equals(triggerOutputs()['headers']['x-api-key'], '…')` and `setProperty(body, 'password', '…')` */
function collectNamed(call: Call, parts: Parts, constants: Constants): void {
  const [first, second, third] = call.args;
  if (first === undefined || second === undefined) return;
  if (COMPARES.has(call.name)) {
    addNamed(nameOfValue(first), second, parts, constants);
    addNamed(nameOfValue(second), first, parts, constants);
  } else if (SETS.has(call.name) && third !== undefined && second.kind === 'literal') {
    addNamed(String(second.value), third, parts, constants);
  }
}

function addNamed(name: string | null, value: Expression, parts: Parts, constants: Constants): void {
  if (name === null || (value.kind !== 'literal' && value.kind !== 'call' && value.kind !== 'interpolation'))
    return;
  const folded = constants.foldExpression(value);
  if (folded.kind !== 'unknown') parts.named.push({ name, text: textOf(folded) });
}

/** Of `base64('user:password')`, as it is made for an Authorization header; the user may be known at run time. */
function addPassword({ args: [arg] }: Call, parts: Parts, constants: Constants): void {
  const text = arg === undefined ? '' : textOf(constants.foldExpression(arg));
  const password = text.slice(text.indexOf(':') + 1);
  if (text.includes(':') && !hasHole(password) && !/[\s{}"]/.test(text)) parts.values.add(password);
}
