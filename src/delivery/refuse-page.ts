import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { DeliveryError } from './target.js';

/**
 * Throws where a success has a web page in it: none of these services answers with one, so that something on the way, such
 * as a proxy that asks to sign in, has answered in its place, and nothing has arrived.
 */
export function refusePage(
  name: string,
  { status, headers }: Pick<PipelineResponse, 'status' | 'headers'>,
): void {
  if (status < 200 || status > 299) return;
  if (!/^(?:text\/html|application\/xhtml\+xml)\b/i.test(headers.get('content-type') ?? '')) return;
  throw new DeliveryError(
    `${name} answered ${status} with a web page, so something on the way has answered in its place: check its URL, and what lets this network out.`,
    'transient',
  );
}
