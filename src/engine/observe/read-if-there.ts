import type { ResourceId } from '../../types/resource-id.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import type { ArmDocument } from '../ports/arm.js';

/** Null where Azure has no such resource. Throws `ArmError` where it does not say. */
export async function readIfThere(
  { reader }: Pick<EngineDeps, 'reader'>,
  id: ResourceId,
  signal: AbortSignal,
): Promise<ArmDocument | null> {
  try {
    return await reader.read(id, signal);
  } catch (error) {
    if (error instanceof ArmError && error.details.kind === 'not-found') return null;
    throw error;
  }
}
