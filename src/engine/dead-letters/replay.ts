import type { EngineDeps } from '../engine-deps.js';
import { inBatches } from '../in-batches.js';
import type { DeadLetterPlace } from '../ports/dead-letters.js';
import { deadLetterId, parseDeadLetterId } from './dead-letter.js';
import { readDeadLetter } from './list-dead-letters.js';

export interface ReplayResult {
  /** How many dead letters were put back as work, and to how many messages on the queue they came. */
  readonly replayed: number;
  readonly queued: number;
  /** Those that cannot be read, and why: they stay where they are. */
  readonly problems: readonly { readonly id: string; readonly problem: string }[];
  /** The ids under which nothing lies, or nothing any more. */
  readonly missing: readonly string[];
  /** How many of those that were asked for this call has not come to; counted no further than {@link MOST_COUNTED}. */
  readonly left: number;
}

/** The most that one call puts back; those that cannot be read do not count. */
export const MOST_REPLAYED = 100;
/** No further batch is begun after it. */
const BUDGET_MS = 20_000;
const MOST_COUNTED = 10_000;
/** As many as are listed at once, and as are shown of what cannot be read. */
const PAGE = 1000;
const MOST_PROBLEMS = 100;
const BATCH = 16;

type Replaying = Pick<EngineDeps, 'deadLetters' | 'queue' | 'now'>;
type Came =
  | { readonly kind: 'replayed'; readonly queued: number }
  | { readonly kind: 'malformed'; readonly id: string; readonly problem: string }
  | { readonly kind: 'missing'; readonly id: string };

/**
 * Puts dead letters back as work: those of `ids`, or all. Each is first put on the queue and then removed, so that
 * nothing is lost whatever fails between; what is put back twice is looked at twice. It only makes Holdfast look.
 */
export async function replay(deps: Replaying, ids: readonly string[] | null): Promise<ReplayResult> {
  const endsAt = deps.now().getTime() + BUDGET_MS;
  await deps.deadLetters.gather();
  const came: Came[] = [];
  let left = 0;
  for await (const places of batchesOf(deps, ids)) {
    const done = came.filter(({ kind }) => kind === 'replayed').length;
    const room = deps.now().getTime() < endsAt ? MOST_REPLAYED - done : 0;
    const taken = places.slice(0, Math.max(0, room));
    left += places.length - taken.length;
    if (left >= MOST_COUNTED) break;
    came.push(...(await inBatches(taken, (place) => replayOne(deps, place))));
  }
  const unknown = (ids ?? []).filter((id) => parseDeadLetterId(id) === null);
  const problems = came.flatMap((one) =>
    one.kind === 'malformed' ? [{ id: one.id, problem: one.problem }] : [],
  );
  const replayed = came.flatMap((one) => (one.kind === 'replayed' ? [one.queued] : []));
  return {
    replayed: replayed.length,
    queued: replayed.reduce((sum, queued) => sum + queued, 0),
    problems: problems.slice(0, MOST_PROBLEMS),
    // Of all, one that has gone is one that somebody else has just replayed.
    missing:
      ids === null ? [] : [...unknown, ...came.flatMap((one) => (one.kind === 'missing' ? [one.id] : []))],
    left,
  };
}

async function replayOne(deps: Replaying, place: DeadLetterPlace): Promise<Came> {
  const id = deadLetterId(place);
  const read = await readDeadLetter(deps, place);
  if (read === null) return { kind: 'missing', id };
  const { letter, etag } = read;
  if (letter.kind === 'malformed') return { kind: 'malformed', id, problem: letter.problem };
  await inBatches(letter.work, (message) => deps.queue.send(message, 0));
  await deps.deadLetters.remove(place, etag);
  return { kind: 'replayed', queued: letter.work.length };
}

/** In small batches, so that little is under way when the bound is reached. */
async function* batchesOf(
  { deadLetters }: Replaying,
  ids: readonly string[] | null,
): AsyncGenerator<readonly DeadLetterPlace[]> {
  if (ids !== null) {
    const places = [...new Set(ids)].flatMap((id) => parseDeadLetterId(id) ?? []);
    for (let start = 0; start < places.length; start += BATCH) yield places.slice(start, start + BATCH);
    return;
  }
  let token: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof deadLetters.page>> = await deadLetters.page(PAGE, token);
    for (let start = 0; start < page.letters.length; start += BATCH) {
      yield page.letters.slice(start, start + BATCH);
    }
    token = page.continuationToken;
  } while (token !== null);
}
