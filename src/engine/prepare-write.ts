import type { ResourcePlan, PlannedRemediation } from './plan-resource.js';
import type { Seen } from './observe.js';
import type { WriteEvidence } from './ports.js';
import type { JsonObject } from '../types/json.js';
import { modifiedAt } from './modified-at.js';
import { evidenceDigest } from './record-digest.js';
import { vaultPatch } from './vault-patch.js';
import { LossyWriteError, workflowPut } from './workflow-put.js';

/** The one write that carries all of a plan's edits. */
export interface PreparedWrite {
  readonly body: string;
  readonly intended: JsonObject;
  readonly evidence: WriteEvidence;
}

export type PreparedPlan = ResourcePlan & { readonly write: PreparedWrite | null };

/**
 * Puts the edits to be enforced into the body of one write; null where there are none. Where they cannot be
 * written without touching something else, they are refused instead.
 */
export function prepareWrite(plan: ResourcePlan, seen: Seen): PreparedPlan {
  const edits = plan.remediations.flatMap(({ disposition, plan: { edits } }) =>
    disposition === 'enforce' ? edits : [],
  );
  if (edits.length === 0) return { ...plan, write: null };
  const kind = seen.observed.kind;
  const evidence = { digest: evidenceDigest(kind, plan.intended), basedOn: modifiedAt(seen.document) };
  try {
    const body = kind === 'vault' ? vaultPatch(seen.document, plan.intended) : workflowPut(seen.text, edits);
    return {
      ...plan,
      write: { body, intended: plan.intended, evidence },
    };
  } catch (error) {
    if (!(error instanceof LossyWriteError)) throw error;
    return {
      ...plan,
      remediations: plan.remediations.map((one) => refused(one, error.message)),
      write: null,
    };
  }
}

function refused(remediation: PlannedRemediation, reason: string): PlannedRemediation {
  const { plan, disposition } = remediation;
  if (disposition !== 'enforce' || plan.edits.length === 0) return remediation;
  return {
    ...remediation,
    plan: { ...plan, edits: [], refusals: [...plan.refusals, { reason, edits: plan.edits }] },
  };
}
