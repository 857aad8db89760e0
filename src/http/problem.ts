import type { HttpResponseInit } from '@azure/functions';
import type { ZodError } from 'zod';

/** An error answer (RFC 9457, `application/problem+json`). `detail` says what happened and what to do. */
export function problem(
  status: number,
  title: string,
  detail: string,
  extensions: Readonly<Record<string, unknown>> = {},
): HttpResponseInit {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify({ type: 'about:blank', title, status, detail, ...extensions }),
  };
}

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

/** An answer is for a person to read, and no longer for a longer request: names in it are the caller's. */
const MOST_PARTS = 10;
const LONGEST_PART = 300;

/** What is wrong with an input, part by part. */
export function inputProblem(error: ZodError): HttpResponseInit {
  const parts = error.issues
    .slice(0, MOST_PARTS)
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .map((part) => (part.length > LONGEST_PART ? `${part.slice(0, LONGEST_PART)}…` : part));
  const rest = error.issues.length - parts.length;
  return problem(400, 'Bad input', [...parts, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; '));
}
