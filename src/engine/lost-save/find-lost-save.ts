import type { ResourceId } from '../../types/resource-id.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import { lostSaveAmong, type LostSaveFound } from './lost-save.js';
import { READ_AGAIN_MS } from '../look/stale-read.js';
import { sleep } from '../sleep.js';
import type { WorkflowWrite } from './unread-history.js';

export type LostSaveAnswer =
  | Exclude<LostSaveFound, { kind: 'unseen' }>
  /** The version history cannot be read, or does not show the write; `passing` is why, where that may pass. */
  | { readonly kind: 'unknown'; readonly why: string; readonly passing: ArmError | null };

/** After this it may have passed. */
const READ_LATER_MS = 60_000;
/** The lease does not wait for a read that hangs. */
const TIMEOUT_MS = 4000;

/**
 * Whether a workflow's PUT went over a version that somebody saved in between: ARM has no ETag for workflows, so only
 * the version history tells.
 */
export async function findLostSave(
  { reader }: Pick<EngineDeps, 'reader'>,
  id: ResourceId,
  write: Pick<WorkflowWrite, 'base' | 'own' | 'digest' | 'state'>,
): Promise<LostSaveAnswer> {
  if (write.base.changedTime === null || write.own?.version === null)
    return { kind: 'unknown', why: 'Azure does not say which version it is.', passing: null };
  try {
    for (const delayMs of [0, ...READ_AGAIN_MS]) {
      await sleep(delayMs, new AbortController().signal);
      const versions = await reader.listWorkflowVersions(id, AbortSignal.timeout(TIMEOUT_MS));
      const found = lostSaveAmong(versions, write);
      if (found.kind !== 'unseen') return found;
    }
    return unknown(
      new ArmError('Azure’s version history does not show Holdfast’s write.', {
        kind: 'unavailable',
        status: null,
        code: null,
        retryAfterMs: null,
        armRequestId: null,
      }),
    );
  } catch (error) {
    if (error instanceof ArmError) return unknown(error);
    throw error;
  }
}

/** There is nothing in the question that Azure could take offence at: a 400, too, may pass. */
function unknown({ message, details }: ArmError): LostSaveAnswer {
  const isPassing = ['throttled', 'unavailable', 'rejected'].includes(details.kind);
  const kind = details.kind === 'rejected' ? 'unavailable' : details.kind;
  const later = { ...details, kind, retryAfterMs: details.retryAfterMs ?? READ_LATER_MS };
  return { kind: 'unknown', why: message, passing: isPassing ? new ArmError(message, later) : null };
}
