import { z } from 'zod';
import { OPTIONAL_REMEDIATOR_IDS, REMEDIATOR_IDS, type RemediatorId } from '../types/remediator-id.js';
import { InvalidResourceIdError, parseResourceId } from '../types/resource-id.js';
import { listOf } from './list-of.js';

export type RemediatorMode = 'off' | 'audit' | 'approve' | 'enforce';

const remediatorId = z.enum(REMEDIATOR_IDS);

export const remediatorModes = z
  .string()
  .default('')
  .transform((text, context) => {
    const result = new Map<RemediatorId, RemediatorMode>();
    for (const part of listOf(text)) {
      const [name, mode, ...rest] = part.split('=').map((piece) => piece.trim());
      const id = remediatorId.safeParse(name);
      const chosen = z.enum(['off', 'audit', 'approve', 'enforce']).safeParse(mode);
      if (!id.success || !chosen.success || rest.length > 0) {
        context.addIssue(
          `"${part}" is not id=off|audit|approve|enforce with an id of ${REMEDIATOR_IDS.join(', ')}.`,
        );
      } else if (result.has(id.data)) {
        context.addIssue(`${id.data} is set twice.`);
      } else {
        result.set(id.data, chosen.data);
      }
    }
    return result;
  });

export const exemptions = z
  .string()
  .default('')
  .transform((text, context) => {
    const result = new Map<string, ReadonlySet<RemediatorId>>();
    for (const part of listOf(text)) {
      const [resource = '', remediators, ...rest] = part.split('=').map((piece) => piece.trim());
      const ids = remediators === undefined ? REMEDIATOR_IDS : remediators.split('+').map((id) => id.trim());
      const parsed = z.array(remediatorId).safeParse(ids);
      if (!parsed.success || rest.length > 0) {
        context.addIssue(`"${part}" must name remediators out of ${REMEDIATOR_IDS.join(', ')}, joined by +.`);
        continue;
      }
      try {
        const { key } = parseResourceId(resource);
        result.set(key, new Set([...(result.get(key) ?? []), ...parsed.data]));
      } catch (error) {
        if (!(error instanceof InvalidResourceIdError)) throw error;
        context.addIssue(`"${resource}": ${error.message}`);
      }
    }
    return result;
  });

export function modesOf(
  mode: 'audit' | 'enforce',
  chosen: ReadonlyMap<RemediatorId, RemediatorMode>,
): Record<RemediatorId, RemediatorMode> {
  const standard = (id: RemediatorId): RemediatorMode =>
    OPTIONAL_REMEDIATOR_IDS.includes(id) ? 'off' : mode;
  const entries = REMEDIATOR_IDS.map((id) => [id, chosen.get(id) ?? standard(id)] as const);
  return Object.fromEntries(entries) as Record<RemediatorId, RemediatorMode>;
}
