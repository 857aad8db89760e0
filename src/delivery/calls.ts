import type { OutboxEntry } from './outbox.js';
import type { DeliveryTarget, TargetName } from './target.js';

/** Entries that go together, and how many belong to them that one call does not hold: they go in the next ones. */
export interface Call {
  readonly entries: readonly OutboxEntry[];
  readonly more: number;
}

/** What is due; and when, in milliseconds since 1970, there may be more. */
export interface Calls {
  readonly due: readonly Call[];
  readonly nextAt: number | null;
}

/** Whoever reads these wants one message about one thing that happened, and few messages. */
const READ_BY_PEOPLE: ReadonlySet<TargetName> = new Set(['teams']);

/** A sweep of which nothing has come for so long is over, as far as anybody can tell: its parts are on a queue. */
const QUIET_MS = 2 * 60_000;
/** A sweep that goes on for longer is told of in parts. */
const OLDEST_MS = 30 * 60_000;
/** Of more resources than these there is one message, and not one each. */
const MOST_MESSAGES = 3;

/** Parts what waits for a target, which comes oldest first, into calls. */
export function callsFor(
  entries: readonly OutboxEntry[],
  { name, batch }: Pick<DeliveryTarget, 'name' | 'batch'>,
  now: number,
): Calls {
  if (!READ_BY_PEOPLE.has(name)) return { due: inBatches(entries, batch), nextAt: null };
  const events = entries.filter(({ run }) => run === null);
  const ofSweeps = entries.filter(({ run }) => run !== null);
  const runs = [...Map.groupBy(ofSweeps, ({ run }) => run).values()];
  const times = runs.map(ripeAt);
  const waiting = times.filter((at) => at > now);
  const resources = [...Map.groupBy(events, ({ resource }) => resource).values()];
  const told = resources.length > MOST_MESSAGES ? [events] : resources;
  const ripe = runs.filter((_, i) => (times[i] ?? 0) <= now);
  return {
    due: [...told, ...ripe].flatMap((group) => inBatches(group, batch)),
    nextAt: waiting.length === 0 ? null : Math.min(...waiting),
  };
}

function ripeAt(run: readonly OutboxEntry[]): number {
  const times = run.map(({ putAt }) => putAt.getTime());
  const newest = times.reduce((a, b) => Math.max(a, b));
  const oldest = times.reduce((a, b) => Math.min(a, b));
  return Math.min(newest + QUIET_MS, oldest + OLDEST_MS);
}

function inBatches(entries: readonly OutboxEntry[], batch: number): readonly Call[] {
  const count = Math.ceil(entries.length / batch);
  return Array.from({ length: count }, (_, i) => ({
    entries: entries.slice(i * batch, (i + 1) * batch),
    more: Math.max(0, entries.length - (i + 1) * batch),
  }));
}
