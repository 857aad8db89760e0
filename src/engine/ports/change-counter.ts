/** What a change counts towards: one run of the sweep, or the last hour's events. */
export type ChangeWindow =
  { readonly kind: 'sweep'; readonly correlationId: string } | { readonly kind: 'hour' };

/** One change's place in what HOLDFAST_MAX_CHANGES allows. */
export interface ReservedPlace {
  readonly window: ChangeWindow;
  /** The minute since 1970 that it counts in; 0 in a sweep. */
  readonly minute: number;
}

/** Counts what Holdfast changes by itself, exactly and over all instances. */
export interface ChangeCounter {
  /** Reads what is counted, so that `take` need only write. */
  prepare(window: ChangeWindow): Promise<void>;
  /** Counts one change, unless `limit` are counted already. Throws where the storage account cannot say. */
  take(
    window: ChangeWindow,
    limit: number,
  ): Promise<
    | { readonly kind: 'granted'; readonly place: ReservedPlace }
    | { readonly kind: 'denied'; readonly made: number }
  >;
  /** Takes the count back of a change that was certainly not made. */
  giveBack(place: ReservedPlace): Promise<void>;
}
