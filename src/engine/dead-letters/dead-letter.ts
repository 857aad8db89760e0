import { z } from 'zod';
import type { Actor } from '../../types/record.js';
import type { DeadLetterPlace } from '../ports/dead-letters.js';
import type { ReconcileMessage, SweepMessage } from '../ports/queue.js';
import { DEAD_LETTER_SOURCES } from '../ports/dead-letters.js';

/** What one event or message in a dead letter was about. A part that is not known is null. */
export interface DeadLetterItem {
  readonly kind: 'event' | 'look' | 'sweep';
  /** The subscription's id, `/subscriptions/{id}`, where it is a sweep. */
  readonly resourceId: string | null;
  readonly correlationId: string | null;
  /** Who made the write that it announced. */
  readonly actor: Actor | null;
  /** Why it ended here. */
  readonly reason: string | null;
  /** What came of the last try to deliver it, in Event Grid's words. */
  readonly lastOutcome: string | null;
  readonly attempts: number | null;
  /** When Event Grid was given it, and when it last tried; RFC 3339. */
  readonly publishedAt: string | null;
  readonly lastAttemptAt: string | null;
}

/** A dead letter, read: what it was about, and the work that it stands for. */
export type DeadLetter =
  | {
      readonly kind: 'readable';
      readonly items: readonly DeadLetterItem[];
      /** None where it is about nothing that Holdfast watches. */
      readonly work: readonly (ReconcileMessage | SweepMessage)[];
    }
  | { readonly kind: 'malformed'; readonly problem: string };

/** What a dead letter goes by: its source and its blob's name. */
export function deadLetterId({ source, name }: DeadLetterPlace): string {
  return `${source}/${name}`;
}

/** Null for what is no such id. */
export function parseDeadLetterId(id: string): DeadLetterPlace | null {
  const slash = id.indexOf('/');
  const source = z.enum(DEAD_LETTER_SOURCES).safeParse(id.slice(0, slash));
  const name = id.slice(slash + 1);
  return source.success && name !== '' ? { source: source.data, name } : null;
}
