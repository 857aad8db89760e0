import { planResource, type Observed, type ResourcePlan } from '../engine/plan-resource.js';
import type { Policy } from '../engine/policy.js';
import { PLANNED } from './rules.js';

/** Everything that a file can tell is planned as if it were to be written; nothing is exempt but by its own tag. */
const POLICY: Policy = {
  scopes: [],
  modeOf: (id) => (PLANNED.has(id) ? 'enforce' : 'off'),
  exemptions: () => new Set(),
  ipRetireAfterMs: 0,
  maxChanges: { kind: 'count', count: 0 },
  contestedAfter: Number.MAX_SAFE_INTEGER,
  keepPrincipals: new Set(),
  logWorkspace: null,
};

/** What the engine plans for a resource as a file has it. */
export function planSubject(observed: Observed, now: Date): ResourcePlan {
  return planResource(observed, POLICY, null, now);
}
