import { Unresolved } from './unresolved.js';
import { ExactNumber, type Value } from './value.js';
import type { Json } from './loaded-template.js';

/** The text that an object or array has in the template, where it comes from one unchanged. */
export type SourceText = (container: object) => string | undefined;

/** JSON text of a value. What a template wrote keeps its white space, numbers and escapes. */
export function valueText(value: Value, sourceText: SourceText): string {
  if (value instanceof ExactNumber) return value.text;
  if (value instanceof Unresolved) throw value;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const source = sourceText(value);
  if (source !== undefined) return source;
  if (Array.isArray(value)) return `[${value.map((item) => valueText(item, sourceText)).join(',')}]`;
  const members = [...value].map(([key, item]) => `${JSON.stringify(key)}:${valueText(item, sourceText)}`);
  return `{${members.join(',')}}`;
}

/** The form that `string()` gives: no white space at all. */
export function compactText(value: Value): string {
  return valueText(value, () => undefined);
}

export function valueOfJson(json: Json): Value {
  if (Array.isArray(json)) return json.map(valueOfJson);
  if (json === null || typeof json !== 'object') return json;
  return new Map(Object.entries(json).map(([key, item]) => [key, valueOfJson(item)]));
}
