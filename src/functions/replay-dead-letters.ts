import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { withEngine } from '../app.js';
import { failure } from '../http/failure.js';
import { readJsonBody } from '../http/json-body.js';
import { json } from '../http/problem.js';
import { logLine } from '../log-line.js';

const bodySchema = z.strictObject({
  // A blob's name has 1024 characters at most; its source stands before it.
  ids: z.array(z.string().min(1).max(1100)).min(1).max(100).optional(),
});

/** Has what could not be delivered or was given up looked at. */
export async function replayDeadLetters(
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const wanted = 'The body must be a JSON object: {} for all, or one with ids.';
  const body = await readJsonBody(request, bodySchema, wanted);
  if (body.kind === 'problem') return body.answer;
  try {
    const result = await withEngine(context.log.bind(context), (engine) =>
      engine.replay(body.value.ids ?? null),
    );
    const { replayed, queued, left } = result;
    context.log(logLine({ holdfast: 'replayed', replayed, queued, left, problems: result.problems.length }));
    return json(200, result);
  } catch (error) {
    return failure(error, context);
  }
}
