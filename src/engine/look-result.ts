import type { AuditRecord } from '../types/record.js';
import { warningsOf, type Draft } from './draft-records.js';
import { worstOutcome, type LookResult, type Outcome, type Remediation } from './look.js';
import type { ResourcePlan } from './plan-resource.js';

type Part = Draft | AuditRecord;

/** What a look would do, with nothing recorded. */
export function previewLook(plan: ResourcePlan, drafts: readonly Draft[]): LookResult {
  return toLookResult(plan, drafts, null);
}

/**
 * What came of a look: each remediator that was asked, once for every part it recorded; compliant where it has
 * none. A part without an id was recorded before, in the same words.
 */
export function toLookResult(
  plan: ResourcePlan,
  parts: readonly Part[],
  obstacle: 'locked' | 'failed' | null,
): LookResult {
  const remediations = plan.remediations.flatMap((planned): readonly Remediation[] => {
    const own = parts.filter((part) => part.remediator === planned.remediator);
    if (own.length > 0) return own.map(toRemediation);
    const warnings = warningsOf(planned, plan.findings);
    return [
      {
        remediator: planned.remediator,
        outcome: 'compliant',
        edits: [],
        warnings,
        error: null,
        recordId: null,
      },
    ];
  });
  return {
    kind: 'done',
    outcome: worstOutcome(remediations.map(({ outcome }) => outcome)),
    remediations,
    obstacle,
  };
}

function toRemediation(part: Part): Remediation {
  const { remediator, edits, warnings, error } = part;
  return {
    remediator,
    outcome: outcomeOf(part),
    edits,
    warnings,
    error,
    recordId: 'id' in part ? part.id : null,
  };
}

/** A part still pending when it is reported was recorded as an intent, and its outcome is not known. */
function outcomeOf(part: Part): Outcome {
  return part.outcome === 'pending' ? 'failed' : part.outcome;
}
