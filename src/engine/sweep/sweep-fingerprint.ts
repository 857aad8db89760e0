import { createHash } from 'node:crypto';
import { REMEDIATOR_IDS } from '../../types/remediator-id.js';
import type { EngineDeps } from '../engine-deps.js';
import type { ListedResource } from '../ports/arm.js';
import { digestOf } from '../record/record-digest.js';

/**
 * What a consideration rests on beside the document and what is remembered: the code, and what the operator decided.
 * `more` is what else the kind of resource depends on.
 */
export function surroundingsDigest(
  { policy, codeVersion }: Pick<EngineDeps, 'policy' | 'codeVersion'>,
  more: unknown = null,
): string {
  const modes = REMEDIATOR_IDS.map((id) => policy.modeOf(id));
  const { scopes, ipRetireAfterMs, keepPrincipals, logWorkspace, contestedAfter } = policy;
  return digestOf([
    codeVersion(),
    modes,
    scopes,
    ipRetireAfterMs,
    [...keepPrincipals].sort(),
    logWorkspace,
    contestedAfter,
    more,
  ]);
}

/**
 * Tells how a listed resource looks: another document, or the same under other settings, is another fingerprint. Null
 * where it cannot be told, because the document is nested deeper than the stack.
 */
export function fingerprintOf(
  { policy }: Pick<EngineDeps, 'policy'>,
  { id, document }: ListedResource,
  surroundings: string,
): Buffer | null {
  const exempt = [...policy.exemptions(id)].sort();
  try {
    // Key by key as it came: another order counts as another document, which costs no more than a consideration.
    const text = JSON.stringify([surroundings, id.kind, exempt, document]);
    return createHash('sha256').update(text).digest();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
