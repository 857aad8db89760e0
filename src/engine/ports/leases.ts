import type { ResourceId } from '../../types/resource-id.js';

/** One holder at a time per resource, over all instances. */
export interface Leases {
  /**
   * Runs `work` while holding the resource's lease; `busy` without running it where somebody else holds it.
   * The lease lasts 60 seconds; the signal given to `work` aborts before that, so that nobody writes without it.
   */
  withLease<T>(
    id: ResourceId,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ readonly kind: 'done'; readonly value: T } | { readonly kind: 'busy' }>;
  /** The same for work that lasts: the lease is renewed until the work ends; the signal aborts where it is lost. */
  whileHeld<T>(
    name: string,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ readonly kind: 'done'; readonly value: T } | { readonly kind: 'busy' }>;
}
