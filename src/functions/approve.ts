import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { isAppServiceAuthOn, withEngine, type Approving } from '../app.js';
import { APPROVE_ROLE, readApprover } from '../http/approver.js';
import { failure } from '../http/failure.js';
import { readJsonBody } from '../http/json-body.js';
import { json, problem } from '../http/problem.js';
import { logLine } from '../log-line.js';

const bodySchema = z.strictObject({ id: z.uuidv7('must be the id of an audit record (a UUID).') });

/** Somebody with the app role lets a plan be written that waits for it. */
export async function approve(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  try {
    if (!isAppServiceAuthOn()) return forbidden(AUTH_IS_OFF);
    const approver = readApprover(request.headers.get('x-ms-client-principal'));
    if (approver.kind === 'denied') return forbidden(`${approver.why} ${HOW}`);
    const body = await readJsonBody(
      request,
      bodySchema,
      'The body must be a JSON object with the id of a record.',
    );
    if (body.kind === 'problem') return body.answer;
    const { actor } = approver;
    const { id: recordId } = body.value;
    context.log(logLine({ holdfast: 'approved', recordId, approver: actor }));
    const result = await withEngine(context.log.bind(context), (engine) =>
      engine.approve({ recordId, approver: actor }),
    );
    return answer(result);
  } catch (error) {
    return failure(error, context);
  }
}

const HOW = `Sign in to the function app's registration in Microsoft Entra ID as somebody who holds its app role ${APPROVE_ROLE}, and send the token.`;
const AUTH_IS_OFF =
  'Nobody can approve, because it cannot be told who asks: turn App Service authentication on for the function app, with Microsoft Entra ID, and then set HOLDFAST_APP_SERVICE_AUTH to on. Both must say so: App Service does by WEBSITE_AUTH_ENABLED or WEBSITE_AUTH_V2_CONFIG_JSON in the environment of the app.';

function forbidden(detail: string): HttpResponseInit {
  return problem(403, 'Not approved', detail);
}

function answer(result: Approving): HttpResponseInit {
  if (result.kind === 'unknown')
    return problem(404, 'No such record', 'The audit log has no record of this id.');
  if (result.kind === 'not-waiting') return problem(409, 'Nothing to approve', result.why);
  const { resourceId, remediator, correlationId } = result;
  const about = { resourceId, remediator, correlationId };
  switch (result.kind) {
    case 'out-of-scope':
      return problem(403, 'Out of scope', `${resourceId} lies in none of HOLDFAST_SCOPES.`, about);
    case 'gone':
      return problem(404, 'No such resource', `Azure has no ${resourceId} any more.`, about);
    case 'unavailable': {
      const retryAfter = Math.max(1, Math.ceil(result.retryAfterMs / 1000));
      const detail = `${result.why} An approval is not queued: look at what was recorded, and try again.`;
      return problem(503, 'It cannot be finished now', detail, { ...about, retryAfter });
    }
    case 'done':
      return answerDone(result);
  }
}

function answerDone({ result, gone, ...rest }: Extract<Approving, { kind: 'done' }>): HttpResponseInit {
  const { outcome, remediations, obstacle } = result;
  const { resourceId, remediator, correlationId } = rest;
  const body = { resourceId, remediator, outcome, correlationId, remediations, gone };
  if (obstacle !== null) {
    const title = obstacle.kind === 'locked' ? 'Locked in Azure' : 'Azure failed the change';
    const status = obstacle.kind === 'locked' ? 409 : 502;
    return problem(status, title, obstacle.why, { ...body, recordId: obstacle.recordId });
  }
  if (outcome === 'planned')
    return problem(409, 'The plan has changed', PLAN_HAS_CHANGED, {
      ...body,
      recordId: remediations.find((one) => one.outcome === 'planned')?.recordId ?? null,
    });
  return json(200, body);
}

const PLAN_HAS_CHANGED =
  'What is planned now is not what this record showed, and nothing was written: look at the record that is named here, and approve that.';
