import type { RemediateResult } from '../../engine/engine.js';
import { OUTCOMES } from '../../engine/look/look.js';
import { remediatorsOf } from '../../engine/plan-resource.js';
import { REMEDIATOR_IDS, type RemediatorId } from '../../types/remediator-id.js';
import type { ResourceId } from '../../types/resource-id.js';
import { EXIT, CommandError, type ExitCode } from '../exit-code.js';
import { stopOnInterrupt } from '../interrupt.js';
import { confirm, demandConsent } from '../output/confirm.js';
import { resourceReport } from '../output/report.js';
import type { Terminal } from '../output/terminal.js';
import { namedResource, notInAzure, outOfScope } from './named-resource.js';
import { exitOfOutcome, outcomeOfLook, type Fixed } from './outcome.js';
import { openEngine, type LaptopEngine } from './open-engine.js';
import type { WritingOptions } from './options.js';
import { runQueue } from './run-queue.js';
import { sayLeftovers } from './leftovers.js';
import { startSession } from './session.js';
import { nameOf } from './sign-in.js';

export interface FixOptions extends WritingOptions {
  readonly dryRun?: boolean;
  readonly remediators?: readonly string[];
}

/** Looks at one resource that somebody names, shows what would change, asks, and changes it. */
export async function fix(resource: string, options: FixOptions, terminal: Terminal): Promise<ExitCode> {
  const id = namedResource(resource);
  const remediators = remediatorsIn(options.remediators, id);
  const isDry = options.dryRun === true;
  if (!isDry)
    demandConsent(options.yes === true, 'holdfast fix', 'With --dry-run it shows what it would do.');
  const session = await startSession(options, 'enforce', id.id);
  const state = session.openState(isDry ? 'read' : 'write');
  try {
    await sayLeftovers(session, state, terminal, !isDry ? 'take-out' : 'tell');
    const { settings, signedIn } = session;
    const planning = openEngine(settings, signedIn, state, { access: 'plan' });
    const shown = await planning.engine.remediate({ id, dryRun: true, remediators });
    const planned = outcomeOf(shown, id, true, planning);
    const isToWrite = planned.remediations.some(({ outcome }) => outcome === 'planned');
    if (isDry || !isToWrite) return tell(planned, planning, options, terminal);
    if (options.yes !== true) {
      // To be decided on, and not what came of it.
      terminal.err.write(resourceReport(terminal.err, planned.resourceId, planned.remediations));
      if (!(await confirm(`Change it as ${nameOf(signedIn)}?`, terminal.err))) return EXIT.found;
    }
    const stop = stopOnInterrupt(terminal.err);
    const writing = openEngine(settings, signedIn, state, { access: 'write', readers: planning.readers });
    const done = await writing.engine.remediate({ id, dryRun: false, remediators });
    const fixed =
      done.kind === 'queued' ? await waitedFor(writing, id, stop) : outcomeOf(done, id, false, writing);
    const exit = tell(fixed, writing, options, terminal);
    return stop.aborted ? EXIT.interrupted : exit;
  } finally {
    state.close();
  }
}

/** Throws {@link CommandError}. */
function remediatorsIn(
  names: readonly string[] | undefined,
  { kind }: Pick<ResourceId, 'kind'>,
): readonly RemediatorId[] | null {
  if (names === undefined || names.length === 0) return null;
  const kinds = kind === 'vault' ? (['vault', 'deleted-vault'] as const) : [kind];
  const possible = new Set(kinds.flatMap((one) => remediatorsOf(one).map((remediator) => remediator.id)));
  return names.map((name) => {
    const id = REMEDIATOR_IDS.find((one) => one === name);
    if (id !== undefined && possible.has(id)) return id;
    throw new CommandError(`${name} is not for a ${kind}; ${[...possible].join(', ')} are.`, EXIT.usage);
  });
}

/** Throws {@link CommandError} where there is nothing to be told of the resource. */
function outcomeOf(
  result: RemediateResult,
  id: ResourceId,
  dryRun: boolean,
  { encounters }: LaptopEngine,
): Fixed {
  switch (result.kind) {
    case 'out-of-scope':
      throw outOfScope(id);
    case 'gone':
      if (result.isRecoverable !== true) throw notInAzure(id);
      throw new CommandError(`${id.id} was deleted, and can be recovered: az keyvault recover.`, EXIT.usage);
    case 'unavailable':
      throw (
        encounters.obstacle() ??
        new CommandError(`${result.why} Nothing was changed; try again.`, EXIT.failed)
      );
    case 'queued':
      throw new TypeError('What waits on the queue has not come to anything yet.');
    case 'done':
      return outcomeOfLook(result, id.id, dryRun, encounters);
  }
}

/** Azure named a time to wait: it is waited for here. */
async function waitedFor(laptop: LaptopEngine, id: ResourceId, stop: AbortSignal): Promise<Fixed> {
  const { problems } = await runQueue(laptop, stop);
  const records = laptop.records().filter(({ outcome }) => outcome !== 'pending');
  if (records.length === 0) {
    throw (
      laptop.encounters.obstacle() ??
      new CommandError(
        problems[0] ?? `It was not finished with ${id.id}.`,
        stop.aborted ? EXIT.interrupted : EXIT.failed,
      )
    );
  }
  const outcome = OUTCOMES.find((one) => records.some((record) => record.outcome === one)) ?? 'compliant';
  return { resourceId: id.id, dryRun: false, outcome, remediations: records };
}

function tell(fixed: Fixed, { encounters }: LaptopEngine, options: FixOptions, { out }: Terminal): ExitCode {
  if (options.json === true) out.write(`${JSON.stringify(fixed)}\n`);
  else {
    const report = resourceReport(out, fixed.resourceId, fixed.remediations);
    out.write(report === '' ? `${fixed.resourceId} is as it should be.\n` : report);
  }
  return exitOfOutcome(fixed.outcome, encounters);
}
