import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { withEngine } from '../app.js';
import { failure } from '../http/failure.js';
import { inputProblem, json } from '../http/problem.js';
import { pageParameters, queryOf } from '../http/query.js';

const querySchema = z.strictObject({
  kind: z.enum(['vault', 'workflow', 'connection']).optional(),
  standing: z.enum(['compliant', 'drifted', 'exempt', 'refused']).optional(),
  ...pageParameters(1000, 100),
});

/** Every resource that is known, and how it stands with each remediator. */
export async function resources(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const query = querySchema.safeParse(queryOf(request));
  if (!query.success) return inputProblem(query.error);
  try {
    return json(200, await withEngine(context.log.bind(context), (engine) => engine.resources(query.data)));
  } catch (error) {
    return failure(error, context);
  }
}
