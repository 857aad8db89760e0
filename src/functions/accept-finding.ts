import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { withEngine } from '../app.js';
import { failure } from '../http/failure.js';
import { readJsonBody } from '../http/json-body.js';
import { json, problem } from '../http/problem.js';
import { logLine } from '../log-line.js';

const bodySchema = z.strictObject({
  id: z.string().min(1).max(100),
  reason: z.string().trim().min(1).max(1000),
});

/** Somebody has looked at a finding and takes responsibility for it. */
export async function acceptFinding(
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const body = await readJsonBody(
    request,
    bodySchema,
    'The body must be a JSON object with an id and a reason.',
  );
  if (body.kind === 'problem') return body.answer;
  const { id, reason } = body.value;
  try {
    const result = await withEngine(context.log.bind(context), (engine) => engine.acceptFinding(id, reason));
    switch (result) {
      case 'unknown':
        return problem(404, 'No such finding', 'No finding with this id stands open.');
      case 'busy':
        return problem(503, 'Try again', 'Somebody is working on the resource; nothing was changed.');
      case 'accepted':
        context.log(logLine({ holdfast: 'accepted', id }));
        return json(200, { id, accepted: true });
    }
  } catch (error) {
    return failure(error, context);
  }
}
