import type { ResourceId } from '../types/resource-id.js';
import { ArmError } from './arm-error.js';
import type { EngineDeps } from './engine-deps.js';
import { lostSaveAmong, type LostSaveFound, type VersionMark } from './lost-save.js';
import { sleep } from './sleep.js';

export type LostSaveAnswer =
  | Exclude<LostSaveFound, { kind: 'unseen' }>
  /** The version history cannot be read, or does not show the write. */
  | { readonly kind: 'unknown'; readonly why: string };

/** A list lags behind a write by seconds. */
const READ_AGAIN_MS = [0, 500, 1500] as const;
/** The lease does not wait for a read that hangs. */
const TIMEOUT_MS = 4000;

/**
 * Whether a workflow's PUT went over a version that somebody saved in between: ARM has no ETag for workflows, so only
 * the version history tells. `own` is Holdfast's version, null where only its `digest` is known.
 */
export async function findLostSave(
  { reader }: Pick<EngineDeps, 'reader'>,
  id: ResourceId,
  base: VersionMark,
  own: VersionMark | null,
  digest: string,
): Promise<LostSaveAnswer> {
  if (base.changedTime === null || own?.version === null)
    return { kind: 'unknown', why: 'Azure does not say which version it is.' };
  try {
    for (const delayMs of READ_AGAIN_MS) {
      await sleep(delayMs, new AbortController().signal);
      const versions = await reader.listWorkflowVersions(id, AbortSignal.timeout(TIMEOUT_MS));
      const found = lostSaveAmong(versions, base, own, digest);
      if (found.kind !== 'unseen') return found;
    }
    return { kind: 'unknown', why: 'Azure’s version history does not show Holdfast’s write.' };
  } catch (error) {
    if (error instanceof ArmError) return { kind: 'unknown', why: error.message };
    throw error;
  }
}
