import { applyEdits } from '../types/apply-edits.js';
import type { Edit } from '../types/edit.js';
import type { JsonObject } from '../types/json.js';
import { VNET_RULES_PATH } from '../vault/network-rules.js';
import type { PlannedRemediation, ResourcePlan } from './plan-resource.js';

/**
 * What Azure may refuse by itself (a subnet that is gone or that may not be joined, a policy against purge
 * protection), while the vault could be shut without it.
 */
function isSeparable(remediation: PlannedRemediation, edit: Edit): boolean {
  return remediation.remediator === 'vault-purge-protection' || edit.path === VNET_RULES_PATH;
}

/**
 * A vault's plan without what may have made Azure refuse the whole write; that part is refused instead. Null where
 * nothing would be left, or nothing would be taken out.
 */
export function reducePlan(plan: ResourcePlan, document: JsonObject): ResourcePlan | null {
  const edits = plan.remediations.flatMap((one) =>
    one.disposition === 'enforce'
      ? one.plan.edits.map((edit) => ({ edit, isOut: isSeparable(one, edit) }))
      : [],
  );
  const kept = edits.filter(({ isOut }) => !isOut).map(({ edit }) => edit);
  if (kept.length === 0 || kept.length === edits.length) return null;
  return {
    ...plan,
    remediations: plan.remediations.map(withoutSeparable),
    intended: applyEdits(document, kept),
  };
}

function withoutSeparable(remediation: PlannedRemediation): PlannedRemediation {
  const { plan, disposition } = remediation;
  const out = plan.edits.filter((edit) => isSeparable(remediation, edit));
  if (disposition !== 'enforce' || out.length === 0) return remediation;
  const edits = plan.edits.filter((edit) => !out.includes(edit));
  const reason = 'Azure refused a write that held this; the rest was written without it.';
  return { ...remediation, plan: { ...plan, edits, refusals: [...plan.refusals, { reason, edits: out }] } };
}
