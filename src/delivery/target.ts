import type { AuditRecord } from '../types/record.js';

export const TARGET_NAMES = ['event-grid', 'log-analytics', 'teams', 'archive'] as const;
export type TargetName = (typeof TARGET_NAMES)[number];

/** Somewhere records go beside the audit log. At least once: a record that comes twice has the same `id`. */
export interface DeliveryTarget {
  readonly name: TargetName;
  /** How many records it takes at once, at most. */
  readonly batch: number;
  /** Delivers all of them, in this order; `more` belong to them and come after. Throws `DeliveryError`. */
  deliver(records: readonly AuditRecord[], signal: AbortSignal, more?: number): Promise<void>;
}

/**
 * `rejected`: the target will never take these records; anything else may be tried again. Where `refused` is given, these
 * are the places of those that it does not take, and it has taken all others.
 */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly refused: readonly number[] | null;
  constructor(
    message: string,
    readonly kind: 'transient' | 'rejected',
    /** How long the target asks to be left alone; null where it does not say. */
    readonly retryAfterMs: number | null = null,
    { refused = null, ...options }: ErrorOptions & { readonly refused?: readonly number[] | null } = {},
  ) {
    super(message, options);
    this.refused = refused;
  }
}
