import { randomUUID } from 'node:crypto';
import type { Edit } from '../types/edit.js';
import type { Actor, AuditRecord } from '../types/record.js';
import type { RemediatorId } from '../types/remediator-id.js';
import { tryParseResourceId } from '../types/resource-id.js';
import { isInScope } from '../types/scope.js';
import type { EngineDeps } from './engine-deps.js';
import type { Look, LookResult } from './look/look.js';
import { isAmong } from './plan-approved.js';
import type { Policy } from './policy.js';

export interface ApproveRequest {
  readonly recordId: string;
  /** Who approves, by what App Service says of the token. */
  readonly approver: Actor;
}

interface Approved {
  readonly resourceId: string;
  readonly remediator: RemediatorId;
  readonly correlationId: string;
}

export type Approving =
  | { readonly kind: 'unknown' }
  /** There is nothing of this record to approve. */
  | { readonly kind: 'not-waiting'; readonly why: string }
  | ({ readonly kind: 'out-of-scope' | 'gone' } & Approved)
  /** It cannot be told or done now; nothing is queued, because an approval is for now. */
  | ({ readonly kind: 'unavailable'; readonly why: string; readonly retryAfterMs: number } & Approved)
  | ({
      readonly kind: 'done';
      readonly result: Extract<LookResult, { kind: 'done' }>;
      /** What the record showed and is not planned any more. */
      readonly gone: readonly Edit[];
    } & Approved);

/**
 * Writes what a `planned` record showed, as far as it is still planned: planned again from the live resource, for that
 * remediator alone.
 */
export async function approve(
  { audit, policy }: Pick<EngineDeps, 'audit' | 'policy'>,
  lookNow: (look: Look) => Promise<LookResult | 'out-of-scope'>,
  { recordId, approver }: ApproveRequest,
): Promise<Approving> {
  const record = await audit.find(recordId.toLowerCase());
  if (record === null) return { kind: 'unknown' };
  const why = whyNotWaiting(record, policy);
  if (why !== null) return { kind: 'not-waiting', why };
  const { resourceId, remediator, edits } = record;
  const correlationId = randomUUID();
  const approved = { resourceId, remediator, correlationId };
  const id = tryParseResourceId(resourceId);
  if (id === null || !isInScope(id, policy.scopes)) return { kind: 'out-of-scope', ...approved };
  const result = await lookNow({
    id,
    trigger: 'http',
    correlationId,
    actor: approver,
    remediators: [remediator],
    // Writing a workflow that starts when it is written is asked for by its name, not by a record's.
    askedForByName: false,
    dryRun: false,
    causedAt: null,
    approval: { remediator, edits },
  });
  if (result === 'out-of-scope') return { kind: 'out-of-scope', ...approved };
  switch (result.kind) {
    case 'gone':
      return { kind: 'gone', ...approved };
    case 'later':
      return { kind: 'unavailable', why: result.why, retryAfterMs: result.retryAfterMs, ...approved };
    case 'done': {
      const now = result.remediations.flatMap((one) => one.edits);
      return { kind: 'done', result, gone: edits.filter((edit) => !isAmong(edit, now)), ...approved };
    }
  }
}

function whyNotWaiting({ outcome, remediator }: AuditRecord, policy: Policy): string | null {
  if (outcome !== 'planned') return `The record is ${outcome}; only a planned one waits for approval.`;
  const mode = policy.modeOf(remediator);
  if (mode === 'approve') return null;
  return mode === 'enforce'
    ? `${remediator} is set to enforce: it waits for nobody.`
    : `${remediator} is set to ${mode}; to have its plans approved, set it to approve in HOLDFAST_REMEDIATORS.`;
}
