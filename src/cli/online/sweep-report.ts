import type { AuditRecord } from '../../types/record.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { counted, findingsReport, resourceReport } from '../output/report.js';
import type { Output } from '../output/terminal.js';
import type { SweepPlan } from './plan-sweep.js';
import type { Session } from './session.js';

/** What a sweep found, and what was made of it. */
export interface SweepOutcome extends Omit<SweepPlan, 'readers'> {
  /** The records of what was done; empty where it was only shown. */
  readonly made: readonly AuditRecord[];
  /** Of the plan, what stands as it did: all of it where it was only shown. */
  readonly left: readonly AuditRecord[];
  readonly isInterrupted: boolean;
}

export function sweepReport(outcome: SweepOutcome, { signedIn }: Session, out: Output): string {
  const { vaults, workflows, made, left, findings } = outcome;
  const who = signedIn.actor.name === null ? '' : ` as ${signedIn.actor.name}`;
  const seen = `Looked at ${counted(vaults, 'vault')} and ${counted(workflows, 'Logic App')}${who}.\n\n`;
  const byResource = [...Map.groupBy([...made, ...left], ({ resourceId }) => resourceId)];
  const resources = byResource.map(([resourceId, parts]) => resourceReport(out, resourceId, parts)).join('');
  const open = findingsReport(out, findings);
  return `${seen}${resources}${open === '' ? '' : `${open}\n`}${summary(outcome)}\n`;
}

function summary({ made, left, findings }: SweepOutcome): string {
  const open = `${counted(findings.length, 'finding')} for a person to put right`;
  if (made.length > 0) {
    const applied = made.filter(({ outcome }) => outcome === 'applied').length;
    const others = made.length - applied + left.length;
    const asOf = findings.length > 0 ? ', as it was before: holdfast sweep shows what is left of that' : '';
    return `${counted(applied, 'change')} made${others > 0 ? `, ${others} not` : ''}; ${open}${asOf}. holdfast audit has the records.`;
  }
  const planned = left.filter(({ outcome }) => outcome === 'planned').length;
  if (planned === 0) return `Nothing to change; ${open}.`;
  return `${counted(planned, 'change')} would be made, and none was; ${open}. holdfast fix ID makes those of one resource, holdfast sweep --enforce all.`;
}

export function sweepJson(outcome: SweepOutcome, { signedIn }: Session): object {
  const { vaults, workflows, records, made, left, findings, problems, isInterrupted } = outcome;
  return {
    signedInAs: signedIn.actor,
    vaults,
    workflows,
    planned: records,
    made,
    left,
    findings,
    problems,
    isInterrupted,
  };
}

/** What could not be looked at is told before what was found. */
export function sweepExit({
  made,
  left,
  findings,
  problems,
  obstacle,
  isInterrupted,
}: SweepOutcome): ExitCode {
  if (isInterrupted) return EXIT.interrupted;
  if (problems.length > 0) return obstacle?.exitCode ?? EXIT.failed;
  if (made.some(({ outcome }) => outcome === 'failed')) return obstacle?.exitCode ?? EXIT.failed;
  const undone = [...made.filter(({ outcome }) => outcome !== 'applied'), ...left];
  const isOpen = undone.some(({ outcome }) => outcome !== 'exempt');
  return isOpen || findings.length > 0 ? EXIT.found : EXIT.ok;
}
