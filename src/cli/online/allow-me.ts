import { setTimeout as pause } from 'node:timers/promises';
import type { Accessing } from '../../engine/temporary-access.js';
import { createMemory } from '../../state/memory.js';
import type { ResourceId } from '../../types/resource-id.js';
import type { AccessRequest } from '../../vault/temporary-access.js';
import { CommandError, EXIT, type ExitCode } from '../exit-code.js';
import { stopOnInterrupt } from '../interrupt.js';
import { confirm, demandConsent } from '../output/confirm.js';
import { describeError } from '../output/describe-error.js';
import { progressOn } from '../output/progress.js';
import { resourceReport } from '../output/report.js';
import type { Terminal } from '../output/terminal.js';
import { addressBlock, duration } from './access-options.js';
import { byHand, isTakenOut, sayLeftovers } from './leftovers.js';
import { namedVault } from './named-vault.js';
import { openEngine, type LaptopEngine } from './open-engine.js';
import type { OpenState } from './open-state.js';
import { exitOfOutcome, outcomeOfLook } from './outcome.js';
import type { WritingOptions } from './options.js';
import { startSession } from './session.js';
import { nameOf } from './sign-in.js';

export interface AllowMeOptions extends WritingOptions {
  readonly ip?: string;
  readonly for: string;
  /** Stay until the time is up, also where a deployed Holdfast would see to it. */
  readonly wait?: boolean;
}

/** Lets an address into a vault's firewall for a while, with the caller's own rights. */
export async function allowMe(vault: string, options: AllowMeOptions, terminal: Terminal): Promise<ExitCode> {
  const value = addressBlock(options.ip);
  const forMs = duration(options.for);
  demandConsent(options.yes === true, 'holdfast allow-me', '');
  const session = await startSession(options, 'enforce', vault);
  const state = session.openState('write');
  const { err, out } = terminal;
  try {
    const { signedIn } = session;
    await sayLeftovers(session, state, terminal, 'take-out');
    const laptop = openEngine(session.settings, signedIn, state, { access: 'write' });
    const id = await namedVault(vault, session, laptop);
    const until = new Date(Date.now() + forMs).toISOString();
    const request = { value, until, by: signedIn.actor.name };
    const asked = `Let ${value} into ${id.name} until ${until}, as ${nameOf(signedIn)}?`;
    await demandPossible(laptop, id, request);
    if (options.yes !== true && !(await confirm(asked))) {
      err.write('Nothing was changed.\n');
      return EXIT.found;
    }
    const stop = stopOnInterrupt(err);
    const accessing = await letIn(laptop, id, request, terminal);
    if (!state.isShared && isUnsure(accessing) && (await isRemembered(state, id, value))) {
      err.write(`It is not certain that ${value} is not let into ${id.name}: it is taken out.\n`);
      await takeOut(laptop, id, value, stop, terminal);
    }
    const { decision, fixed } = told(accessing, id, laptop);
    const isIn = fixed.outcome === 'applied' || decision?.kind === 'extended';
    if (decision?.kind === 'present') {
      out.write(
        `${value} may reach ${id.name} already, by ${decision.rule}: nothing was changed, and nothing will be.\n`,
      );
      return EXIT.ok;
    }
    out.write(options.json === true ? '' : resourceReport(out, id.id, fixed.remediations));
    if (!isIn)
      return exitOfOutcome(fixed.outcome === 'compliant' ? 'refused' : fixed.outcome, laptop.encounters);
    const end = decision?.kind === 'extended' ? decision.until : until;
    if (options.json === true)
      out.write(`${JSON.stringify({ vault: id.id, value, until: end, ...fixed })}\n`);
    else out.write(`${value} may reach ${id.name} until ${end}.\n`);
    if (state.isShared && options.wait !== true) {
      err.write(
        'The deployed Holdfast takes it out with its first sweep after that, where the vault is in its scopes, and vault-temporary-rules is set to enforce there and the vault not exempt from it; --wait has this command do it.\n',
      );
      return stop.aborted ? EXIT.interrupted : EXIT.ok;
    }
    await untilOver(end, stop, terminal);
    return await takeOut(laptop, id, value, stop, terminal);
  } finally {
    state.close();
  }
}

/** What is certain not to work is said before somebody is asked. */
async function demandPossible(laptop: LaptopEngine, id: ResourceId, request: AccessRequest): Promise<void> {
  const { decision } = told(await laptop.hand.allowAccess(id, request, true), id, laptop);
  if (decision?.kind === 'refused') throw new CommandError(decision.why, EXIT.usage);
}

/** Throws {@link CommandError}. */
function told(accessing: Accessing, id: ResourceId, { encounters }: LaptopEngine) {
  switch (accessing.kind) {
    case 'out-of-scope':
      throw new CommandError(
        `${id.id} lies in none of the scopes: give --subscription ${id.subscriptionId}, or set HOLDFAST_SCOPES otherwise.`,
        EXIT.usage,
      );
    case 'gone':
      throw new CommandError(`Azure has no ${id.id}.`, EXIT.usage);
    case 'unavailable':
      throw encounters.obstacle() ?? new CommandError(`${accessing.why} Try again.`, EXIT.failed);
    case 'done': {
      const { result, decision } = accessing;
      return { decision, fixed: outcomeOfLook(result, id.id, false, encounters) };
    }
  }
}

/** Where it cannot even be said what came of it, how it is taken out by hand is. */
async function letIn(
  { hand }: LaptopEngine,
  id: ResourceId,
  request: AccessRequest,
  { err }: Terminal,
): Promise<Accessing> {
  try {
    return await hand.allowAccess(id, request, false);
  } catch (error) {
    err.write(`${request.value} may be let into ${id.name} now. To take it out: ${byHand(id, [request])}\n`);
    throw error;
  }
}

/** Azure has not said whether it was let in, or what it said does not show it. */
function isUnsure(accessing: Accessing): boolean {
  if (accessing.kind === 'done') return accessing.result.outcome === 'failed';
  return accessing.kind === 'unavailable';
}

/** What Azure has certainly not let in is not remembered. */
async function isRemembered({ tables }: OpenState, id: ResourceId, value: string): Promise<boolean> {
  const { temporaryRules } = await createMemory(tables).read(id);
  return temporaryRules.some((rule) => rule.value === value);
}

/** Counts down, until the time is up or somebody stops it. */
async function untilOver(until: string, stop: AbortSignal, { err }: Terminal): Promise<void> {
  const progress = progressOn(err);
  if (!err.isTerminal)
    err.write('It is taken out when the time is up, or when this command is stopped (SIGINT, SIGTERM).\n');
  for (;;) {
    const left = Date.parse(until) - Date.now();
    if (left <= 0 || stop.aborted) break;
    progress.show(`${clock(left)} left; Ctrl-C takes it out at once.`);
    await pause(Math.min(1000, left), undefined, { signal: stop }).catch(() => undefined);
  }
  progress.clear();
}

function clock(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** How often, and after what time, it is tried again where Azure does not take it: for about ten minutes. */
const TRIES = 20;
const AGAIN_MS = 30_000;

/** What was promised is tried for a while: nobody else takes it out. A second Ctrl-C ends that, too. */
async function takeOut(
  { hand, encounters }: LaptopEngine,
  id: ResourceId,
  value: string,
  stop: AbortSignal,
  { out, err }: Terminal,
): Promise<ExitCode> {
  for (let i = 0; ; i += 1) {
    const ended = await hand.endAccess(id, value, false).catch((error: unknown) => {
      // Room may be made where the state directory is full.
      err.write(`${describeError(error)}\n`);
      return null;
    });
    if (ended !== null && isTakenOut(ended)) {
      err.write(`${value} may not reach ${id.name} any more.\n`);
      return stop.aborted ? EXIT.interrupted : EXIT.ok;
    }
    if (ended?.kind === 'done' && ended.result.outcome === 'refused') {
      out.write(resourceReport(out, id.id, ended.result.remediations));
      err.write(`${value} is still let into ${id.name}. To take it out: ${byHand(id, [{ value }])}\n`);
      return EXIT.found;
    }
    if (i >= TRIES) break;
    err.write(
      `${value} could not be taken out of ${id.name} yet; it is tried again in ${AGAIN_MS / 1000} s.\n`,
    );
    await pause(AGAIN_MS);
  }
  const why = encounters.obstacle();
  throw new CommandError(
    `${value} could not be taken out of ${id.name}${why === null ? '' : ` (${why.message})`}. Do it by hand: ${byHand(id, [{ value }])}`,
    EXIT.failed,
  );
}
