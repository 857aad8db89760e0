import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { tryParseResourceId } from '../types/resource-id.js';

/**
 * The parameters of a request's URL; `code` is the function key, where the caller sends it there. One that is given
 * twice is a list, which no schema takes: which of the two was meant, nobody knows.
 */
export function queryOf(request: HttpRequest): Readonly<Record<string, string | readonly string[]>> {
  const names = [...new Set(request.query.keys())].filter((name) => name !== 'code');
  return Object.fromEntries(
    names.map((name) => {
      const [first = '', ...others] = request.query.getAll(name);
      return [name, others.length === 0 ? first : [first, ...others]];
    }),
  );
}

/** The id of a resource that Holdfast watches, as ARM spells it. */
export const resourceIdText = z.string().transform((text, context) => {
  const id = tryParseResourceId(text);
  if (id === null) context.addIssue('is not the id of a vault, workflow or connection.');
  return id?.id ?? '';
});
