import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { withEngine } from '../app.js';
import { failure } from '../http/failure.js';
import { inputProblem, json } from '../http/problem.js';
import { pageParameters, queryOf } from '../http/query.js';

const querySchema = z.strictObject({
  // Each of them is read.
  ...pageParameters(200, 50),
});

/** What Event Grid could not deliver, and what was given up. */
export async function deadLetters(
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const query = querySchema.safeParse(queryOf(request));
  if (!query.success) return inputProblem(query.error);
  try {
    const page = await withEngine(context.log.bind(context), (engine) => engine.deadLetters(query.data));
    return json(200, page);
  } catch (error) {
    return failure(error, context);
  }
}
