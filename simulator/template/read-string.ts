import type { Node } from 'jsonc-parser';
import { evaluateExpression } from './expression/evaluate-expression.js';
import { parseExpression } from './expression/parse-expression.js';
import { settled } from './inspect-value.js';
import type { Scope } from './scope.js';
import { Unresolved } from './unresolved.js';
import { typeOf, type Value } from './value.js';

export type ReadString =
  | { readonly kind: 'literal'; readonly value: string }
  /** `[[…]` stands for `[…]`. */
  | { readonly kind: 'unescaped'; readonly value: string }
  | { readonly kind: 'evaluated'; readonly value: Value };

/** A string of a template: ARM takes it for an expression if it starts with `[` and ends with `]`. Throws Unresolved. */
export function readString(node: Node, pointer: string, scope: Scope): ReadString {
  const value = String(node.value);
  if (!value.startsWith('[') || !value.endsWith(']')) return { kind: 'literal', value };
  const frozen = scope.frozen.get(pointer);
  if (frozen !== undefined) throw new Unresolved(frozen);
  if (value.startsWith('[[')) return { kind: 'unescaped', value: value.slice(1) };
  scope.load.budget.spend(value.length);
  const parsed = parseExpression(value.slice(1, -1));
  if (parsed.kind === 'problem') throw new Unresolved(`it is not a template expression: ${parsed.problem}`);
  const { expression } = parsed;
  // Whether ARM takes "[1]" for 1 or refuses it is not documented; that it keeps the brackets is ruled out.
  if (expression.kind === 'literal' && typeof expression.value === 'number') {
    throw new Unresolved('it is a number in brackets and no template expression');
  }
  return { kind: 'evaluated', value: settled(evaluateExpression(expression, scope)) };
}

/** The same for the name of a property, which ARM evaluates too: user-assigned identities are written so. */
export function readKey(node: Node, pointer: string, scope: Scope): ReadString {
  const read = readString(node, pointer, scope);
  if (typeof read.value === 'string') return read;
  throw new Unresolved(`${typeOf(read.value)} is no name of a property`);
}
