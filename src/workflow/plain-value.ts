import { getIgnoringCase, type Json } from '../types/json.js';
import { parseTemplate } from './expression.js';

/** Deeper than any value that somebody writes down. */
const MAX_DEPTH = 32;

/** What a step takes out of a value, as the language does; undefined where the run would fail there. */
export function memberOf(value: Json | undefined, key: Json, safe: boolean): Json | undefined {
  if (value === null) return safe ? null : undefined;
  if (Array.isArray(value)) return typeof key === 'number' ? (value[key] as Json | undefined) : undefined;
  if (typeof value !== 'object' || typeof key !== 'string') return undefined;
  return getIgnoringCase(value, key) ?? (safe ? null : undefined);
}

/** Whether no text in a value is an expression. What was found for an object is kept in `known`. */
export function isPlain(value: Json, known: Map<object, boolean>, depth = 0): boolean {
  if (typeof value === 'string') {
    if (!value.includes('@')) return true;
    const expression = parseTemplate(value);
    return expression.kind === 'literal' && expression.value === value;
  }
  if (typeof value !== 'object' || value === null) return true;
  const before = known.get(value);
  if (before !== undefined) return before;
  const plain =
    depth < MAX_DEPTH && Object.values(value).every((member) => isPlain(member as Json, known, depth + 1));
  known.set(value, plain);
  return plain;
}
