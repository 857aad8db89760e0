import type { JsonObject } from '../../src/types/json.js';

/** A document that counts how often a member of it is read, or its members are listed. */
export function countReads(original: JsonObject): {
  readonly document: JsonObject;
  readonly reads: () => number;
} {
  let count = 0;
  const counted = new WeakMap<object, object>();
  const wrap = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const known = counted.get(value);
    if (known !== undefined) return known;
    const proxy = new Proxy(value, {
      get(target, key, receiver) {
        count += 1;
        return wrap(Reflect.get(target, key, receiver));
      },
      ownKeys(target) {
        count += 1;
        return Reflect.ownKeys(target);
      },
      getOwnPropertyDescriptor(target, key) {
        const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
        if (descriptor !== undefined && 'value' in descriptor && descriptor.configurable === true)
          descriptor.value = wrap(descriptor.value);
        return descriptor;
      },
    });
    counted.set(value, proxy);
    return proxy;
  };
  return { document: wrap(original) as JsonObject, reads: () => count };
}
