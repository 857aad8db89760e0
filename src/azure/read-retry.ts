import type { PipelineResponse, RestError, RetryStrategy } from '@azure/core-rest-pipeline';
import { retryAfterMs } from '../retry-after.js';

const FIRST_BACKOFF_MS = 200;
/** How often a read is repeated that somebody waits for, or that failed otherwise than by being one too many. */
const RETRIES = 3;
/** How often a read is repeated that has time. */
export const MOST_RETRIES = 20;

/**
 * Repeats a GET that failed in a way that may pass. A write is never repeated here: whoever sent it looks at the
 * resource again first, because a write without an answer may have been carried out. Where Azure asked to wait, the
 * pacing waits, before each attempt, or says that it would take too long.
 */
export function readRetryStrategy(isPatient: boolean): RetryStrategy {
  return {
    name: 'readRetryStrategy',
    retry: ({ response, responseError, retryCount }) => {
      const method = response?.request.method ?? responseError?.request?.method;
      if (method !== 'GET' || !mayPass(response, responseError)) return { skipStrategy: true };
      const isPaced = response !== undefined && isHeldBack(response);
      if (retryCount >= (isPatient && isPaced ? MOST_RETRIES : RETRIES)) return { skipStrategy: true };
      if (isPaced) return { retryAfterInMs: 0 };
      // Full jitter, so that instances that failed together do not come back together.
      return { retryAfterInMs: FIRST_BACKOFF_MS * 2 ** retryCount * (0.5 + Math.random() / 2) };
    },
  };
}

function isHeldBack({ status, headers }: PipelineResponse): boolean {
  return status === 429 || retryAfterMs(headers.get('retry-after')) !== null;
}

function mayPass(response: PipelineResponse | undefined, error: RestError | undefined): boolean {
  if (response !== undefined) return response.status === 429 || response.status >= 500;
  return error !== undefined && error.name !== 'AbortError' && error.statusCode === undefined;
}
