import type { Edit } from '../../types/edit.js';
import { VNET_RULES_PATH } from '../../vault/network-rules.js';
import type { PlannedRemediation, ResourcePlan } from '../plan-resource.js';

/**
 * What Azure may refuse by itself, while the vault could be shut without it: first purge protection, which a policy may
 * forbid, and only then the virtual network rules too, which whoever calls from there would miss.
 */
type Step = (remediation: PlannedRemediation, edit: Edit) => boolean;
const withoutPurge: Step = ({ remediator }) => remediator === 'vault-purge-protection';
const withoutBoth: Step = (one, edit) => withoutPurge(one, edit) || edit.path === VNET_RULES_PATH;
const STEPS: readonly Step[] = [withoutPurge, withoutBoth];

/**
 * A vault's plan without what may have made Azure reject the whole write, by the first step from `from` on that takes
 * something out and leaves something; what is taken out is refused instead. Null where no step is left.
 */
export function reducePlan(
  plan: ResourcePlan,
  from: number,
): { readonly plan: ResourcePlan; readonly steps: number } | null {
  for (const [i, step] of STEPS.entries()) {
    if (i < from) continue;
    // It takes out no more than the last one did, which Azure has refused.
    if (from > 0 && countOut(step, plan) === countOut(STEPS[from - 1], plan)) continue;
    const reduced = reduceBy(step, plan);
    if (reduced !== null) return { plan: reduced, steps: i + 1 };
  }
  return null;
}

function countOut(step: Step | undefined, { remediations }: ResourcePlan): number {
  if (step === undefined) return 0;
  const written = remediations.filter(({ disposition }) => disposition === 'enforce');
  return written.flatMap((one) => one.plan.edits.filter((edit) => step(one, edit))).length;
}

function reduceBy(isOut: Step, plan: ResourcePlan): ResourcePlan | null {
  const out = countOut(isOut, plan);
  if (out === 0 || out === countOut(() => true, plan)) return null;
  return { ...plan, remediations: plan.remediations.map((one) => without(isOut, one)) };
}

function without(isOut: Step, remediation: PlannedRemediation): PlannedRemediation {
  const { plan, disposition } = remediation;
  const out = plan.edits.filter((edit) => isOut(remediation, edit));
  if (disposition !== 'enforce' || out.length === 0) return remediation;
  const edits = plan.edits.filter((edit) => !out.includes(edit));
  const reason = 'Azure refused a write that held this; the rest was tried without it.';
  return { ...remediation, plan: { ...plan, edits, refusals: [...plan.refusals, { reason, edits: out }] } };
}
