import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { tryParseResourceId } from '../types/resource-id.js';

/** The parameters of a request's URL; `code` is the function key, where the caller sends it there. */
export function queryOf(request: HttpRequest): Readonly<Record<string, string>> {
  return Object.fromEntries([...request.query].filter(([name]) => name !== 'code'));
}

/** The id of a resource that Holdfast watches, as ARM spells it. */
export const resourceIdText = z.string().transform((text, context) => {
  const id = tryParseResourceId(text);
  if (id === null) context.addIssue('is not the id of a vault, workflow or connection.');
  return id?.id ?? '';
});

/** A request's body as JSON; undefined where it is none. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
