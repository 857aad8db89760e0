import type { Look } from './look.js';
import { canMerge } from './merge-looks.js';

/** The looks that this process has put on the queue and that nobody has begun. */
export interface QueuedLooks {
  /** `until` is when the message comes back at the earliest. */
  note(look: Look, until: number): void;
  /** Whether one of them will see what this look is to look at, on behalf of the same person. */
  covers(look: Look): boolean;
}

/** Enough for a storm over many resources; whoever is forgotten is queued once more. */
const MOST = 10_000;

/**
 * A message that comes back in some seconds covers the events that arrive until then: it begins to read after them. So
 * a hundred events on a resource that another instance holds become one message and not a hundred.
 */
export function createQueuedLooks(now: () => number): QueuedLooks {
  const queued = new Map<string, { readonly look: Look; readonly until: number }>();
  return {
    note(look, until) {
      if ((queued.get(look.id.key)?.until ?? now()) >= until) return;
      queued.delete(look.id.key);
      queued.set(look.id.key, { look, until });
      const [oldest] = queued.keys();
      if (queued.size > MOST && oldest !== undefined) queued.delete(oldest);
    },
    covers(look) {
      const before = queued.get(look.id.key);
      if (before === undefined || !canMerge(before.look, look)) return false;
      if (before.until <= now()) {
        queued.delete(look.id.key);
        return false;
      }
      const hasSurroundings = look.isOfSurroundings !== true || before.look.isOfSurroundings === true;
      return hasSurroundings && before.look.actor?.id === look.actor?.id;
    },
  };
}
