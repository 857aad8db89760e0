import type { Json } from '../types/json.js';
import { constant, ENCODED_HOLE, fromText, joined, textOf, UNKNOWN, type Folded } from './folded.js';

type Fold = (args: readonly Folded[]) => Folded;

/** More pieces than this are no address that somebody put together. */
const MAX_PIECES = 256;

/**
 * The functions whose results are computed, by name in lower case; any other gives unknown. What they do:
 * https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference
 */
export const CONSTANT_FUNCTIONS: ReadonlyMap<string, Fold> = new Map<string, Fold>([
  ['concat', joined],
  ['string', ([value = UNKNOWN]) => joined([value])],
  ['trim', onText((text) => text.trim())],
  ['tolower', onText((text) => text.toLowerCase())],
  ['toupper', onText((text) => text.toUpperCase())],
  ['replace', replace],
  ['format', format],
  ['substring', substring],
  ['split', split],
  ['createarray', (args) => (args.every(isConstant) ? constant(args.map(({ value }) => value)) : UNKNOWN)],
  ['first', ([list]) => elementOf(list, 0)],
  ['last', ([list]) => elementOf(list, -1)],
  ['coalesce', (args) => args.find((arg) => arg.kind !== 'constant' || arg.value !== null) ?? constant(null)],
  ['if', choose],
  ['equals', equals],
  ['not', ([value]) => (typeof valueOf(value) === 'boolean' ? constant(valueOf(value) === false) : UNKNOWN)],
  ['uricomponent', encode],
  ['encodeuricomponent', encode],
  ['uricomponenttostring', onConstantText(decodeURIComponent)],
  ['decodeuricomponent', onConstantText(decodeURIComponent)],
  ['base64tostring', onConstantText(decodeBase64)],
  ['decodebase64', onConstantText(decodeBase64)],
]);

type Constant = Extract<Folded, { kind: 'constant' }>;

function isConstant(folded: Folded): folded is Constant {
  return folded.kind === 'constant';
}

function valueOf(folded: Folded | undefined): Json | undefined {
  return folded?.kind === 'constant' ? folded.value : undefined;
}

/** For functions that do with each character what they do with all, so that a hole stays a hole. */
function onText(change: (text: string) => string): Fold {
  return ([value = UNKNOWN]) =>
    value.kind === 'pattern' || typeof valueOf(value) === 'string'
      ? fromText(change(textOf(value)))
      : UNKNOWN;
}

function onConstantText(change: (text: string) => string): Fold {
  return ([argument]) => {
    const text = valueOf(argument);
    if (typeof text !== 'string') return UNKNOWN;
    try {
      return fromText(change(text));
    } catch {
      return UNKNOWN; // not encoded as the function expects: the run would fail here
    }
  };
}

function encode(args: readonly Folded[]): Folded {
  const encoded = onConstantText(encodeURIComponent)(args);
  return encoded.kind === 'constant' ? encoded : fromText(ENCODED_HOLE);
}

/** A host name is ASCII; what else a text may say is of no use here. */
function decodeBase64(base64: string): string {
  return atob(base64).replaceAll(/[^ -~]/g, '\uFFFD');
}

function replace([value = UNKNOWN, from, to]: readonly Folded[]): Folded {
  const [old, by] = [valueOf(from), valueOf(to)];
  if (typeof old !== 'string' || typeof by !== 'string' || old === '') return UNKNOWN;
  // A longer text may begin within a hole and end outside it.
  if (value.kind === 'pattern' ? old.length > 1 : typeof valueOf(value) !== 'string') return UNKNOWN;
  return joined(
    textOf(value)
      .split(old)
      .flatMap((piece, i) => (i === 0 ? [fromText(piece)] : [constant(by), fromText(piece)])),
  );
}

function format([template, ...values]: readonly Folded[]): Folded {
  const text = valueOf(template);
  if (typeof text !== 'string') return UNKNOWN;
  const pieces = text.split(/\{(\d+)\}/);
  if (pieces.some((piece) => /[{}]/.test(piece))) return UNKNOWN;
  return joined(
    pieces.map((piece, i) => (i % 2 === 0 ? fromText(piece) : (values[Number(piece)] ?? UNKNOWN))),
  );
}

function substring([value, from, count]: readonly Folded[]): Folded {
  const [text, start] = [valueOf(value), valueOf(from)];
  const length = count === undefined ? Infinity : valueOf(count);
  if (typeof text !== 'string' || typeof start !== 'number' || typeof length !== 'number') return UNKNOWN;
  return fromText(text.slice(Math.max(0, start), Math.max(0, start + length)));
}

function split([value, by]: readonly Folded[]): Folded {
  const [text, separator] = [valueOf(value), valueOf(by)];
  if (typeof text !== 'string' || typeof separator !== 'string' || separator === '') return UNKNOWN;
  const pieces = text.split(separator, MAX_PIECES + 1);
  return pieces.length > MAX_PIECES ? UNKNOWN : constant(pieces);
}

function elementOf(list: Folded | undefined, at: number): Folded {
  const value = valueOf(list);
  if (typeof value !== 'string' && !Array.isArray(value)) return UNKNOWN;
  const element = (value as string | readonly Json[]).at(at);
  return element === undefined ? UNKNOWN : constant(element);
}

/** Where the condition is not known, both ways may lead to the same. */
function choose([condition, yes = UNKNOWN, no = UNKNOWN]: readonly Folded[]): Folded {
  const value = valueOf(condition);
  if (typeof value === 'boolean') return value ? yes : no;
  return valueOf(equals([yes, no])) === true ? yes : UNKNOWN;
}

function equals([a, b]: readonly Folded[]): Folded {
  const [left, right] = [valueOf(a), valueOf(b)];
  if (left === undefined || right === undefined || typeof left === 'object' || typeof right === 'object')
    return UNKNOWN;
  return constant(left === right);
}
