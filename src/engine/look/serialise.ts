import { abortable } from '../abortable.js';

/** Runs `work` when nobody else is at `key`; rejects where `signal` aborts before its turn comes. */
export type Serialise = <T>(key: string, signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/**
 * Runs pieces of work of the same key one after the other, within this process. The lease does the same between
 * instances, but only says no.
 */
export function createSerialiser(): Serialise {
  const last = new Map<string, Promise<unknown>>();
  return (key, signal, work) => {
    const before = last.get(key) ?? Promise.resolve();
    const mine = abortable(before, signal).then(work);
    // Whoever comes next waits for both: one that gave up its turn does not end the one before it.
    const both = Promise.allSettled([before, mine]);
    last.set(key, both);
    void both.then(() => {
      if (last.get(key) === both) last.delete(key);
    });
    return mine;
  };
}
