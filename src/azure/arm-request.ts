import { createPipelineRequest, type HttpMethods, type PipelineResponse } from '@azure/core-rest-pipeline';
import { ArmError, type ArmErrorKind } from '../engine/arm-error.js';
import { isJsonObject, type JsonObject } from '../types/json.js';
import type { SendToArm } from './arm-pipeline.js';
import { NotSentError } from './not-sent-error.js';
import { retryAfterMs } from '../retry-after.js';

export interface ArmRequest {
  readonly method: HttpMethods;
  readonly url: string;
  /** What the call is for, in words that name the resource; it begins every error message. */
  readonly purpose: string;
  /** The ARM action and scope it needs, for the message when it is not allowed. */
  readonly permission: { readonly action: string; readonly scope: string };
  readonly body?: string;
  /**
   * Sent as `x-ms-client-request-id`, and as the operation's correlation id, which ARM takes from whoever names one
   * (its contract, quoted in https://github.com/Azure/azure-cli/issues/18756; Terraform's provider does the same:
   * https://github.com/hashicorp/terraform-provider-azurerm/pull/3253). The activity log has the one or the other.
   */
  readonly clientRequestId?: string;
  /** Sends `If-Match: *`, for a service that would make what is not there any more. */
  readonly mustExist?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface ArmResponse {
  readonly text: string;
  readonly document: JsonObject;
  readonly armRequestId: string | null;
}

const TIMEOUT_MS = 15_000;

/** Sends one request and returns its JSON answer. Throws {@link ArmError} for everything else. */
export async function sendArmRequest(send: SendToArm, request: ArmRequest): Promise<ArmResponse> {
  const response = await answerTo(send, request);
  if (response.status < 200 || response.status > 299) throw errorOf(request, response, send.signedInAs);
  const armRequestId = requestIdOf(response);
  const noAnswer = (why: string, waitMs: number | null): ArmError =>
    new ArmError(`${request.purpose}: ${why}`, {
      kind: 'unavailable',
      status: response.status,
      code: null,
      retryAfterMs: waitMs,
      armRequestId,
    });
  // What the answer shows may be what was asked for; only a read tells what has come of it.
  if (response.status === 202 && request.method !== 'GET') {
    const waitMs = retryAfterMs(response.headers.get('retry-after'));
    throw noAnswer('Azure answered 202: it has taken it in, and may carry it out later.', waitMs);
  }
  const text = response.bodyAsText ?? '';
  const document = parse(text);
  if (document === null) throw noAnswer("Azure's answer is not the JSON that was expected.", null);
  return { text, document, armRequestId };
}

async function answerTo(send: SendToArm, request: ArmRequest): Promise<PipelineResponse> {
  const pipelineRequest = createPipelineRequest({
    url: request.url,
    method: request.method,
    timeout: TIMEOUT_MS,
    ...(request.clientRequestId === undefined ? {} : { requestId: request.clientRequestId }),
    ...(request.signal === undefined ? {} : { abortSignal: request.signal }),
  });
  pipelineRequest.headers.set('accept', 'application/json');
  if (request.clientRequestId !== undefined) {
    pipelineRequest.headers.set('x-ms-correlation-request-id', request.clientRequestId);
  }
  if (request.mustExist === true) pipelineRequest.headers.set('if-match', '*');
  if (request.body !== undefined) {
    pipelineRequest.headers.set('content-type', 'application/json');
    pipelineRequest.body = request.body;
  }
  try {
    return await send(pipelineRequest);
  } catch (error) {
    if (error instanceof NotSentError) throw notSent(request.purpose, error);
    // The cause stays attached for a debugger; its message may quote the request and is not passed on.
    const what =
      error instanceof Error && /^(?:Credential|Authentication|AggregateAuthentication)/.test(error.name)
        ? `${send.signedInAs} got no token`
        : 'no answer from Azure';
    const code =
      error instanceof Error && 'code' in error && typeof error.code === 'string'
        ? safeCode(error.code)
        : null;
    throw new ArmError(
      `${request.purpose}: ${what}${code === null ? '' : ` (${code})`}.`,
      { kind: 'unavailable', status: null, code, retryAfterMs: null, armRequestId: null },
      { cause: error },
    );
  }
}

/** What a request comes to that was held back. */
export function notSent(purpose: string, { retryAfterMs }: NotSentError): ArmError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return new ArmError(
    `${purpose}: it was not sent, because Azure takes no more such requests for about ${seconds} s.`,
    { kind: 'throttled', status: null, code: null, retryAfterMs, armRequestId: null },
  );
}

function parse(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

function errorOf(request: ArmRequest, response: PipelineResponse, signedInAs: string): ArmError {
  const error = parse(response.bodyAsText ?? '')?.error;
  const code = isJsonObject(error) && typeof error.code === 'string' ? safeCode(error.code) : null;
  const retryAfter = retryAfterMs(response.headers.get('retry-after'));
  const kind = kindOf(response.status, code);
  const permission = missingPermission(request, code, isJsonObject(error) ? error.message : null);
  return new ArmError(`${request.purpose}: ${explain(kind, permission, response.status, code, signedInAs)}`, {
    kind,
    status: response.status,
    code,
    retryAfterMs: retryAfter,
    armRequestId: requestIdOf(response),
  });
}

/** It goes into every record of the write: ARM's is a GUID. */
function requestIdOf({ headers }: PipelineResponse): string | null {
  return headers.get('x-ms-request-id')?.slice(0, 100) ?? null;
}

/** ARM's codes are words; anything else in that place is somebody's text and stays out of logs and records. */
function safeCode(code: string): string | null {
  return /^[A-Za-z][A-Za-z0-9._]{0,79}$/.test(code) ? code : null;
}

function kindOf(status: number, code: string | null): ArmErrorKind {
  if (code === 'ScopeLocked') return 'locked';
  // An Azure Policy assignment forbids it, or the subscription is disabled; no role would help, and no other try.
  if (code === 'RequestDisallowedByPolicy' || code === 'ReadOnlyDisabledSubscription') return 'rejected';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404) return 'not-found';
  if (status === 409 || status === 412) return 'conflict';
  if (status === 429) return 'throttled';
  if (status === 408 || status >= 500) return 'unavailable';
  return 'rejected';
}

/** The wording: https://github.com/microsoft/planetary-computer-hub/pull/25 */
const LINKED =
  /perform action '([A-Za-z.]+(?:\/[A-Za-z]+)+)' on the linked scope\(s\) '(\/subscriptions\/[\p{L}\p{N}/._(),-]+)'/u;

/** A write that links to another resource needs a permission there as well, and only ARM's message says which. */
function missingPermission(
  { permission }: ArmRequest,
  code: string | null,
  message: unknown,
): ArmRequest['permission'] {
  if (code !== 'LinkedAuthorizationFailed') return permission;
  const [, action = 'a permission', scope = 'a resource that the write links to'] =
    LINKED.exec(String(message)) ?? [];
  return { action, scope };
}

/**
 * In our own words: ARM's message may quote the document that was sent, and with it a secret that its author left
 * there. Its code and request id lead to the full text in the activity log.
 */
/** No role mends that. */
const TOKEN_NOT_TAKEN =
  'Or its access token is not taken: see that it is of the tenant that the subscription trusts.';

function explain(
  kind: ArmErrorKind,
  permission: ArmRequest['permission'],
  status: number,
  code: string | null,
  signedInAs: string,
): string {
  const answer = `Azure answered ${status}${code === null ? '' : ` ${code}`}`;
  switch (kind) {
    case 'unauthorized': {
      const lacks = `${answer}. ${signedInAs} lacks ${permission.action} at ${permission.scope}; assign a role that holds it.`;
      return status === 401 ? `${lacks} ${TOKEN_NOT_TAKEN}` : lacks;
    }
    case 'locked':
      return `${answer}. A resource lock forbids the change; remove the lock or make the change by hand.`;
    case 'throttled':
      return `${answer}: too many requests.`;
    case 'conflict':
      return `${answer}: somebody else is changing the resource.`;
    case 'not-found':
      return `${answer}.`;
    case 'rejected':
      return `${answer}: the request was not accepted. The activity log has the reason under the ARM request id.`;
    case 'unavailable':
      return `${answer}: the service failed.`;
  }
}
