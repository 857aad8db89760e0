import { property, type Value } from './value.js';

/** The member of an object or array, or undefined if it has none. */
export function stepInto(container: Value, step: Value): Value | undefined {
  if (container instanceof Map) return typeof step === 'string' ? property(container, step) : undefined;
  if (Array.isArray(container) && typeof step === 'number') return container[step];
  return undefined;
}
