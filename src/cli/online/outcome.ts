import type { LookResult } from '../../engine/look/look.js';
import { CommandError, EXIT, type ExitCode } from '../exit-code.js';
import type { Part } from '../output/report.js';
import type { Encounters } from './encounters.js';

/** What came of one resource. */
export interface Fixed {
  readonly resourceId: string;
  readonly dryRun: boolean;
  /** Of the whole: the worst of its parts. */
  readonly outcome: string;
  readonly remediations: readonly Part[];
}

/** Throws {@link CommandError} where the resource could not be read, for one reason that concerns all of it. */
export function outcomeOfLook(
  { outcome, remediations, obstacle }: Extract<LookResult, { kind: 'done' }>,
  resourceId: string,
  dryRun: boolean,
  encounters: Encounters,
): Fixed {
  const isUnread = remediations.every(({ edits, error }) => edits.length === 0 && error !== null);
  const met = outcome === 'failed' && isUnread ? encounters.obstacle() : null;
  if (met !== null) throw new CommandError(`${obstacle?.why ?? ''} ${met.message}`.trim(), met.exitCode);
  return { resourceId, dryRun, outcome, remediations };
}

const EXITS: Readonly<Record<string, ExitCode>> = {
  compliant: EXIT.ok,
  exempt: EXIT.ok,
  applied: EXIT.ok,
};

/** A change that failed, failed for want of a right where Azure's answers say so. */
export function exitOfOutcome(outcome: string, encounters: Encounters): ExitCode {
  if (outcome === 'failed') return encounters.obstacle()?.exitCode ?? EXIT.failed;
  return EXITS[outcome] ?? EXIT.found;
}
