import { randomUUID } from 'node:crypto';
import type { Actor } from '../types/record.js';
import type { ResourceId } from '../types/resource-id.js';
import type { HandChange } from './by-hand.js';
import type { LookResult } from './look/look.js';
import type { LookNow } from './look/look-now.js';

export type DoneByHand =
  | { readonly kind: 'out-of-scope' | 'gone' }
  /** Nothing is queued: it is for now. */
  | { readonly kind: 'unavailable'; readonly why: string }
  | { readonly kind: 'done'; readonly result: Extract<LookResult, { kind: 'done' }> };

/** Makes such a change, or in a dry run says what it would be, as the person who runs the engine. */
export async function doByHand(
  lookNow: LookNow,
  operator: Actor,
  id: ResourceId,
  byHand: HandChange,
  dryRun: boolean,
): Promise<DoneByHand> {
  const result = await lookNow({
    id,
    trigger: 'cli',
    correlationId: randomUUID(),
    actor: operator,
    remediators: [byHand.remediator],
    askedForByName: true,
    dryRun,
    causedAt: null,
    byHand,
  });
  if (result === 'out-of-scope') return { kind: 'out-of-scope' };
  switch (result.kind) {
    case 'gone':
      return { kind: 'gone' };
    case 'later':
      return { kind: 'unavailable', why: result.why };
    case 'done':
      return { kind: 'done', result };
  }
}
