import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { policyInForce } from '../app.js';
import { failure } from '../http/failure.js';
import { json } from '../http/problem.js';

/** What the operator has set: what is watched, and what each remediator may do there. */
export function policy(_request: HttpRequest, context: InvocationContext): HttpResponseInit {
  try {
    return json(200, policyInForce());
  } catch (error) {
    return failure(error, context);
  }
}
