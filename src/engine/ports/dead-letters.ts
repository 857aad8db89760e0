/** Where dead letters come from: what Event Grid could not deliver, and what was given up after it was delivered. */
export const DEAD_LETTER_SOURCES = ['given-up', 'undelivered'] as const;

export type DeadLetterSource = (typeof DEAD_LETTER_SOURCES)[number];

/** Where a dead letter lies. */
export interface DeadLetterPlace {
  readonly source: DeadLetterSource;
  readonly name: string;
}

export interface ListedDeadLetter extends DeadLetterPlace {
  /** When it was put there, by the storage account's clock. */
  readonly storedAt: Date;
}

export interface DeadLetterPage {
  readonly letters: readonly ListedDeadLetter[];
  readonly continuationToken: string | null;
}

export type DeadLetterText =
  | { readonly kind: 'text'; readonly text: string; readonly etag: string }
  | { readonly kind: 'gone' }
  /** It is there, and nobody can read it as it is; `why` is a sentence. */
  | { readonly kind: 'unreadable'; readonly why: string };

export interface DeadLetters {
  /** Takes what was given up from its queue to where it can be listed. To be called before the others. */
  gather(): Promise<void>;
  /** Throws `InvalidContinuationTokenError`. */
  page(limit: number, continuationToken: string | null): Promise<DeadLetterPage>;
  read(place: DeadLetterPlace): Promise<DeadLetterText>;
  /** One that has gone, or is not as it was read any more, is left as it is. */
  remove(place: DeadLetterPlace, etag: string): Promise<void>;
}
