import { callFunction, lazyFunctions } from '../functions/index.js';
import { inspectValue, settled } from '../inspect-value.js';
import type { Scope } from '../scope.js';
import { stepInto } from '../step-into.js';
import { callUserFunction } from '../user-function.js';
import { Unresolved } from '../unresolved.js';
import { typeOf, type Value } from '../value.js';
import type { Expression } from './expression.js';

/**
 * The value of an expression, or Unresolved is thrown. The value may hold an Unresolved inside: whether
 * that matters is for whoever takes it apart to see.
 */
export function evaluateExpression(expression: Expression, scope: Scope): Value {
  return scope.load.budget.nested(() => {
    if (expression.kind === 'literal') return expression.value;
    const value = expression.kind === 'call' ? call(expression, scope) : member(expression, scope);
    if (value instanceof Unresolved) throw value;
    return value;
  });
}

function call({ name, args }: Expression & { kind: 'call' }, scope: Scope): Value {
  const { budget } = scope.load;
  budget.spend(1);
  const lazy = lazyFunctions.get(name.toLowerCase());
  if (lazy !== undefined) return lazy(args.map((arg) => () => evaluateExpression(arg, scope)));
  const values = args.map((arg) => settled(evaluateExpression(arg, scope)));
  for (const value of values) budget.spend(inspectValue(value).size);
  const result = name.includes('.')
    ? callUserFunction(name, values, scope)
    : callFunction(name, values, scope);
  budget.spend(inspectValue(result).size);
  return result;
}

function member({ of, key, optional }: Expression & { kind: 'member' }, scope: Scope): Value {
  const container = evaluateExpression(of, scope);
  const step = settled(evaluateExpression(key, scope));
  if (container instanceof Map) scope.load.budget.spend(container.size);
  const found = stepInto(container, step);
  if (found !== undefined) return found;
  if (optional) return null;
  if (typeof step !== 'string' && typeof step !== 'number') throw new Unresolved(`${typeOf(step)} is no key`);
  throw new Unresolved(`${typeOf(container)} has no '${step}' here`);
}
