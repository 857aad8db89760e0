import { maxJsonDepth } from './budget.js';
import { TemplateError } from './template-error.js';
import { Unresolved } from './unresolved.js';
import { ExactNumber, type Value } from './value.js';

export interface Inspection {
  /** Roughly the length of the value's text: what handling it costs. */
  readonly size: number;
  readonly depth: number;
  readonly unresolved: Unresolved | null;
}

const inspections = new WeakMap<object, Inspection>();

/**
 * Looks through a value once: values are never changed after they are made, and a few lines of variables
 * can make one that is shared a million times over, so the answer is remembered by identity.
 */
export function inspectValue(value: Value): Inspection {
  if (typeof value === 'string') return { size: value.length + 1, depth: 0, unresolved: null };
  if (value instanceof Unresolved) return { size: 1, depth: 0, unresolved: value };
  if (value instanceof ExactNumber) return { size: value.text.length, depth: 0, unresolved: null };
  if (value === null || typeof value !== 'object') return { size: 1, depth: 0, unresolved: null };
  const known = inspections.get(value);
  if (known !== undefined) return known;
  let size = 2;
  let depth = 0;
  let unresolved: Unresolved | null = null;
  const items = Array.isArray(value) ? value.entries() : value.entries();
  for (const [key, item] of items) {
    const inner = inspectValue(item);
    size += inner.size + (typeof key === 'string' ? key.length + 1 : 1);
    depth = Math.max(depth, inner.depth + 1);
    unresolved ??= inner.unresolved;
  }
  if (depth > maxJsonDepth)
    throw new TemplateError(`A value of the template nests more than ${maxJsonDepth} deep.`);
  const inspection = { size, depth, unresolved };
  inspections.set(value, inspection);
  return inspection;
}

/** The value, if all of it is known. */
export function settled(value: Value): Value {
  const { unresolved } = inspectValue(value);
  if (unresolved !== null) throw unresolved;
  return value;
}
