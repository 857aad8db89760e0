import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { healthNow } from '../app.js';
import { healthHttpStatus } from '../http/health-http-status.js';
import { failure } from '../http/failure.js';
import { json } from '../http/problem.js';

/** The same for probes without a key: whether it is well, and not a word more. */
export async function healthStatus(
  _request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  try {
    const found = await healthNow(context.log.bind(context));
    return json(healthHttpStatus(found), { status: found.status });
  } catch (error) {
    return failure(error, context);
  }
}
