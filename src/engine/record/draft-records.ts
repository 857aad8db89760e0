import type { AuditRecord, RecordOutcome } from '../../types/record.js';
import type { Edit } from '../../types/edit.js';
import type { RemediatorId } from '../../types/remediator-id.js';
import type { Finding } from '../../remediators/remediator.js';
import { contestedWarnings } from '../contested/contested-texts.js';
import type { PausedEdits } from '../contested/hold-contested.js';
import type { Look } from '../look/look.js';
import type { PlannedRemediation, ResourcePlan } from '../plan-resource.js';

/** A record before it has an id, a time and a write. */
export type Draft = Pick<AuditRecord, 'remediator' | 'mode' | 'edits' | 'warnings' | 'error'> & {
  readonly outcome: Exclude<RecordOutcome, 'applied'>;
  /** Of a contested one. */
  readonly paused?: PausedEdits;
};

/**
 * What there is to record of a plan. `pending` drafts are the intents of the one write; the others are what
 * will not be written, and why. A remediator that has nothing to say has no draft.
 */
export function draftRecords(plan: ResourcePlan, look: Pick<Look, 'dryRun'>): readonly Draft[] {
  return plan.remediations.flatMap((remediation) => draftsOf(remediation, plan.findings, look.dryRun));
}

/** A finding as one warning: what is seen, and the step a person takes. */
export function findingText(finding: Finding): string {
  return `${finding.reason} ${finding.step}`;
}

/** Everything that whoever looks at a remediator's part should know, changed or not; nothing of it twice. */
export function warningsOf(remediation: PlannedRemediation, resource: readonly Finding[]): readonly string[] {
  const { warnings, findings } = remediation.plan;
  const own = warnings.filter((warning) => !findings.some(({ reason }) => reason === warning));
  return [...own, ...[...findings, ...resource].map(findingText)];
}

function draftsOf(
  remediation: PlannedRemediation,
  resource: readonly Finding[],
  dryRun: boolean,
): readonly Draft[] {
  const { plan, disposition, remediator, mode, paused = [] } = remediation;
  const warnings = warningsOf(remediation, resource);
  const draft = (outcome: Draft['outcome'], edits: readonly Edit[], error: string | null): Draft => ({
    remediator,
    mode,
    outcome,
    edits,
    warnings,
    error,
  });
  if (disposition === 'watch') return [];
  const wanted = [...plan.edits, ...plan.refusals.flatMap((refusal) => refusal.edits)];
  if (disposition === 'exempt') {
    return wanted.length > 0 || plan.refusals.length > 0 ? [draft('exempt', wanted, null)] : [];
  }
  if (disposition === 'off') {
    return wanted.length > 0 ? [draft('refused', wanted, turnedOff(remediator))] : [];
  }
  const outcome = disposition === 'audit' || dryRun ? 'planned' : 'pending';
  return [
    ...(plan.edits.length > 0 ? [draft(outcome, plan.edits, null)] : []),
    ...plan.refusals.map((refusal) => draft('refused', refusal.edits, refusal.reason)),
    ...paused.map((one) => ({
      ...draft('contested', one.edits, null),
      warnings: [...contestedWarnings(one), ...warnings],
      paused: one,
    })),
  ];
}

function turnedOff(remediator: RemediatorId): string {
  return `${remediator} is off; set it to audit or enforce in HOLDFAST_REMEDIATORS.`;
}
