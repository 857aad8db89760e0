import { Unresolved } from '../unresolved.js';
import { isSame, property, typeOf, type Value } from '../value.js';
import { asArray, asInteger, asText, display, takes, type FunctionTable } from './template-function.js';

const anyNumber = Infinity;
/** https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-array#range */
const maxRange = 10_000;

function sized(value: Value | undefined): string | Value[] | Map<string, Value> {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Map) return value;
  throw new Unresolved(`${typeOf(value ?? null)} has no length`);
}

function listed(value: Value | undefined): string | Value[] {
  const list = sized(value);
  if (list instanceof Map) throw new Unresolved('an object has no order');
  return list;
}

function length(value: Value | undefined): number {
  const list = sized(value);
  return list instanceof Map ? list.size : list.length;
}

function contains(container: Value | undefined, wanted: Value | undefined): boolean {
  const list = sized(container);
  if (typeof list === 'string') return list.includes(display(wanted));
  if (list instanceof Map) return property(list, display(wanted)) !== undefined;
  return list.some((item) => isSame(item, wanted ?? null));
}

function indexOf(args: readonly Value[], last: boolean): number {
  const list = listed(args[0]);
  if (Array.isArray(list)) {
    const isWanted = (item: Value) => isSame(item, args[1] ?? null);
    return last ? list.findLastIndex(isWanted) : list.findIndex(isWanted);
  }
  const [text, wanted] = [list.toLowerCase(), asText(args[1]).toLowerCase()];
  return last ? text.lastIndexOf(wanted) : text.indexOf(wanted);
}

function range(start: number, count: number): number[] {
  if (count < 0 || count > maxRange) throw new Unresolved(`range() gives at most ${maxRange} numbers`);
  return Array.from({ length: count }, (_, index) => start + index);
}

function firstOf(part: string | Value[]): Value {
  return typeof part === 'string' ? part : (part[0] ?? null);
}

export const listFunctions: FunctionTable = {
  array: takes(1, 1, ([value]) => (Array.isArray(value) ? value : [value ?? null])),
  contains: takes(2, 2, ([container, wanted]) => contains(container, wanted)),
  createArray: takes(0, anyNumber, (args) => [...args]),
  empty: takes(1, 1, ([value]) => value === null || length(value) === 0),
  first: takes(1, 1, ([value]) => firstOf(listed(value).slice(0, 1))),
  flatten: takes(1, 1, ([items]) => asArray(items).flatMap(asArray)),
  indexOf: takes(2, 2, (args) => indexOf(args, false)),
  last: takes(1, 1, ([value]) => firstOf(listed(value).slice(-1))),
  lastIndexOf: takes(2, 2, (args) => indexOf(args, true)),
  length: takes(1, 1, ([value]) => length(value)),
  range: takes(2, 2, ([start, count]) => range(asInteger(start), asInteger(count))),
  skip: takes(2, 2, ([value, count]) => listed(value).slice(Math.max(asInteger(count), 0))),
  take: takes(2, 2, ([value, count]) => listed(value).slice(0, Math.max(asInteger(count), 0))),
};
