/** What went wrong with a call to ARM, by what can be done about it. */
export type ArmErrorKind =
  | 'not-found'
  | 'unauthorized' // 401, 403: a permission is missing
  | 'throttled' // 429, or 503 with Retry-After
  | 'conflict' // 409: somebody else is writing; look again
  | 'locked' // ScopeLocked
  | 'rejected' // 400 and the like: sending it again changes nothing
  | 'unavailable'; // network failure, 5xx, an answer that cannot be read: it may pass

export interface ArmErrorDetails {
  readonly kind: ArmErrorKind;
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** ARM's `error.code`, e.g. `AuthorizationFailed`. */
  readonly code: string | null;
  /** From `Retry-After`; null where ARM named no time. */
  readonly retryAfterMs: number | null;
  readonly armRequestId: string | null;
}

/** A failed call to ARM. Its message names the resource and never holds a secret. */
export class ArmError extends Error {
  override readonly name = 'ArmError';

  constructor(
    message: string,
    readonly details: ArmErrorDetails,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
