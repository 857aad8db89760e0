import type { Edit } from '../../types/edit.js';
import { getIgnoringCase, type Json } from '../../types/json.js';
import type { Observation } from '../../types/observation.js';
import type { PlannedRemediation, ResourcePlan } from '../plan-resource.js';

/** What one write is made to: most of a resource at once, or a part that ARM lets be written only by itself. */
export type WriteTarget =
  /** PATCH of a vault, PUT of a workflow. */
  | { readonly kind: 'resource' }
  /** `accessPolicies/replace` of one principal: a PATCH would replace everybody's. */
  | { readonly kind: 'access-policy'; readonly principal: string }
  | { readonly kind: 'diagnostic-setting'; readonly name: string }
  /** PUT of a deleted vault with `createMode: recover`. */
  | { readonly kind: 'recovery' }
  /** PUT of a connection beside the one that was looked at. */
  | { readonly kind: 'connection'; readonly name: string };

export const ACCESS_POLICIES = '/properties/accessPolicies';
export const DIAGNOSTIC_SETTINGS = '/diagnosticSettings/';
const CONNECTIONS = '/connections/';

/** Where an edit is written to. */
export function targetOf(kind: Observation['kind'], edit: Edit): WriteTarget {
  if (kind === 'deleted-vault') return { kind: 'recovery' };
  if (kind === 'connection') return { kind: 'connection', name: edit.path.slice(CONNECTIONS.length) };
  if (edit.path === ACCESS_POLICIES) {
    return { kind: 'access-policy', principal: principalOf(edit.after ?? edit.before) };
  }
  if (edit.path.startsWith(DIAGNOSTIC_SETTINGS)) {
    return { kind: 'diagnostic-setting', name: edit.path.slice(DIAGNOSTIC_SETTINGS.length) };
  }
  return { kind: 'resource' };
}

/** A policy entry is for a tenant's principal, perhaps through an application. */
function principalOf(entry: Json): string {
  const keys = ['tenantId', 'objectId', 'applicationId'];
  return JSON.stringify(keys.map((key) => getIgnoringCase(entry, key) ?? null)).toLowerCase();
}

const ORDER: readonly WriteTarget['kind'][] = [
  'recovery',
  'resource',
  'access-policy',
  'diagnostic-setting',
  'connection',
];

export const nameOfTarget = (target: WriteTarget): string => JSON.stringify(target);

/** The targets of a plan's edits that are to be written, in the order in which they are. */
export function targetsOf(kind: Observation['kind'], plan: ResourcePlan): readonly WriteTarget[] {
  const targets = new Map<string, WriteTarget>();
  for (const { disposition, plan: own } of plan.remediations) {
    if (disposition !== 'enforce') continue;
    for (const edit of own.edits) {
      const target = targetOf(kind, edit);
      targets.set(nameOfTarget(target), target);
    }
  }
  return [...targets.values()].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** The plan with only those edits to be written that one write carries; what is not to be written stays. */
export function restrictPlan(
  kind: Observation['kind'],
  plan: ResourcePlan,
  target: WriteTarget | null,
): ResourcePlan {
  const wanted = target === null ? null : nameOfTarget(target);
  const restrict = (one: PlannedRemediation): PlannedRemediation => {
    if (one.disposition !== 'enforce') return one;
    const edits = one.plan.edits.filter((edit) => nameOfTarget(targetOf(kind, edit)) === wanted);
    return edits.length === one.plan.edits.length ? one : { ...one, plan: { ...one.plan, edits } };
  };
  return { ...plan, remediations: plan.remediations.map(restrict) };
}
