import { isStorageError } from './storage-error.js';

/** A table, container or queue that may not be there yet. */
export interface Creatable {
  readonly create: () => Promise<unknown>;
  readonly isMissing: (error: unknown) => boolean;
}

/**
 * Runs storage calls, and creates what they need the first time one finds it missing: asking before would cost every
 * cold start a round trip. Calls that find it missing at once share one creation.
 */
export function createWhenMissing({
  create,
  isMissing,
}: Creatable): <T>(call: () => Promise<T>) => Promise<T> {
  let creating: Promise<void> | null = null;

  return async (call) => {
    try {
      return await call();
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    creating ??= createUnlessForbidden(create).finally(() => {
      creating = null;
    });
    await creating;
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
