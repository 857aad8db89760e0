import type { TakingBack } from '../../engine/undo/take-back.js';
import type { Undo } from '../../engine/undo/undo.js';
import { createAuditLog } from '../../state/audit-log.js';
import { visibly } from '../../log-line.js';
import { CommandError, EXIT, type ExitCode } from '../exit-code.js';
import { stopOnInterrupt } from '../interrupt.js';
import { confirm, demandConsent } from '../output/confirm.js';
import { indented, resourceReport } from '../output/report.js';
import type { Output, Terminal } from '../output/terminal.js';
import { openEngine, type LaptopEngine } from './open-engine.js';
import { exitOfOutcome, outcomeOfLook, type Fixed } from './outcome.js';
import type { WritingOptions } from './options.js';
import { sayLeftovers } from './leftovers.js';
import { ANY_SUBSCRIPTION } from './read-settings.js';
import { startSession } from './session.js';
import { nameOf } from './sign-in.js';

export interface UndoOptions extends WritingOptions {
  readonly dryRun?: boolean;
}

/** Takes the change of a record back with the caller's own rights, after showing it and asking. */
export async function undo(recordId: string, options: UndoOptions, terminal: Terminal): Promise<ExitCode> {
  const isDry = options.dryRun === true;
  if (!isDry)
    demandConsent(options.yes === true, 'holdfast undo', 'With --dry-run it shows what it would do.');
  // Whatever is in scope: the record says which resource it is.
  const session = await startSession(options, 'enforce', ANY_SUBSCRIPTION);
  const state = session.openState(isDry ? 'read' : 'write');
  try {
    const record = await createAuditLog(state.tables).find(recordId.toLowerCase());
    if (record === null) throw new CommandError(UNKNOWN, EXIT.usage);
    const { signedIn } = session;
    const settings = session.settingsFor(record.resourceId);
    await sayLeftovers(session, state, terminal, isDry ? 'tell' : 'take-out');
    const planning = openEngine(settings, signedIn, state, { access: 'plan' });
    const planned = told(await planning.hand.takeBack(recordId, true), isDry, planning);
    const isToWrite = planned.remediations.some(({ outcome }) => outcome === 'planned');
    if (isDry || !isToWrite) return tell(planned, planning, options, terminal);
    if (options.yes !== true) {
      terminal.err.write(undoReport(planned, terminal.err));
      if (!(await confirm(`Take it back as ${nameOf(signedIn)}?`, terminal.err))) return EXIT.found;
    }
    const stop = stopOnInterrupt(terminal.err);
    const writing = openEngine(settings, signedIn, state, { access: 'write', readers: planning.readers });
    const done = told(await writing.hand.takeBack(recordId, false), false, writing);
    const exit = tell(done, writing, options, terminal);
    return stop.aborted ? EXIT.interrupted : exit;
  } finally {
    state.close();
  }
}

const UNKNOWN =
  'There is no such record here: holdfast audit lists them, with --storage those of a deployed Holdfast.';

interface TakenBack extends Fixed {
  readonly undo: Undo;
}

/** Throws {@link CommandError} where nothing can be taken back. */
function told(taking: TakingBack, dryRun: boolean, { encounters }: LaptopEngine): TakenBack {
  switch (taking.kind) {
    case 'unknown':
      throw new CommandError(UNKNOWN, EXIT.usage);
    case 'not-applied':
      throw new CommandError(`The record is ${taking.outcome}. ${taking.why}`, EXIT.usage);
    case 'out-of-scope':
      throw new CommandError(
        `${taking.undo.resourceId} lies in none of the scopes: give --subscription, or set HOLDFAST_SCOPES otherwise.`,
        EXIT.usage,
      );
    case 'gone':
      throw new CommandError(`Azure has no ${taking.undo.resourceId} any more.`, EXIT.usage);
    case 'unavailable':
      throw encounters.obstacle() ?? new CommandError(`${taking.why} Try again.`, EXIT.failed);
    case 'done':
      return {
        ...outcomeOfLook(taking.result, taking.undo.resourceId, dryRun, encounters),
        undo: taking.undo,
      };
  }
}

function tell(
  taken: TakenBack,
  { encounters }: LaptopEngine,
  options: UndoOptions,
  { out }: Terminal,
): ExitCode {
  const { undo: how, ...fixed } = taken;
  if (options.json === true) {
    const { cannotUndo, holdOff, commands } = how;
    out.write(`${JSON.stringify({ ...fixed, cannotUndo, holdOff, commands })}\n`);
  } else out.write(undoReport(taken, out));
  return taken.outcome === 'compliant' && how.cannotUndo.length > 0
    ? EXIT.found
    : exitOfOutcome(taken.outcome, encounters);
}

function undoReport({ undo: how, resourceId, remediations, outcome }: TakenBack, out: Output): string {
  const { cannotUndo, commands, holdOff, warnings } = how;
  const rest = cannotUndo.map(({ path, why }) => `${visibly(path)} stays: ${visibly(why)}\n`).join('');
  const nothing =
    outcome === 'compliant' && rest === '' ? 'Nothing of what Holdfast wrote is left to be undone.\n' : '';
  // What was not written here can still be run.
  const byHand =
    outcome === 'applied' || outcome === 'planned' ? '' : commands.map(({ az }) => `${az}\n`).join('');
  const again = `A deployed Holdfast that enforces ${how.remediator} makes this change again. ${holdOff.note}\n${indented(holdOff.command.az)}`;
  return [
    resourceReport(out, resourceId, remediations),
    nothing,
    rest,
    warnings.map((warning) => `warning: ${visibly(warning)}\n`).join(''),
    byHand === '' ? '' : `By hand:\n${indented(byHand)}`,
    outcome === 'compliant' ? '' : again,
  ].join('');
}
