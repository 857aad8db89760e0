import type { ResourceId } from '../types/resource-id.js';
import { ArmError } from './arm-error.js';
import type { EngineDeps } from './engine-deps.js';

/** Asks for a resource by name: a list that leaves it out proves nothing. False where Azure does not say. */
export async function isGone(
  { reader }: Pick<EngineDeps, 'reader'>,
  id: ResourceId,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await reader.read(id, signal);
    return false;
  } catch (error) {
    if (error instanceof ArmError) return error.details.kind === 'not-found';
    throw error;
  }
}
