/**
 * The longest any one call may take, its retries included. A table query may take 5 seconds on the server
 * (https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination).
 */
const DEADLINE_MS = 10_000;

/** A storage call that has taken too long. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** Runs one storage call; without a deadline one to a host that swallows packets would hang for minutes. */
export async function withDeadline<T>(
  call: (abortSignal: AbortSignal) => Promise<T>,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    return await call(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new DeadlineError(`The storage account did not answer within ${deadlineMs / 1000} seconds.`, {
      cause: error,
    });
  }
}
