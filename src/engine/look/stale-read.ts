import type { ResourceId } from '../../types/resource-id.js';
import { ArmError } from '../arm-error.js';

/** ARM's reads lag behind its writes by seconds. */
const STALE_RETRY_MS = 3000;

/** What was read is older than what is known of the resource: another read, later, shows more. */
export function staleRead({ id }: ResourceId, than: string): ArmError {
  return new ArmError(`Azure still shows ${id} as it was before ${than}.`, {
    kind: 'unavailable',
    status: null,
    code: null,
    retryAfterMs: STALE_RETRY_MS,
    armRequestId: null,
  });
}
