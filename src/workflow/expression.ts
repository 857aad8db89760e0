import { readExpression, skipSpace } from './read-expression.js';

/**
 * What a string of a workflow definition says, in the workflow definition language.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language#expressions
 */
export type Expression = Literal | NumberLiteral | Call | Interpolation | Unparseable;

export interface Literal {
  readonly kind: 'literal';
  readonly value: string | boolean | null;
}

/** A number as it is written: what it becomes in a text (`1.0`, `12345678901234567890`) is lost in a double. */
export interface NumberLiteral {
  readonly kind: 'number';
  readonly text: string;
}

/** `name(args)` and what is taken out of its result. Only a call can be followed by a path. */
export interface Call {
  readonly kind: 'call';
  /** In lower case: the language does not tell functions apart by case. */
  readonly name: string;
  readonly args: readonly Expression[];
  readonly path: readonly Step[];
}

/** `.x` and `['x']` are the same step; `safe` is the question mark before it. */
export interface Step {
  readonly safe: boolean;
  readonly key: Expression;
}

/** A text with `@{…}` in it. Its value is always a text, also where it is one expression alone. */
export interface Interpolation {
  readonly kind: 'interpolation';
  readonly parts: readonly Expression[];
}

/** What is not in the language, or is nested deeper than we read. It may mean anything. */
export interface Unparseable {
  readonly kind: 'unparseable';
  readonly text: string;
}

/**
 * Reads a string as the service does (its rules for `@@` and `@{` are those of the designer's own parser,
 * Azure/LogicAppsUX, libs/logic-apps-shared/src/parsers): never throws, in time linear in its length.
 */
export function parseTemplate(text: string): Expression {
  if (text.length < 2 || !text.includes('@')) return { kind: 'literal', value: text };
  if (text.startsWith('@@')) return { kind: 'literal', value: text.slice(1) };
  if (!text.startsWith('@') || text[1] === '{') return parseInterpolation(text);
  const cursor = { text, at: 1 };
  const expression = readExpression(cursor);
  skipSpace(cursor);
  return expression !== null && cursor.at === text.length ? expression : { kind: 'unparseable', text };
}

function parseInterpolation(text: string): Expression {
  const parts: Expression[] = [];
  let literal = '';
  let at = 0;
  for (let start = text.indexOf('@{'); start >= 0; start = text.indexOf('@{', at)) {
    literal += text.slice(at, start);
    if (start > 0 && text[start - 1] === '@') {
      at = start + 1;
      continue;
    }
    if (literal !== '') parts.push({ kind: 'literal', value: literal });
    literal = '';
    const part = readPart(text, start);
    parts.push(part.expression);
    at = part.end;
  }
  literal += text.slice(at);
  if (parts.length === 0) return { kind: 'literal', value: literal };
  if (literal !== '') parts.push({ kind: 'literal', value: literal });
  return { kind: 'interpolation', parts };
}

function readPart(text: string, start: number): { readonly expression: Expression; readonly end: number } {
  const cursor = { text, at: start + 2 };
  const expression = readExpression(cursor);
  skipSpace(cursor);
  if (expression !== null && text[cursor.at] === '}') return { expression, end: cursor.at + 1 };
  const end = endOfPart(text, start + 2);
  return { expression: { kind: 'unparseable', text: text.slice(start, end) }, end };
}

/** Just behind the `}` that closes a part which does not parse; a brace within quotes does not close it. */
function endOfPart(text: string, from: number): number {
  let isQuoted = false;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "'") isQuoted = !isQuoted;
    else if (text[at] === '}' && !isQuoted) return at + 1;
  }
  return text.length;
}
