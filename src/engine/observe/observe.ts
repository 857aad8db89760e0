import type { JsonObject } from '../../types/json.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import type { Look } from '../look/look.js';
import type { LookOptions } from '../look/look-at.js';
import type { SaveToTakeUp } from '../lost-save/lost-memory.js';
import { isStale } from '../look/modified-at.js';
import { observeConnection } from './observe-connection.js';
import { observeDeletedVault } from './observe-deleted-vault.js';
import { observeVault } from './observe-vault.js';
import { observeWorkflow } from './observe-workflow.js';
import type { Observed } from '../plan-resource.js';
import type { RememberedSurroundings, ResourceMemory } from '../ports/memory.js';
import { saveFacts } from '../readers/save-facts.js';
import { queueing } from '../readers/save-reads.js';
import { staleRead } from '../look/stale-read.js';

/** A resource as it was read, and what is remembered of it. */
export interface Seen {
  readonly observed: Observed;
  readonly text: string;
  readonly document: JsonObject;
  readonly memory: ResourceMemory;
  /** What belongs to a vault but does not stand in it: as read now, or as remembered. */
  readonly surroundings: RememberedSurroundings | null;
  /** Whether `surroundings` were read now. */
  readonly isFresh: boolean;
  /** The save that stands in `document` in place of what Holdfast's last write put there. */
  readonly takenUp?: SaveToTakeUp | undefined;
  /** Whether `memory` says what is not stored yet and must be before anything is written. */
  readonly isUnsaved?: boolean;
}

/**
 * Reads what the remediators of a resource need to decide; null where there is no such resource. Throws `ArmError`
 * where it cannot be read, or where what was read is older than what Holdfast has written.
 */
export async function observe(deps: EngineDeps, look: Look, options: LookOptions): Promise<Seen | null> {
  try {
    const seen = await observeKind(deps, look, options);
    if (isStale(seen.document, seen.memory.lastWriteAt, deps.now()))
      throw staleRead(look.id, "Holdfast's last write");
    return seen;
  } catch (error) {
    if (!(error instanceof ArmError) || error.details.kind !== 'not-found') throw error;
    return look.id.kind === 'vault' ? observeDeletedVault(deps, look, options.signal) : null;
  }
}

function observeKind(deps: EngineDeps, look: Look, options: LookOptions): Promise<Seen> {
  switch (look.id.kind) {
    case 'vault':
      return observeVault(deps, look, options);
    case 'workflow':
      return observeWorkflow(deps, look, options);
    case 'connection':
      return observeConnection(deps, look.id, options.signal, undefined, (document, memory) =>
        noteFacts(deps, look, document, memory),
      );
  }
}

/** Keeps what a connection is for, and has the workflows that name it looked at; not from a read that lags behind. */
async function noteFacts(
  deps: EngineDeps,
  look: Look,
  document: JsonObject,
  memory: ResourceMemory,
): Promise<void> {
  if (look.dryRun || isStale(document, memory.lastWriteAt, deps.now())) return;
  await saveFacts(deps, look.id, document, queueing(deps, look));
}

/** The id as the resource itself spells it: events and callers vary its case, and what is stored must not. */
export function spelledBy(document: JsonObject, id: ResourceId): ResourceId {
  const own = typeof document.id === 'string' ? tryParseResourceId(document.id) : null;
  return own?.key === id.key ? own : id;
}
