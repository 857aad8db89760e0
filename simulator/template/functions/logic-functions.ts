import { Unresolved } from '../unresolved.js';
import { isSame, type Value } from '../value.js';
import { asBoolean, asInteger, asText, display, takes, type FunctionTable } from './template-function.js';

/** Evaluates its arguments itself, so that the branch not taken may be one that nobody can evaluate. */
export type LazyFunction = (args: readonly (() => Value)[]) => Value;

export const logicFunctionsThatWait: Readonly<Record<string, LazyFunction>> = {
  and: (args) => several('and', args).every((arg) => asBoolean(arg())),
  coalesce(args) {
    for (const arg of several('coalesce', args)) {
      const value = arg();
      if (value !== null) return value;
    }
    return null;
  },
  if(args) {
    const [condition, whenTrue, whenFalse, ...rest] = args;
    if (condition === undefined || whenTrue === undefined || whenFalse === undefined || rest.length > 0) {
      throw new Unresolved(`if() takes 3 arguments, not ${args.length}`);
    }
    return asBoolean(condition()) ? whenTrue() : whenFalse();
  },
  or: (args) => several('or', args).some((arg) => asBoolean(arg())),
};

function several(name: string, args: readonly (() => Value)[]): readonly (() => Value)[] {
  if (args.length === 0) throw new Unresolved(`${name}() takes at least 1 argument`);
  return args;
}

function toBoolean(value: Value | undefined): boolean {
  if (typeof value === 'number') return value !== 0;
  const text = display(value).toLowerCase();
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new Unresolved('the value is neither true nor false');
}

/** Numbers by size, strings by their characters: -1, 0 or 1. */
function compare([left, right]: readonly Value[]): number {
  if (typeof left === 'number') return Math.sign(left - asInteger(right));
  const [first, second] = [asText(left), asText(right)];
  return first === second ? 0 : first < second ? -1 : 1;
}

export const logicFunctions: FunctionTable = {
  bool: takes(1, 1, ([value]) => toBoolean(value)),
  equals: takes(2, 2, ([left, right]) => isSame(left ?? null, right ?? null)),
  false: takes(0, 0, () => false),
  greater: takes(2, 2, (args) => compare(args) > 0),
  greaterOrEquals: takes(2, 2, (args) => compare(args) >= 0),
  less: takes(2, 2, (args) => compare(args) < 0),
  lessOrEquals: takes(2, 2, (args) => compare(args) <= 0),
  not: takes(1, 1, ([value]) => !asBoolean(value)),
  null: takes(0, 0, () => null),
  true: takes(0, 0, () => true),
};
