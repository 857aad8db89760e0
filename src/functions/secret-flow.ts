import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { withEngine } from '../app.js';
import { failure } from '../http/failure.js';
import { inputProblem, json, problem } from '../http/problem.js';
import { queryOf, resourceIdOf } from '../http/query.js';

const querySchema = z.strictObject({ resourceId: resourceIdOf('workflow') });

/** The ways of the secrets through one workflow, as a graph without values. */
export async function secretFlow(
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const query = querySchema.safeParse(queryOf(request));
  if (!query.success) return inputProblem(query.error);
  const { resourceId: id } = query.data;
  try {
    const shown = await withEngine(context.log.bind(context), (engine) => engine.secretFlow(id));
    switch (shown.kind) {
      case 'flow':
        return json(200, { resourceId: id.id, ...shown.flow });
      case 'out-of-scope':
        return problem(403, 'Out of scope', `${id.id} lies in none of HOLDFAST_SCOPES; nothing was read.`);
      case 'gone':
        return problem(404, 'No such resource', `Azure has no ${id.id}.`);
      case 'unavailable':
        return problem(502, 'It cannot be looked at now', `${shown.why} Try again.`);
    }
  } catch (error) {
    return failure(error, context);
  }
}
