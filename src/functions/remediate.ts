import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { remediatorsFor, withEngine, type RemediateResult } from '../app.js';
import { REMEDIATOR_IDS } from '../types/remediator-id.js';
import { InvalidResourceIdError, parseResourceId, type ResourceId } from '../types/resource-id.js';
import { failure } from '../http/failure.js';
import { readJsonBody } from '../http/json-body.js';
import { json, problem } from '../http/problem.js';

const bodySchema = z.strictObject({
  resourceId: z.string(),
  dryRun: z.boolean().default(false),
  remediators: z.array(z.enum(REMEDIATOR_IDS)).min(1).optional(),
});

/** Looks at one resource, now, because somebody asks for it by name. */
export async function remediate(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const body = await readJsonBody(request, bodySchema, 'The body must be a JSON object with a resourceId.');
  if (body.kind === 'problem') return body.answer;
  const { resourceId, dryRun, remediators = null } = body.value;
  const id = parseId(resourceId);
  if (typeof id === 'string') return badRequest(id);
  const possible = remediatorsFor(id.kind);
  const misplaced = remediators?.filter((remediator) => !possible.includes(remediator)) ?? [];
  if (misplaced.length > 0)
    return badRequest(`${misplaced.join(', ')} is not for a ${id.kind}; ${possible.join(', ')} are.`);
  try {
    const result = await withEngine(context.log.bind(context), (engine) =>
      engine.remediate({ id, dryRun, remediators }),
    );
    return answer(id, dryRun, result);
  } catch (error) {
    return failure(error, context);
  }
}

function parseId(text: string): ResourceId | string {
  try {
    return parseResourceId(text);
  } catch (error) {
    if (error instanceof InvalidResourceIdError) return error.message;
    throw error;
  }
}

function badRequest(detail: string): HttpResponseInit {
  return problem(400, 'Bad input', detail);
}

function goneText(resourceId: string, isRecoverable = false): string {
  return isRecoverable
    ? `${resourceId} was deleted, and can be recovered: GET /api/findings says until when, and how.`
    : `Azure has no ${resourceId}.`;
}

function answer(id: ResourceId, dryRun: boolean, result: RemediateResult): HttpResponseInit {
  const resourceId = id.id;
  const { correlationId } = result;
  switch (result.kind) {
    case 'out-of-scope':
      return problem(
        403,
        'Out of scope',
        `${resourceId} lies in none of HOLDFAST_SCOPES; nothing was read.`,
        { correlationId },
      );
    case 'gone':
      return problem(404, 'No such resource', goneText(resourceId, result.isRecoverable), { correlationId });
    case 'unavailable':
      return problem(502, 'It cannot be looked at now', `${result.why} Nothing was changed; try again.`, {
        correlationId,
        outcome: 'failed',
      });
    case 'queued': {
      const retryAfter = Math.max(1, Math.ceil(result.retryAfterMs / 1000));
      const body = { resourceId, outcome: 'queued', correlationId, retryAfter };
      return json(202, body, { 'retry-after': String(retryAfter) });
    }
    case 'done': {
      const { outcome, remediations, obstacle } = result;
      if (obstacle === null) return json(200, { resourceId, dryRun, outcome, correlationId, remediations });
      const { recordId, why } = obstacle;
      return obstacle.kind === 'locked'
        ? problem(409, 'Locked in Azure', why, {
            resourceId,
            outcome: 'refused',
            correlationId,
            recordId,
            remediations,
          })
        : problem(502, 'Azure failed the change', why, {
            resourceId,
            outcome: 'failed',
            correlationId,
            recordId,
            remediations,
          });
    }
  }
}
