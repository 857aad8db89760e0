import type { Plan } from '../remediators/remediator.js';
import type { JsonObject } from '../types/json.js';
import type { RemediatorId } from '../types/remediator-id.js';
import type { Observed, ResourcePlan } from './plan-resource.js';
import type { ResourceMemory } from './ports/memory.js';

/** What is to be done about a resource, and what is to be remembered before it is. */
export interface HandDecision {
  readonly plan: Plan;
  /** The same object where nothing is to be. */
  readonly memory: ResourceMemory;
}

/**
 * A change that a person makes with their own rights, in place of what the remediators plan: decided anew from whatever is
 * read. It stands in the records under the remediator that it concerns, and does not travel in queue messages.
 */
export interface HandChange {
  readonly remediator: RemediatorId;
  readonly decide: (
    observed: Observed,
    document: JsonObject,
    memory: ResourceMemory,
    now: Date,
  ) => HandDecision;
}

/** The plan of such a change: it alone is written, whatever the settings and exemptions say of the remediator. */
export function handPlan({ remediator }: HandChange, plan: Plan): ResourcePlan {
  return { remediations: [{ remediator, mode: 'enforce', disposition: 'enforce', plan }], findings: [] };
}
