import type { Expression, Step } from './expression.js';

/** A place in a text; reading moves it on. */
export interface Cursor {
  readonly text: string;
  at: number;
}

/** Far deeper than people or the designer write, and shallow enough for everything that walks the tree. */
const MAX_DEPTH = 200;

const SPACE = /[\s\u0085]*/y;
const IDENTIFIER = /[^.,(){}@[\]?'\s\u0085]+/y;
const NUMBER = /[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?/iy;
const KEYWORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** The expression at the cursor; null where there is none, or where it is nested too deep. */
export function readExpression(cursor: Cursor, depth = 0): Expression | null {
  skipSpace(cursor);
  const first = cursor.text[cursor.at];
  if (first === undefined || depth > MAX_DEPTH) return null;
  if (first === "'") return readString(cursor);
  if (/[+\-\d]/.test(first)) return readNumber(cursor);
  return readNamed(cursor, depth);
}

export function skipSpace(cursor: Cursor): void {
  const code = cursor.text.charCodeAt(cursor.at);
  // Most expressions have no space in them; among the visible characters of ASCII there is none.
  if (code > 0x20 && code < 0x7f) return;
  take(cursor, SPACE);
}

/** A quote within a string is written twice. */
function readString(cursor: Cursor): Expression | null {
  const { text } = cursor;
  let end = text.indexOf("'", cursor.at + 1);
  while (end >= 0 && text[end + 1] === "'") end = text.indexOf("'", end + 2);
  if (end < 0) return null;
  const value = text.slice(cursor.at + 1, end).replaceAll("''", "'");
  cursor.at = end + 1;
  return { kind: 'literal', value };
}

function readNumber(cursor: Cursor): Expression | null {
  const text = take(cursor, NUMBER);
  return text === '' || take(cursor, IDENTIFIER) !== '' ? null : { kind: 'number', text };
}

function readNamed(cursor: Cursor, depth: number): Expression | null {
  const name = take(cursor, IDENTIFIER).toLowerCase();
  if (name === '') return null;
  if (!takeMark(cursor, '(')) {
    const value = KEYWORDS.get(name);
    return value === undefined ? null : { kind: 'literal', value };
  }
  const args = readArguments(cursor, depth);
  const path = args === null ? null : readPath(cursor, depth);
  return args === null || path === null ? null : { kind: 'call', name, args, path };
}

function readArguments(cursor: Cursor, depth: number): readonly Expression[] | null {
  const args: Expression[] = [];
  if (takeMark(cursor, ')')) return args;
  do {
    const arg = readExpression(cursor, depth + 1);
    if (arg === null) return null;
    args.push(arg);
  } while (takeMark(cursor, ','));
  return takeMark(cursor, ')') ? args : null;
}

function readPath(cursor: Cursor, depth: number): readonly Step[] | null {
  const path: Step[] = [];
  for (;;) {
    const safe = takeMark(cursor, '?');
    const key = readKey(cursor, depth);
    if (key === 'none') return safe ? null : path;
    if (key === null) return null;
    path.push({ safe, key });
  }
}

function readKey(cursor: Cursor, depth: number): Expression | 'none' | null {
  if (takeMark(cursor, '.')) {
    skipSpace(cursor);
    const value = take(cursor, IDENTIFIER);
    return value === '' ? null : { kind: 'literal', value };
  }
  if (!takeMark(cursor, '[')) return 'none';
  const key = readExpression(cursor, depth + 1);
  return takeMark(cursor, ']') ? key : null;
}

function takeMark(cursor: Cursor, mark: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== mark) return false;
  cursor.at += 1;
  return true;
}

function take(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  if (!pattern.test(cursor.text)) return '';
  const found = cursor.text.slice(cursor.at, pattern.lastIndex);
  cursor.at = pattern.lastIndex;
  return found;
}
