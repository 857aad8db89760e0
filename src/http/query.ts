import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { tryParseResourceId, type ResourceKind } from '../types/resource-id.js';

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

/** The id of a resource that Holdfast watches; of this kind alone, where one is named. */
export function resourceIdOf(kind: ResourceKind | null = null) {
  return z.string().transform((text, context) => {
    const id = tryParseResourceId(text);
    if (id !== null && (kind === null || id.kind === kind)) return id;
    context.addIssue(`is not the id of a ${kind ?? 'vault, workflow or connection'}.`);
    return z.NEVER;
  });
}

/** The id of a resource that Holdfast watches, as ARM spells it. */
export const resourceIdText = resourceIdOf().transform(({ id }) => id);

/** Which part of a list is asked for, and how many of it: `usual` where nobody says, `most` at once. */
export function pageParameters(most: number, usual: number) {
  return {
    limit: z.coerce.number().int().min(1).max(most).default(usual),
    continuationToken: z.string().max(4096).optional(),
  };
}
