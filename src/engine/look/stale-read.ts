import type { ResourceId } from '../../types/resource-id.js';
import { ArmError } from '../arm-error.js';

/** ARM's reads and lists lag behind its writes by seconds: so long a look waits before it reads again, and again. */
export const READ_AGAIN_MS = [500, 1500] as const;
/** And so long where it leaves that to the queue. */
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
