import { isStorageError } from './storage-error.js';

/** A table, container or queue that may not be there yet. */
export interface Creatable {
  readonly create: () => Promise<unknown>;
  readonly isMissing: (error: unknown) => boolean;
}

/**
 * Runs storage calls, and creates what they need the first time one finds it missing: asking before would cost every
 * cold start a round trip. Calls that find it missing at once share one creation, also those that hear of it only after
 * that has ended.
 */
export function createWhenMissing({
  create,
  isMissing,
}: Creatable): <T>(call: () => Promise<T>) => Promise<T> {
  let creating: Promise<void> | null = null;
  let creations = 0;

  return async (call) => {
    const creationsBefore = creations;
    try {
      return await call();
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    if (creations === creationsBefore) {
      creating ??= createUnlessForbidden(create)
        .then(() => {
          creations += 1;
        })
        .finally(() => {
          creating = null;
        });
      await creating;
    }
    return call();
  };
}

/** Where the app may not create it, somebody else may just have: the call that follows tells. */
async function createUnlessForbidden(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!isStorageError(error, 403) && !isStorageError(error, 409)) throw error;
  }
}
