import { Unresolved } from '../unresolved.js';
import type { Value } from '../value.js';
import { asInteger, takes, type FunctionTable, type TemplateFunction } from './template-function.js';

function onTwo(run: (left: number, right: number) => number): TemplateFunction {
  return takes(2, 2, ([left, right]) => exact(run(asInteger(left), asInteger(right))));
}

/** ARM counts in 64 bits, JavaScript in 53: what does not fit is not rounded. */
function exact(number: number): number {
  if (!Number.isSafeInteger(number)) throw new Unresolved('the number gets too large, or is divided by 0');
  return number + 0;
}

function toInteger(value: Value | undefined): number {
  if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return exact(Number(value));
  return asInteger(value);
}

function numbers(args: readonly Value[]): [number, ...number[]] {
  const [first, ...rest] = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
  return [asInteger(first), ...rest.map(asInteger)];
}

export const numberFunctions: FunctionTable = {
  add: onTwo((left, right) => left + right),
  div: onTwo((left, right) => Math.trunc(left / right)),
  int: takes(1, 1, ([value]) => toInteger(value)),
  max: takes(1, Infinity, (args) => numbers(args).reduce((left, right) => Math.max(left, right))),
  min: takes(1, Infinity, (args) => numbers(args).reduce((left, right) => Math.min(left, right))),
  mod: onTwo((left, right) => left % right),
  mul: onTwo((left, right) => left * right),
  sub: onTwo((left, right) => left - right),
};
