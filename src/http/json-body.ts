import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { ZodType } from 'zod';
import { inputProblem, problem } from './problem.js';

export type JsonBody<T> =
  | { readonly kind: 'json'; readonly value: T }
  | { readonly kind: 'problem'; readonly answer: HttpResponseInit };

/**
 * The body of a POST, as its schema reads it; `wanted` says what to send where it is no JSON at all. Only
 * `application/json` is taken: a page of another site can send forms and plain text without a question, but not this
 * type (https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
 */
export async function readJsonBody<T>(
  request: HttpRequest,
  schema: ZodType<T>,
  wanted: string,
): Promise<JsonBody<T>> {
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers.get('content-type') ?? ''))
    return refused(415, 'Not JSON', 'Send JSON, with content-type: application/json.');
  let input: unknown;
  try {
    input = JSON.parse(await request.text());
  } catch {
    // Also where it did not come whole.
    return refused(400, 'Bad input', wanted);
  }
  const body = schema.safeParse(input);
  return body.success
    ? { kind: 'json', value: body.data }
    : { kind: 'problem', answer: inputProblem(body.error) };
}

function refused(status: number, title: string, detail: string): JsonBody<never> {
  return { kind: 'problem', answer: problem(status, title, detail) };
}
