import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { withEngine } from '../app.js';
import { failure } from '../http/failure.js';
import { inputProblem, json } from '../http/problem.js';
import { queryOf, resourceIdOf } from '../http/query.js';
import { REMEDIATOR_IDS } from '../types/remediator-id.js';

const querySchema = z.strictObject({
  resourceId: resourceIdOf(),
  remediator: z.enum(REMEDIATOR_IDS).optional(),
  days: z.coerce.number().int().min(1).max(90).default(30),
});

/** How a resource is exempted, as a command for whoever may; nothing is changed here. */
export async function exemption(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const query = querySchema.safeParse(queryOf(request));
  if (!query.success) return inputProblem(query.error);
  const { resourceId: id, remediator, days } = query.data;
  const remediators = remediator === undefined ? null : [remediator];
  try {
    const told = await withEngine(context.log.bind(context), (engine) =>
      Promise.resolve(engine.exempting(id, remediators, days)),
    );
    return json(200, { resourceId: id.id, ...told });
  } catch (error) {
    return failure(error, context);
  }
}
