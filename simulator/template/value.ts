import { Unresolved } from './unresolved.js';

/** A number that JavaScript would write otherwise than the template does: 1.0, 1e3, 12345678901234567890. */
export class ExactNumber {
  constructor(readonly text: string) {}
}

/** What an expression evaluates to. Objects are maps: their keys keep their order, even `"1"` before `"0"`. */
export type Value =
  null | boolean | number | string | ExactNumber | Unresolved | Value[] | Map<string, Value>;

export function numberValue(text: string): number | ExactNumber {
  const value = Number(text);
  return String(value) === text ? value : new ExactNumber(text);
}

export function typeOf(value: Value): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Map) return 'an object';
  if (value instanceof Unresolved) return 'unresolved';
  return typeof value === 'string' ? 'a string' : typeof value === 'boolean' ? 'a boolean' : 'a number';
}

/** ARM reads property names in any case; the exact spelling wins where a template has both. */
export function property(object: Map<string, Value>, name: string): Value | undefined {
  const exact = object.get(name);
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  for (const [key, value] of object) if (key.toLowerCase() === wanted) return value;
  return undefined;
}

export function isSame(left: Value, right: Value): boolean {
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => isSame(item, right[index] ?? null))
    );
  }
  if (left instanceof Map) {
    if (!(right instanceof Map) || left.size !== right.size) return false;
    for (const [key, value] of left) {
      const other = right.get(key);
      if (other === undefined || !isSame(value, other)) return false;
    }
    return true;
  }
  if (left instanceof ExactNumber || right instanceof ExactNumber) return isSameNumber(left, right);
  return left === right;
}

/** 1.0 equals 1, but two long integers are the same only if their digits are. */
function isSameNumber(left: Value, right: Value): boolean {
  const [first, second] = [numberText(left), numberText(right)];
  if (first === undefined || second === undefined) return false;
  const [a, b] = [Number(first), Number(second)];
  return Number.isSafeInteger(Math.trunc(a)) ? a === b : first === second;
}

function numberText(value: Value): string | undefined {
  if (value instanceof ExactNumber) return value.text;
  return typeof value === 'number' ? String(value) : undefined;
}
