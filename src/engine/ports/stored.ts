/** A stored row or message whose `v` is newer than this code: it is left alone. */
export class NewerVersionError extends Error {
  override readonly name = 'NewerVersionError';
}

/** A stored row that something else than Holdfast has changed: it says which, and what to do. */
export class DamagedRowError extends Error {
  override readonly name = 'DamagedRowError';
}

export interface Stored<T> {
  readonly value: T;
  readonly etag: string;
}

/** Somebody else has written what was to be written over: whoever meets this has lost its lease. */
export class OutrunError extends Error {
  override readonly name = 'OutrunError';
}
