/** One request to ARM as an instance saw it: what it sent, and what it was told. */
export interface Exchange {
  readonly instance: string;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly path: string;
  readonly body: string | null;
  readonly clientRequestId: string | null;
  readonly sentAt: number;
  /** The simulator's journal when it was sent: whatever has a greater number came later. */
  readonly sentMark: number;
  /** Null while it is under way. */
  answer: Answer | null;
}

export type Answer = {
  readonly at: number;
  /** When whoever asked has surely read it. */
  readonly heardAt: number;
  readonly mark: number;
} & (
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly text: string;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'none'; readonly why: string }
);
