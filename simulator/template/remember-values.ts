import { orUnresolved } from './evaluate-node.js';
import { Unresolved } from './unresolved.js';
import type { Value } from './value.js';

/** Reads each name once, in any case, and tells those that refer to one another in a circle. Throws Unresolved. */
export function rememberValues(kind: string, read: (name: string) => Value): (name: string) => Value {
  const values = new Map<string, Value>();
  const open = new Set<string>();
  return (name) => {
    const key = name.toLowerCase();
    let value = values.get(key);
    if (value === undefined) {
      if (open.has(key)) {
        const circle = [...open]
          .slice([...open].indexOf(key))
          .concat(key)
          .join(' → ');
        throw new Unresolved(`${kind} refer to one another in a circle: ${circle}`);
      }
      open.add(key);
      try {
        value = orUnresolved(() => read(name));
      } finally {
        open.delete(key);
      }
      values.set(key, value);
    }
    if (value instanceof Unresolved) throw value;
    return value;
  };
}
