import { writeHazardsOf } from '../../workflow/write-hazards.js';
import type { Seen } from '../observe/observe.js';
import type { PlannedRemediation, ResourcePlan } from '../plan-resource.js';
import { versionEdit } from './version-edit.js';

/**
 * The plan with the version that is taken up named in one of its parts, so that it is written although nothing else
 * may be left to write; refused where the workflow as it was saved must not be written.
 */
export function planTakenUp(plan: ResourcePlan, { takenUp, observed }: Seen): ResourcePlan {
  if (takenUp === undefined || observed.kind !== 'workflow') return plan;
  const enforced = plan.remediations.filter(({ disposition }) => disposition === 'enforce');
  const bearer =
    enforced.find((one) => one.plan.edits.length > 0) ??
    plan.remediations.find(({ remediator }) => remediator === takenUp.remediator);
  if (bearer === undefined) return plan;
  const edit = versionEdit(takenUp.over, takenUp.version, takenUp.isSwitch);
  const { reasons, warnings } = writeHazardsOf(observed.workflow, observed.askedForByName);
  const named = (one: PlannedRemediation): PlannedRemediation => {
    if (one !== bearer) return one;
    if (reasons.length > 0) {
      const reason = `${reasons.join(' ')} The version ${takenUp.version} is not taken up again: restore it by hand.`;
      return { ...one, plan: { ...one.plan, refusals: [...one.plan.refusals, { reason, edits: [edit] }] } };
    }
    // What is not to be written by itself stays out of it: only the save comes back.
    const edits = one.disposition === 'enforce' ? one.plan.edits : [];
    const own = edits.length === 0 ? warnings : one.plan.warnings;
    const plan = { ...one.plan, edits: [edit, ...edits], warnings: [...own, NOT_HELD] };
    return { ...one, mode: 'enforce', disposition: 'enforce', plan };
  };
  return { ...plan, remediations: plan.remediations.map(named) };
}

/** Microsoft.Logic 2019-05-01, WorkflowVersion: what `SAVED` names, and the tags. */
const NOT_HELD =
  'Of a version the definition, the parameters, the state, the access control, the integration account and the tags are taken up: what the save changed beside them, such as the identity, is not.';
