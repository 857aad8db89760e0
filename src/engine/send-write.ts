import type { JsonObject } from '../types/json.js';
import type { ResourceId } from '../types/resource-id.js';
import { ArmError } from './arm-error.js';
import type { EngineDeps } from './engine-deps.js';
import type { OpenWrite } from './open-write.js';
import type { PreparedWrite } from './prepare-write.js';
import { unconfirmedEdits } from './verify-edits.js';

export type WriteAttempt =
  /** Azure's answer shows every edit. */
  | { readonly kind: 'confirmed'; readonly document: JsonObject; readonly armRequestId: string | null }
  /** Azure will not take it; repeating it changes nothing. */
  | {
      readonly kind: 'blocked';
      readonly outcome: 'refused' | 'failed';
      readonly obstacle: 'locked' | 'failed';
      readonly why: string;
      readonly armRequestId: string | null;
      /** Azure may have taken the write without some part of it. */
      readonly isDivisible: boolean;
    }
  /** It may or may not have been carried out, unless it was turned down: look again before anything else. */
  | {
      readonly kind: 'retry';
      readonly retryAfterMs: number;
      readonly why: string;
      readonly isTurnedDown: boolean;
      readonly isUnsure: boolean;
    };

/** Sends the write, once, and checks its answer edit by edit. */
export async function sendWrite(
  deps: Pick<EngineDeps, 'writer'>,
  id: ResourceId,
  write: PreparedWrite,
  open: OpenWrite,
): Promise<WriteAttempt> {
  try {
    const { document, armRequestId } =
      id.kind === 'vault'
        ? await deps.writer.patchVault(id, write.body, open.trail.writeId)
        : await deps.writer.putWorkflow(id, write.body, open.trail.writeId);
    const missing = unconfirmedEdits(
      document,
      open.records.flatMap((record) => record.edits),
      write.intended,
    );
    if (missing.length === 0) return { kind: 'confirmed', document, armRequestId };
    const places = [...new Set(missing.map((edit) => edit.path))].join(', ');
    const why = `Azure accepted the write, but its answer does not show the change at ${places}.`;
    return { kind: 'blocked', outcome: 'failed', obstacle: 'failed', why, armRequestId, isDivisible: false };
  } catch (error) {
    if (error instanceof ArmError) return afterError(error);
    throw error;
  }
}

function afterError(error: ArmError): WriteAttempt {
  const { kind, code, armRequestId, retryAfterMs } = error.details;
  const why = error.message;
  switch (kind) {
    case 'locked':
      return {
        kind: 'blocked',
        outcome: 'refused',
        obstacle: 'locked',
        why,
        armRequestId,
        isDivisible: false,
      };
    case 'unauthorized':
    case 'rejected': {
      const isDivisible = kind === 'rejected' || code === 'LinkedAuthorizationFailed';
      return { kind: 'blocked', outcome: 'failed', obstacle: 'failed', why, armRequestId, isDivisible };
    }
    case 'not-found':
    case 'throttled':
    case 'conflict':
    case 'unavailable':
      return {
        kind: 'retry',
        retryAfterMs: retryAfterMs ?? 0,
        why,
        isTurnedDown: kind === 'throttled',
        isUnsure: kind === 'unavailable',
      };
  }
}
