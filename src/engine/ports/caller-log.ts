import type { RecentCaller } from '../../types/observation.js';
import type { ResourceId } from '../../types/resource-id.js';

/** Who called a vault, by its audit log; null where the log cannot be asked. */
export interface CallerLog {
  callersOf(vault: ResourceId, signal?: AbortSignal): Promise<readonly RecentCaller[] | null>;
}
