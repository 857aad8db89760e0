/** What the hosts print, line by line; undone by what it returns. */
export type WatchLines = (watch: (line: string) => void) => () => void;

const BEGUN = /sweep: Sweep (\S+) begins: (\d+) subscriptions/;
const ENDED = /reconcile: .*\((?<run>[0-9a-f-]{36}), (?<subscription>[0-9a-f-]{36})\)/;
const TIMER_FAILED = /Executed 'Functions\.sweep' \(Failed/;
const PART_FAILED = /Executed 'Functions\.reconcile' \(Failed.*The sweep is not complete/;

/**
 * Waits for the next sweep that begins to be over in all of its subscriptions, whichever host sweeps them; rejects where
 * it fails, or where one of its parts does, when all are over.
 */
export function sweepEnd(watchLines: WatchLines): Promise<void> {
  return new Promise((resolve, reject) => {
    const begun: { run: string; parts: number }[] = [];
    const parts = new Map<string, Map<string, string | null>>();
    const watch = (line: string): void => {
      const [, run, count] = BEGUN.exec(line) ?? [];
      if (run !== undefined) begun.push({ run, parts: Number(count) });
      const ended = ENDED.exec(line)?.groups;
      if (ended?.run !== undefined && ended.subscription !== undefined) {
        const own = parts.get(ended.run) ?? new Map<string, string | null>();
        // It fails once, and comes again only to be told that it is over.
        if (!own.has(ended.subscription)) own.set(ended.subscription, PART_FAILED.test(line) ? line : null);
        parts.set(ended.run, own);
      }
      const [first] = begun;
      const over = [...(parts.get(first?.run ?? '')?.values() ?? [])];
      const isOver = first !== undefined && over.length >= first.parts;
      if (!isOver && !TIMER_FAILED.test(line)) return;
      unwatch();
      const failure = isOver ? (over.find((one) => one !== null) ?? null) : line;
      if (failure === null) resolve();
      else reject(new Error(failure));
    };
    const unwatch = watchLines(watch);
  });
}
