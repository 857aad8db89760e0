import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../../types/record.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { stopOnInterrupt } from '../interrupt.js';
import { confirm, demandConsent } from '../output/confirm.js';
import { errorLine } from '../output/error-line.js';
import { progressOn } from '../output/progress.js';
import { counted } from '../output/report.js';
import type { Terminal } from '../output/terminal.js';
import { openEngine } from './open-engine.js';
import type { OpenState } from './open-state.js';
import type { WritingOptions } from './options.js';
import { planSweep, type SweepPlan } from './plan-sweep.js';
import { runQueue } from './run-queue.js';
import { sayLeftovers } from './leftovers.js';
import { startSession, type Session } from './session.js';
import { nameOf } from './sign-in.js';
import { sweepExit, sweepJson, sweepReport, type SweepOutcome } from './sweep-report.js';

export interface SweepOptions extends WritingOptions {
  readonly enforce?: boolean;
}

/** Looks at everything in scope and shows what would change; with `--enforce`, asks, and then changes it. */
export async function sweep(options: SweepOptions, terminal: Terminal): Promise<ExitCode> {
  const isEnforced = options.enforce === true;
  if (isEnforced) {
    const shows = 'Without --enforce it shows what it would do.';
    demandConsent(options.yes === true, 'holdfast sweep --enforce', shows);
  }
  const session = await startSession(options, 'enforce');
  const state = session.openState(isEnforced ? 'write' : 'read');
  try {
    await sayLeftovers(session, state, terminal, isEnforced ? 'take-out' : 'tell');
    const plan = await planSweep(session, state, terminal);
    const todo = isEnforced ? resourcesToWrite(session, plan.records) : [];
    const planned: SweepOutcome = { ...plan, made: [], left: plan.records, isInterrupted: false };
    if (todo.length === 0) return tell(planned, session, options, terminal);
    if (options.yes !== true) {
      // To be decided on, and not what came of it.
      terminal.err.write(sweepReport(planned, session, terminal.err));
      const question = `Change ${counted(todo.length, 'resource')} as ${nameOf(session.signedIn)}?`;
      if (!(await confirm(question, terminal.err))) return EXIT.found;
    }
    const done = await change(todo, plan, session, state, terminal);
    return tell(done, session, options, terminal);
  } finally {
    state.close();
  }
}

/** Those whose change is to be made, and not only shown: HOLDFAST_REMEDIATORS may have less of some remediators. */
function resourcesToWrite(session: Session, records: readonly AuditRecord[]): readonly string[] {
  const wanted = records.filter((record) => isToMake(session, record));
  return [...new Set(wanted.map(({ resourceId }) => resourceId))];
}

function isToMake({ settings }: Session, { outcome, remediator, edits }: AuditRecord): boolean {
  return outcome === 'planned' && edits.length > 0 && settings.modes[remediator] === 'enforce';
}

/** What was planned and has no record of what came of it, unless it was looked at and there was nothing to do any more. */
function leftOf(
  planned: readonly AuditRecord[],
  made: readonly AuditRecord[],
  wasLookedAt: (record: AuditRecord) => boolean,
): readonly AuditRecord[] {
  const keyOf = ({ resourceId, remediator }: AuditRecord): string =>
    `${resourceId.toLowerCase()} ${remediator}`;
  const done = new Set(made.map(keyOf));
  return planned.filter((record) => !done.has(keyOf(record)) && !wasLookedAt(record));
}

/** Each of them is looked at once more: what is written is planned from what is there then. */
async function change(
  todo: readonly string[],
  plan: SweepPlan,
  session: Session,
  state: OpenState,
  terminal: Terminal,
): Promise<SweepOutcome> {
  const { settings, signedIn } = session;
  const stop = stopOnInterrupt(terminal.err);
  const progress = progressOn(terminal.err);
  let written = 0;
  const laptop = openEngine(settings, signedIn, state, {
    access: 'write',
    readers: plan.readers,
    onRecord: ({ outcome, resourceId }) => {
      if (outcome === 'applied') written += 1;
      progress.show(`${counted(written, 'change')} made; at ${resourceId}`);
    },
    onThrottled: progress.wait,
  });
  const correlationId = randomUUID();
  for (const resourceId of todo) {
    await laptop.queue.send(
      {
        v: 1,
        resourceId,
        correlationId,
        trigger: 'cli',
        actor: signedIn.actor,
        remediators: null,
        askedForByName: false,
        attempt: 0,
      },
      0,
    );
  }
  const run = await runQueue(laptop, stop);
  progress.clear();
  const made = laptop.records().filter(({ outcome }) => outcome !== 'pending');
  const hasFailed = run.problems.length > 0 || made.some(({ outcome }) => outcome === 'failed');
  return {
    ...plan,
    made,
    left: leftOf(plan.records, made, (record) => !stop.aborted && isToMake(session, record)),
    problems: [...plan.problems, ...run.problems],
    obstacle: hasFailed ? laptop.encounters.obstacle() : plan.obstacle,
    isInterrupted: stop.aborted,
  };
}

function tell(outcome: SweepOutcome, session: Session, options: SweepOptions, terminal: Terminal): ExitCode {
  const { out, err } = terminal;
  if (options.json === true) out.write(`${JSON.stringify(sweepJson(outcome, session))}\n`);
  else out.write(sweepReport(outcome, session, out));
  for (const problem of outcome.problems) err.write(errorLine(err, problem));
  if (outcome.obstacle !== null) err.write(errorLine(err, outcome.obstacle.message));
  return sweepExit(outcome);
}
