import type { Look } from './look.js';
import { canMerge, mergeLooks } from './merge-looks.js';

/** Does the work of a look; `begin` gives the look as it is when reading begins. Nobody joins it after that. */
export type LookWork<T> = (begin: () => Look) => Promise<T>;

export type JoinLooks<T> = (look: Look, work: LookWork<T>) => Promise<T>;

interface Waiting<T> {
  look: Look;
  readonly result: Promise<T>;
}

/**
 * Looks of one resource that wait for their turn in this process are one look: one that begins to read after several
 * events came in covers them all. Everybody gets its result.
 */
export function createJoinLooks<T>(): JoinLooks<T> {
  const waiting = new Map<string, Waiting<T>>();
  return (look, work) => {
    const { key } = look.id;
    const before = waiting.get(key);
    if (before !== undefined && canMerge(before.look, look)) {
      before.look = mergeLooks(before.look, look);
      return before.result;
    }
    const begin = (): Look => {
      if (waiting.get(key) === mine) waiting.delete(key);
      return mine.look;
    };
    const mine: Waiting<T> = {
      look,
      result: Promise.resolve()
        .then(() => work(begin))
        .finally(begin),
    };
    if (canMerge(look, look)) waiting.set(key, mine);
    return mine.result;
  };
}
