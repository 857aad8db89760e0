import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { problem } from './problem.js';

export type JsonBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'problem'; readonly answer: HttpResponseInit };

/**
 * The body of a POST as JSON; `wanted` says what it must be. Only `application/json` is taken: a page of another site can
 * send forms and plain text without a question, but not this type (https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
 */
export async function readJsonBody(request: HttpRequest, wanted: string): Promise<JsonBody> {
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers.get('content-type') ?? ''))
    return refused(415, 'Not JSON', 'Send JSON, with content-type: application/json.');
  try {
    return { kind: 'json', value: JSON.parse(await request.text()) };
  } catch {
    // Also where it did not come whole.
    return refused(400, 'Bad input', wanted);
  }
}

function refused(status: number, title: string, detail: string): JsonBody {
  return { kind: 'problem', answer: problem(status, title, detail) };
}
