import type { ArmRequest, ArmResponse } from './arm-message.js';
import { errorBody } from './arm-error.js';
import type { Outcome } from './answer-arm.js';
import type { FaultAction } from '../faults.js';
import type { JournalledRequest } from '../journal.js';

export const NO_ANSWER: ArmResponse = { status: 0, headers: {}, body: '', ending: 'no-answer' };

export function responseOf(outcome: Outcome, entry: JournalledRequest, request: ArmRequest): ArmResponse {
  const { status, body } = outcome.answer;
  return {
    status,
    headers: { ...headersOf(entry, request, body), ...outcome.headers },
    body,
    ending: 'complete',
  };
}

export function faultyResponse(
  action: Extract<FaultAction, { kind: 'error' }>,
  entry: JournalledRequest,
  request: ArmRequest,
): ArmResponse {
  const { status, code = `Http${status}`, message = 'The service could not answer the request.' } = action;
  const body = action.body ?? errorBody(code, message);
  const headers = {
    ...headersOf(entry, request, body),
    ...(action.body === undefined ? {} : { 'content-type': 'text/html' }),
    ...(action.retryAfter === undefined ? {} : { 'retry-after': String(action.retryAfter) }),
    ...action.headers,
  };
  return { status, headers, body, ending: 'complete' };
}

/** What a fault does to an answer that is otherwise right. */
export function damaged(response: ArmResponse, action: FaultAction): ArmResponse {
  const half = Math.floor(Buffer.byteLength(response.body) / 2);
  if (action.kind === 'truncate') {
    const bytes = Buffer.from(response.body).subarray(0, action.bytes ?? half);
    return { ...response, body: bytes.toString('utf8') };
  }
  const isCut = action.kind === 'reset' && action.when === 'mid-body';
  return isCut ? { ...response, ending: { cutAfter: half } } : response;
}

export function errorCodeOf(response: ArmResponse): string | null {
  return response.status < 400 ? null : (/"code":"([^"]*)"/.exec(response.body)?.[1] ?? null);
}

/** Retry-After comes in seconds or as a date. */
export function retryAfterOf(response: ArmResponse, now: number): number | null {
  const text = response.headers['retry-after'];
  if (text === undefined) return null;
  if (/^\d+$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1000);
}

function headersOf(entry: JournalledRequest, request: ArmRequest, body: string): Record<string, string> {
  const { requestId, correlationId, clientRequestId, time } = entry;
  const echoes = request.headers['x-ms-return-client-request-id']?.toLowerCase() === 'true';
  return {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    date: new Date(time).toUTCString(),
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-ms-request-id': requestId,
    'x-ms-correlation-request-id': correlationId,
    'x-ms-routing-request-id': `SIMULATOR:${requestId}`,
    ...(body === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...(echoes && clientRequestId !== null ? { 'x-ms-client-request-id': clientRequestId } : {}),
  };
}
