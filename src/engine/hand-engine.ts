import type { Actor } from '../types/record.js';
import type { ResourceId } from '../types/resource-id.js';
import type { AccessRequest } from '../vault/temporary-access.js';
import type { EngineDeps } from './engine-deps.js';
import { createLookNow, INLINE_BUDGET_MS } from './look/look-now.js';
import { createRunLook } from './look/run-look.js';
import { tracedLook } from './look/traced-look.js';
import { settlePending } from './settle/settle-pending.js';
import { markingWrites } from './sweep/marking-writes.js';
import { allowAccess, endAccess, type Accessing } from './temporary-access.js';
import { takeBack, type TakingBack } from './undo/take-back.js';

/**
 * What a person does with their own rights, by the same looks, records and checks as everything else. The app is never
 * given one: whoever steals a key of it must find nothing there that loosens anything.
 */
export interface HandEngine {
  /** Takes the change of a record back. */
  takeBack(recordId: string, dryRun: boolean): Promise<TakingBack>;
  /** Lets an address into a vault's firewall for a while. */
  allowAccess(vault: ResourceId, request: AccessRequest, dryRun: boolean): Promise<Accessing>;
  /** Takes out what was let in for a while, whether its time is up or not: one address, or all where it is null. */
  endAccess(vault: ResourceId, value: string | null, dryRun: boolean): Promise<Accessing>;
  /** Finds out at once what became of writes without an outcome: for who alone uses its state, and has just begun. */
  settle(): Promise<void>;
}

export function createHandEngine(given: EngineDeps & { readonly operator: Actor }): HandEngine {
  const { operator } = given;
  const deps = markingWrites(given);
  const lookNow = createLookNow(deps, tracedLook(createRunLook(deps)));
  return {
    takeBack: (recordId, dryRun) => takeBack(deps, lookNow, operator, recordId, dryRun),
    allowAccess: (vault, request, dryRun) => allowAccess(lookNow, operator, vault, request, dryRun),
    endAccess: (vault, value, dryRun) => endAccess(lookNow, operator, vault, value, dryRun),
    settle: () => settlePending(deps, AbortSignal.timeout(INLINE_BUDGET_MS), 0),
  };
}
