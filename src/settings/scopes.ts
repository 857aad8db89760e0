import { z } from 'zod';
import type { Scope } from '../types/scope.js';
import { listOf } from './list-of.js';

export const scopes = z
  .string('is required: comma-separated /subscriptions/{id} or /subscriptions/{id}/resourceGroups/{name}.')
  .transform((text, context) => {
    const result: Scope[] = [];
    for (const part of listOf(text)) {
      const match =
        /^\/subscriptions\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/resourceGroups\/([\p{L}\p{N}._()-]{1,90}))?\/?$/iu.exec(
          part,
        );
      if (match?.[1] === undefined) {
        context.addIssue(
          `"${part}" is not /subscriptions/{id} or /subscriptions/{id}/resourceGroups/{name}.`,
        );
      } else {
        result.push({
          subscriptionId: match[1].toLowerCase(),
          resourceGroup: match[2]?.toLowerCase() ?? null,
        });
      }
    }
    if (result.length === 0) context.addIssue('names no scope.');
    return withoutOverlap(result);
  });

/** Each resource is swept once: a group whose whole subscription is in scope adds nothing. */
function withoutOverlap(all: readonly Scope[]): readonly Scope[] {
  return all.filter(
    (scope, i) =>
      !all.some(
        (other, j) =>
          other.subscriptionId === scope.subscriptionId &&
          ((other.resourceGroup === null && scope.resourceGroup !== null) ||
            (other.resourceGroup === scope.resourceGroup && j < i)),
      ),
  );
}
