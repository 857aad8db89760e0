import { isInScope } from '../../types/scope.js';
import type { EngineDeps } from '../engine-deps.js';
import type { Look, LookResult } from './look.js';
import type { TracedLook } from './traced-look.js';

/** A look that somebody waits for. */
export type LookNow = (look: Look, begin?: () => Look) => Promise<LookResult | 'out-of-scope'>;

/** Reading and waiting, for the ways into the engine that somebody waits for. */
export const INLINE_BUDGET_MS = 18_000;

export function createLookNow({ policy }: Pick<EngineDeps, 'policy'>, runLook: TracedLook): LookNow {
  return async (look, begin) => {
    if (!isInScope(look.id, policy.scopes)) return 'out-of-scope';
    const options = {
      signal: AbortSignal.timeout(INLINE_BUDGET_MS),
      confirmReleases: look.trigger !== 'event' && !look.dryRun,
    };
    return runLook(look, options, begin);
  };
}
