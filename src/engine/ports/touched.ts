import type { ResourceId } from '../../types/resource-id.js';

/** Of which resources something was remembered outside a sweep: what the next one must not pass over. */
export interface Touched {
  /** To be called before what is remembered is written: a crash in between costs one consideration too many. */
  mark(id: ResourceId): Promise<void>;
  /** As they are read. */
  of(subscriptionId: string): AsyncIterable<TouchedResource>;
  /** Forgets the mark, unless it was made anew since. */
  clear(touched: TouchedResource): Promise<void>;
}

export interface TouchedResource {
  readonly id: ResourceId;
  /** By the clock of whoever marked it. */
  readonly at: Date;
  /** What `clear` knows the mark by. */
  readonly etag: string;
}
