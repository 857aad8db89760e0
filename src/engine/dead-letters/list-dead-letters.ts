import type { EngineDeps } from '../engine-deps.js';
import { inBatches } from '../in-batches.js';
import type { DeadLetterPlace, DeadLetterSource, ListedDeadLetter } from '../ports/dead-letters.js';
import { deadLetterId, type DeadLetter, type DeadLetterItem } from './dead-letter.js';
import { readGivenUp } from './read-given-up.js';
import { readUndelivered } from './read-undelivered.js';

export interface DeadLettersQuery {
  readonly limit: number;
  readonly continuationToken?: string | undefined;
}

export interface ShownDeadLetter {
  /** For `ids` of a replay. */
  readonly id: string;
  readonly source: DeadLetterSource;
  /** RFC 3339, UTC. */
  readonly storedAt: string;
  /** How many events or messages are in it, and the first of them. */
  readonly count: number;
  readonly items: readonly DeadLetterItem[];
  /** Why it cannot be replayed; null where it can. */
  readonly problem: string | null;
}

export interface DeadLettersPage {
  readonly deadLetters: readonly ShownDeadLetter[];
  readonly continuationToken: string | null;
}

/** Of a dead letter with thousands of events. */
const MOST_ITEMS = 20;

/** What could not be delivered or was given up, in no order that says anything. */
export async function listDeadLetters(
  { deadLetters }: Pick<EngineDeps, 'deadLetters'>,
  { limit, continuationToken }: DeadLettersQuery,
): Promise<DeadLettersPage> {
  await deadLetters.gather();
  const page = await deadLetters.page(limit, continuationToken ?? null);
  const shown = await inBatches(page.letters, async (letter) => {
    const read = await readDeadLetter({ deadLetters }, letter);
    // Somebody has just replayed it.
    return read === null ? [] : [shownAs(letter, read.letter)];
  });
  return { deadLetters: shown.flat(), continuationToken: page.continuationToken };
}

/** What is in a dead letter, and the etag of what was read; null where it has gone. */
export async function readDeadLetter(
  { deadLetters }: Pick<EngineDeps, 'deadLetters'>,
  place: DeadLetterPlace,
): Promise<{ readonly letter: DeadLetter; readonly etag: string } | null> {
  const stored = await deadLetters.read(place);
  switch (stored.kind) {
    case 'gone':
      return null;
    case 'unreadable':
      return { letter: { kind: 'malformed', problem: stored.why }, etag: '' };
    case 'text':
      return { letter: READERS[place.source](stored.text), etag: stored.etag };
  }
}

const READERS: Readonly<Record<DeadLetterSource, (text: string) => DeadLetter>> = {
  'given-up': readGivenUp,
  undelivered: readUndelivered,
};

function shownAs(listed: ListedDeadLetter, letter: DeadLetter): ShownDeadLetter {
  const items = letter.kind === 'readable' ? letter.items : [];
  return {
    id: deadLetterId(listed),
    source: listed.source,
    storedAt: listed.storedAt.toISOString(),
    count: items.length,
    items: items.slice(0, MOST_ITEMS),
    problem: letter.kind === 'malformed' ? letter.problem : null,
  };
}
