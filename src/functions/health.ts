import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { healthNow } from '../app.js';
import { failure } from '../http/failure.js';
import { json } from '../http/problem.js';
import { healthHttpStatus } from '../http/health-http-status.js';
import { logLine } from '../log-line.js';

/** How this installation is, check by check: for whoever is on call. */
export async function health(_request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  try {
    const found = await healthNow(context.log.bind(context));
    const wrong = found.checks.filter(({ status }) => status !== 'healthy');
    if (wrong.length > 0) {
      const checks = wrong.map(({ name, status, detail }) => ({ name, status, detail }));
      context.warn(logLine({ holdfast: 'health', status: found.status, checks }));
    }
    return json(healthHttpStatus(found), found);
  } catch (error) {
    return failure(error, context);
  }
}
