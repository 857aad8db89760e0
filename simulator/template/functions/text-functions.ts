import { maxText } from '../budget.js';
import type { Scope } from '../scope.js';
import { Unresolved } from '../unresolved.js';
import type { Value } from '../value.js';
import { asArray, asInteger, asText, display, takes, type FunctionTable } from './template-function.js';

const anyNumber = Infinity;

function notTooLong(length: number): void {
  if (length > maxText) throw new Unresolved('the string gets longer than a template may be');
}

function joinTexts(parts: readonly string[], between: string): string {
  notTooLong(parts.reduce((sum, part) => sum + part.length + between.length, 0));
  return parts.join(between);
}

function concat(args: readonly Value[]): Value {
  if (args.every((arg) => Array.isArray(arg))) return args.flat(1);
  return joinTexts(
    args.map((arg) => (arg !== null && typeof arg === 'object' ? asText(arg) : display(arg))),
    '',
  );
}

function replaceText(args: readonly Value[]): string {
  const [text, old, fresh] = args.map(asText) as [string, string, string];
  if (old === '') throw new Unresolved('replace() cannot look for an empty string');
  return joinTexts(text.split(old), fresh);
}

function split(text: string, delimiters: Value | undefined, { load }: Scope): string[] {
  const all = typeof delimiters === 'string' ? [delimiters] : asArray(delimiters).map(asText);
  const signs = all.filter((delimiter) => delimiter !== '');
  load.budget.spend(signs.length * text.length);
  return signs.reduce((parts, sign) => parts.flatMap((part) => part.split(sign)), [text]);
}

function substring(text: string, start: number, length: number): string {
  if (start < 0 || length < 0 || start + length > text.length) {
    throw new Unresolved(`substring() reaches outside a string of ${text.length} characters`);
  }
  return text.slice(start, start + length);
}

function padLeft(text: string, width: number, sign: string): string {
  notTooLong(width);
  if (sign.length !== 1) throw new Unresolved('padLeft() pads with one character');
  return text.padStart(width, sign);
}

/** .NET's composite formatting without its number formats, which nobody uses on names. */
function format(args: readonly Value[]): string {
  const pieces = asText(args[0]).split(/(\{\{|\}\}|\{[^{}]*\}|[{}])/);
  const shown = args.slice(1).map(display);
  const texts = pieces.map((piece) => {
    if (piece === '{{' || piece === '}}') return piece.charAt(0);
    if (!/^[{}]/.test(piece)) return piece;
    const index = /^\{(\d+)\}$/.exec(piece)?.[1];
    if (index === undefined) throw new Unresolved(`format() with '${piece}' is not known here`);
    const argument = shown[Number(index)];
    if (argument === undefined) throw new Unresolved(`format() has no argument for ${piece}`);
    return argument;
  });
  return joinTexts(texts, '');
}

export const textFunctions: FunctionTable = {
  concat: takes(1, anyNumber, concat),
  endsWith: takes(2, 2, ([text, end]) => asText(text).toLowerCase().endsWith(asText(end).toLowerCase())),
  format: takes(1, anyNumber, format),
  join: takes(2, 2, ([items, between]) => joinTexts(asArray(items).map(display), asText(between))),
  padLeft: takes(2, 3, ([text, width, sign]) =>
    padLeft(display(text), asInteger(width), asText(sign ?? ' ')),
  ),
  replace: takes(3, 3, replaceText),
  split: takes(2, 2, ([text, delimiters], scope) => split(asText(text), delimiters, scope)),
  startsWith: takes(2, 2, ([text, start]) =>
    asText(text).toLowerCase().startsWith(asText(start).toLowerCase()),
  ),
  string: takes(1, 1, ([value]) => display(value)),
  substring: takes(2, 3, ([value, start, length]) => {
    const text = asText(value);
    const from = asInteger(start);
    return substring(text, from, length === undefined ? text.length - from : asInteger(length));
  }),
  toLower: takes(1, 1, ([text]) => asText(text).toLowerCase()),
  toUpper: takes(1, 1, ([text]) => asText(text).toUpperCase()),
  trim: takes(1, 1, ([text]) => asText(text).trim()),
};
