import type { Expression } from '../expression.js';

/** What the value that an expression takes out of something is called there. */
export function nameOfValue(expression: Expression): string | null {
  if (expression.kind === 'interpolation' && expression.parts.length === 1)
    return nameOfValue(expression.parts[0] as Expression);
  if (expression.kind !== 'call') return null;
  const key = expression.path.at(-1)?.key ?? expression.args[0];
  if (key?.kind === 'literal' && typeof key.value === 'string') return key.value;
  return expression.args.length === 1 && key?.kind === 'call' ? nameOfValue(key) : null;
}
