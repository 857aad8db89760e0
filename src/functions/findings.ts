import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { withEngine } from '../app.js';
import { failure } from '../http/failure.js';
import { inputProblem, json } from '../http/problem.js';
import { pageParameters, queryOf, resourceIdText } from '../http/query.js';
import { REMEDIATOR_IDS, SELF_AUDIT } from '../types/remediator-id.js';

const querySchema = z.strictObject({
  resourceId: resourceIdText.optional(),
  remediator: z.enum([...REMEDIATOR_IDS, SELF_AUDIT]).optional(),
  severity: z.enum(['low', 'medium', 'high']).optional(),
  accepted: z.enum(['true', 'false']).default('false'),
  ...pageParameters(1000, 100),
});

/** What stands open now, the worst first. */
export async function findings(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const query = querySchema.safeParse(queryOf(request));
  if (!query.success) return inputProblem(query.error);
  const { accepted, ...rest } = query.data;
  try {
    const page = await withEngine(context.log.bind(context), (engine) =>
      engine.findings({ ...rest, accepted: accepted === 'true' }),
    );
    return json(200, page);
  } catch (error) {
    return failure(error, context);
  }
}
