import type { Edit } from '../../types/edit.js';
import { isJsonObject, type Json, type JsonObject } from '../../types/json.js';
import { applyEdits } from '../../types/apply-edits.js';
import { propertiesOf } from '../../types/observation.js';
import { markOf } from '../lost-save/lost-save.js';
import { isOlderThan, modifiedAt } from '../look/modified-at.js';
import type { Seen } from '../observe/observe.js';
import type { PlannedRemediation, ResourcePlan } from '../plan-resource.js';
import type { WriteEvidence } from '../ports/audit-log.js';
import { evidenceDigest } from '../record/record-digest.js';
import { vaultPatch } from './vault-patch.js';
import { isVersionEdit } from '../lost-save/version-edit.js';
import { LossyWriteError, workflowPut } from './workflow-put.js';
import { targetOf, type WriteTarget } from './write-target.js';

/** One write, with the edits that it carries. */
export interface PreparedWrite {
  readonly target: WriteTarget;
  readonly body: string;
  /** The resource as it was planned from. */
  readonly before: JsonObject;
  readonly intended: JsonObject;
  readonly evidence: WriteEvidence;
}

export type PreparedPlan = ResourcePlan & { readonly write: PreparedWrite | null };

/**
 * Puts the edits to be enforced, which have one target, into the body of one write; null where there are none. Where
 * they cannot be written without touching something else, they are refused instead.
 */
export function prepareWrite(plan: ResourcePlan, seen: Seen): PreparedPlan {
  const edits = plan.remediations.flatMap(({ disposition, plan: { edits } }) =>
    disposition === 'enforce' ? edits : [],
  );
  const [first] = edits;
  if (first === undefined) return { ...plan, write: null };
  const kind = seen.observed.kind;
  const target = targetOf(kind, first);
  const before = seen.document;
  const placed = edits.filter((edit) => !isVersionEdit(edit));
  const intended = applyEdits(before, placed);
  const evidence = {
    digest: evidenceDigest(kind, intended),
    basedOn: basedOn(seen),
    ...(kind === 'workflow' ? { version: markOf(before).version, state: stateIn(intended) } : {}),
  };
  try {
    const body = bodyOf(target, seen, intended, placed);
    return { ...plan, write: { target, body, before, intended, evidence } };
  } catch (error) {
    if (!(error instanceof LossyWriteError)) throw error;
    return {
      ...plan,
      remediations: plan.remediations.map((one) => refused(one, error.message)),
      write: null,
    };
  }
}

function stateIn(workflow: JsonObject): string | null {
  const { state } = propertiesOf(workflow);
  return typeof state === 'string' ? state : null;
}

/** A read may be older than what Holdfast has written: then that is what the write comes after. */
function basedOn({ document, memory }: Seen): string | null {
  const at = modifiedAt(document);
  return isOlderThan(document, memory.lastWriteAt) ? memory.lastWriteAt : at;
}

function bodyOf(target: WriteTarget, seen: Seen, intended: JsonObject, edits: readonly Edit[]): string {
  switch (target.kind) {
    case 'resource':
      return seen.observed.kind === 'vault'
        ? vaultPatch(seen.document, intended)
        : workflowPut(seen.text, edits);
    case 'access-policy':
      return JSON.stringify({ properties: { accessPolicies: addedTo(edits) } });
    case 'diagnostic-setting':
    case 'connection':
      return JSON.stringify(edits.at(-1)?.after);
    case 'recovery':
      return recoveryOf(seen.document);
  }
}

/** The entries as they are to be; a principal that is to hold nothing is not written here. */
function addedTo(edits: readonly Edit[]): readonly Json[] {
  const added = edits.flatMap((edit) => (edit.op === 'add' ? [edit.after] : []));
  if (added.length === 1) return added;
  throw new LossyWriteError('An access policy is replaced by exactly one other; it was left alone.');
}

/**
 * A recovered vault has all it had. What else is sent is not applied, but ARM asks for a SKU (as `az keyvault recover`
 * sends one, and the tenant, which is the writer's to know).
 */
function recoveryOf(deletedVault: JsonObject): string {
  const { location, tags } = propertiesOf(deletedVault);
  const properties = { createMode: 'recover', sku: { family: 'A', name: 'standard' } };
  return JSON.stringify({ location, ...(isJsonObject(tags) ? { tags } : {}), properties });
}

function refused(remediation: PlannedRemediation, reason: string): PlannedRemediation {
  const { plan, disposition } = remediation;
  if (disposition !== 'enforce' || plan.edits.length === 0) return remediation;
  return {
    ...remediation,
    plan: { ...plan, edits: [], refusals: [...plan.refusals, { reason, edits: plan.edits }] },
  };
}
