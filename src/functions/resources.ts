import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { withEngine } from '../app.js';
import { failure } from '../http/failure.js';
import { inputProblem, json } from '../http/problem.js';
import { queryOf } from '../http/query.js';

const querySchema = z.strictObject({
  kind: z.enum(['vault', 'workflow', 'connection']).optional(),
  standing: z.enum(['compliant', 'drifted', 'exempt', 'refused']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  continuationToken: z.string().max(4096).optional(),
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
