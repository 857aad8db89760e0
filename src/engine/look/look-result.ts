import type { AuditRecord } from '../../types/record.js';
import { warningsOf, type Draft } from '../record/draft-records.js';
import { worstOutcome, type LookResult, type Obstacle, type Outcome, type Remediation } from './look.js';
import type { ResourcePlan } from '../plan-resource.js';
import type { KnownDraft } from '../record/record-memory.js';

type Part = Draft | AuditRecord;

/**
 * What came of a look: each remediator that was asked, once for every part it recorded; compliant where it has
 * none. `known` are the parts that were recorded before, in the same words.
 */
export function toLookResult(
  plan: ResourcePlan,
  parts: readonly Part[],
  known: readonly KnownDraft[],
  obstacle: Obstacle | null,
): LookResult {
  const all = [
    ...parts.map((part) => toRemediation(part, 'id' in part ? part.id : null)),
    ...known.map(({ draft, recordId }) => toRemediation(draft, recordId)),
  ];
  const remediations = plan.remediations.flatMap((planned): readonly Remediation[] => {
    if (planned.disposition === 'watch') return [];
    const own = all.filter(({ remediator }) => remediator === planned.remediator);
    if (own.length > 0) return own;
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

function toRemediation(part: Part, recordId: string | null): Remediation {
  const { remediator, edits, warnings, error } = part;
  return { remediator, outcome: outcomeOf(part), edits, warnings, error, recordId };
}

/** A part still pending when it is reported was recorded as an intent, and its outcome is not known. */
function outcomeOf(part: Part): Outcome {
  return part.outcome === 'pending' ? 'failed' : part.outcome;
}
