import type { PipelineResponse, RestError, RetryStrategy } from '@azure/core-rest-pipeline';
import { retryAfterMs } from './retry-after.js';

/** A named wait longer than this is not sat out here: the queue waits better than a running function. */
const LONGEST_WAIT_MS = 5000;
const FIRST_BACKOFF_MS = 200;

/**
 * Repeats a GET that failed in a way that may pass. A write is never repeated here: whoever sent it looks at the
 * resource again first, because a write without an answer may have been carried out.
 */
export function readRetryStrategy(): RetryStrategy {
  return {
    name: 'readRetryStrategy',
    retry: ({ response, responseError, retryCount }) => {
      const method = response?.request.method ?? responseError?.request?.method;
      if (method !== 'GET' || !mayPass(response, responseError)) return { skipStrategy: true };
      const named = response === undefined ? null : retryAfterMs(response.headers.get('retry-after'));
      if (named !== null)
        return named <= LONGEST_WAIT_MS ? { retryAfterInMs: named } : { skipStrategy: true };
      // Full jitter, so that instances that failed together do not come back together.
      return { retryAfterInMs: FIRST_BACKOFF_MS * 2 ** retryCount * (0.5 + Math.random() / 2) };
    },
  };
}

function mayPass(response: PipelineResponse | undefined, error: RestError | undefined): boolean {
  if (response !== undefined) return response.status === 429 || response.status >= 500;
  return error !== undefined && error.name !== 'AbortError' && error.statusCode === undefined;
}
