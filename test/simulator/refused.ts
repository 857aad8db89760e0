import { RefusedError } from '../../simulator/actor.js';

/** Status and code with which Azure turns something down, e.g. `409 ScopeLocked`; or that it does not. */
export async function refused(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'not refused';
  } catch (error) {
    if (error instanceof RefusedError) return `${error.status} ${error.code}`;
    throw error;
  }
}
