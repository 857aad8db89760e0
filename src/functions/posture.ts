import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { withEngine } from '../app.js';
import { failure } from '../http/failure.js';
import { json } from '../http/problem.js';

/** How many resources are compliant, drifted, exempt and refused, by scope and remediator. */
export async function posture(_request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  try {
    return json(200, await withEngine(context.log.bind(context), (engine) => engine.posture()));
  } catch (error) {
    return failure(error, context);
  }
}
