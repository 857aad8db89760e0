import type { Expression, ParsedExpression } from './expression.js';

/** https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions */
const maxLength = 24_576;
const maxDepth = 200;

class Problem extends Error {}

/** Reads the inside of an expression, without its outer brackets. Never throws. */
export function parseExpression(text: string): ParsedExpression {
  if (text.length > maxLength)
    return { kind: 'problem', problem: `it is longer than ${maxLength} characters` };
  try {
    return { kind: 'expression', expression: parseWhole(text) };
  } catch (problem) {
    if (problem instanceof Problem) return { kind: 'problem', problem: problem.message };
    throw problem;
  }
}

function parseWhole(text: string): Expression {
  let at = 0;
  let depth = 0;

  const rest = () => text.slice(at, at + 12);
  function expected(what: string): never {
    const found = at < text.length ? `not '${rest()}'` : 'not the end';
    throw new Problem(`${what} is expected at character ${at + 1}, ${found}`);
  }
  function match(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  }
  const skipSpace = () => match(/\s+/y);
  /** Takes the next sign, if it is this one. */
  function take(sign: string): boolean {
    skipSpace();
    if (!text.startsWith(sign, at)) return false;
    at += sign.length;
    return true;
  }

  function parseValue(): Expression {
    depth += 1;
    if (depth > maxDepth) throw new Problem(`it nests more than ${maxDepth} deep`);
    skipSpace();
    const value = parsePostfix(parsePrimary());
    depth -= 1;
    return value;
  }

  function parsePrimary(): Expression {
    if (text[at] === "'") return { kind: 'literal', value: parseString() };
    const digits = match(/-?\d+/y);
    if (digits !== undefined) {
      if (!Number.isSafeInteger(Number(digits))) throw new Problem(`the number ${digits} is too large`);
      return { kind: 'literal', value: Number(digits) };
    }
    const name = match(/[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?/y);
    if (name === undefined) return expected('a function, a string or a whole number');
    if (!take('(')) return expected("'('");
    return { kind: 'call', name, args: parseArguments() };
  }

  function parseString(): string {
    const quoted = match(/'(?:[^']|'')*'/y);
    return quoted === undefined ? expected("a closing '") : quoted.slice(1, -1).replaceAll("''", "'");
  }

  function parseArguments(): Expression[] {
    const args: Expression[] = [];
    if (take(')')) return args;
    do args.push(parseValue());
    while (take(','));
    if (!take(')')) expected("',' or ')'");
    return args;
  }

  function parsePostfix(of: Expression): Expression {
    for (;;) {
      if (take('.')) {
        const optional = take('?');
        skipSpace();
        const name = match(/[A-Za-z_]\w*/y);
        if (name === undefined) return expected('a property name');
        of = { kind: 'member', of, key: { kind: 'literal', value: name }, optional };
      } else if (take('[')) {
        const optional = take('?');
        const key = parseValue();
        if (!take(']')) return expected("']'");
        of = { kind: 'member', of, key, optional };
      } else return of;
    }
  }

  const whole = parseValue();
  skipSpace();
  return at < text.length ? expected('the end') : whole;
}
