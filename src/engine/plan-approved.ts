import { isSameJson } from '../types/apply-edits.js';
import type { Edit } from '../types/edit.js';
import type { RemediatorId } from '../types/remediator-id.js';
import type { ResourcePlan } from './plan-resource.js';
import type { Policy } from './policy.js';

/** What somebody has approved: the edits that a `planned` record showed. */
export interface Approval {
  readonly remediator: RemediatorId;
  readonly edits: readonly Edit[];
}

/**
 * The plan of now with that to be written of it which was approved. Where each edit only adds something, those that are
 * new stay planned; where the edits belong together (something is set or taken out, too), one that nobody has seen keeps
 * all of them from being written: without it the others may shut somebody out.
 */
export function planApproved(
  { remediator, edits: approved }: Approval,
  policy: Policy,
  planWith: (policy: Policy) => ResourcePlan,
): ResourcePlan {
  const isWaiting = policy.modeOf(remediator) === 'approve';
  const modeOf: Policy['modeOf'] = (id) => (id === remediator && isWaiting ? 'enforce' : policy.modeOf(id));
  const plan = planWith({ ...policy, modeOf });
  const edits = plan.remediations.flatMap((one) => (one.disposition === 'enforce' ? one.plan.edits : []));
  const seen = edits.filter((edit) => isAmong(edit, approved));
  const isSeparable = edits.every(({ op }) => op === 'add');
  if (seen.length === 0 || (seen.length < edits.length && !isSeparable)) return planWith(policy);
  if (seen.length === edits.length) return plan;
  const remediations = plan.remediations.map((one) =>
    one.disposition === 'enforce' ? { ...one, plan: { ...one.plan, edits: seen } } : one,
  );
  return { ...plan, remediations };
}

/** Whether the same change stands in a list; why it is made may be said otherwise. */
export function isAmong(edit: Edit, others: readonly Edit[]): boolean {
  return others.some(
    ({ op, path, before, after }) =>
      op === edit.op &&
      path === edit.path &&
      isSameJson(before, edit.before) &&
      isSameJson(after, edit.after),
  );
}
