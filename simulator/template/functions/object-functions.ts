import type { Scope } from '../scope.js';
import { stepInto } from '../step-into.js';
import { Unresolved } from '../unresolved.js';
import { isSame, type Value } from '../value.js';
import { asArray, asObject, asText, takes, type FunctionTable } from './template-function.js';

function createObject(args: readonly Value[]): Value {
  if (args.length % 2 !== 0) throw new Unresolved('createObject() takes names and values in pairs');
  const object = new Map<string, Value>();
  for (let index = 0; index < args.length; index += 2) {
    object.set(asText(args[index]), args[index + 1] ?? null);
  }
  return object;
}

function tryGet([container, ...steps]: readonly Value[]): Value {
  let value: Value = container ?? null;
  for (const step of steps) {
    const inner = stepInto(value, step);
    if (inner === undefined) return null;
    value = inner;
  }
  return value;
}

/** Members of the same name are put together too, as far as both are objects. */
function merge(left: Map<string, Value>, right: Map<string, Value>): Map<string, Value> {
  const merged = new Map(left);
  for (const [key, value] of right) {
    const before = merged.get(key);
    merged.set(key, before instanceof Map && value instanceof Map ? merge(before, value) : value);
  }
  return merged;
}

function distinct(items: readonly Value[], { load }: Scope): Value[] {
  const kept: Value[] = [];
  for (const item of items) {
    load.budget.spend(kept.length);
    if (!kept.some((other) => isSame(other, item))) kept.push(item);
  }
  return kept;
}

function intersection(args: readonly Value[], { load }: Scope): Value {
  const [first, ...others] = args;
  if (first instanceof Map) {
    const shared = [...first].filter(([key, value]) =>
      others.map(asObject).every((other) => other.has(key) && isSame(other.get(key) ?? null, value)),
    );
    return new Map(shared);
  }
  return others.reduce((kept: Value[], other) => {
    const wanted = asArray(other);
    return kept.filter((item) => {
      load.budget.spend(wanted.length);
      return wanted.some((each) => isSame(each, item));
    });
  }, asArray(first));
}

export const objectFunctions: FunctionTable = {
  createObject: takes(0, Infinity, createObject),
  intersection: takes(2, Infinity, intersection),
  items: takes(1, 1, ([object]) => items(asObject(object))),
  objectKeys: takes(1, 1, ([object]) => [...asObject(object).keys()].toSorted()),
  tryGet: takes(2, Infinity, tryGet),
  union: takes(1, Infinity, (args, scope) =>
    args[0] instanceof Map ? args.map(asObject).reduce(merge) : distinct(args.flatMap(asArray), scope),
  ),
};

function items(object: Map<string, Value>): Value {
  const sorted = [...object].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return sorted.map(
    ([key, value]) =>
      new Map<string, Value>([
        ['key', key],
        ['value', value],
      ]),
  );
}
