import type { HttpResponseInit, InvocationContext } from '@azure/functions';
import { InvalidContinuationTokenError, InvalidSettingsError } from '../app.js';
import { problem } from './problem.js';

/** What a storage client throws, and that its service has not answered in time. */
const STORAGE_ERRORS = ['RestError', 'DeadlineError'];

/** The answer to a request that failed on our side of Azure. */
export function failure(error: unknown, context: InvocationContext): HttpResponseInit {
  if (error instanceof InvalidContinuationTokenError) return problem(400, 'Bad input', error.message);
  if (error instanceof InvalidSettingsError) {
    context.error(error.message);
    return problem(500, 'Bad settings', error.message);
  }
  context.error(error instanceof Error ? `${error.name}: ${error.message}` : 'An unknown failure.');
  if (!(error instanceof Error) || !STORAGE_ERRORS.includes(error.name)) {
    return problem(
      500,
      'Internal error',
      "Holdfast failed; the function's log has the reason under this invocation.",
    );
  }
  return problem(
    503,
    'Storage unavailable',
    'Holdfast could not read or write its storage account. What is not recorded as applied in the audit log may be pending; try again.',
  );
}
