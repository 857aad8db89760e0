import type { Accessing } from '../../engine/temporary-access.js';
import { createMemory } from '../../state/memory.js';
import type { ResourceId } from '../../types/resource-id.js';
import type { AccessDecision, AccessRequest } from '../../vault/temporary-access.js';
import { CommandError, EXIT, type ExitCode } from '../exit-code.js';
import { stopOnInterrupt } from '../interrupt.js';
import { confirm, demandConsent } from '../output/confirm.js';
import { resourceReport } from '../output/report.js';
import type { Output, Terminal } from '../output/terminal.js';
import { addressBlock, duration } from './access-options.js';
import { sayLeftovers } from './leftovers.js';
import { notInAzure, outOfScope } from './named-resource.js';
import { namedVault } from './named-vault.js';
import { openEngine, type LaptopEngine } from './open-engine.js';
import type { OpenState } from './open-state.js';
import { exitOfOutcome, outcomeOfLook, type Fixed } from './outcome.js';
import type { WritingOptions } from './options.js';
import { startSession } from './session.js';
import { nameOf } from './sign-in.js';
import { byHand, takeOut, untilOver } from './take-out.js';

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
    if (options.yes !== true && !(await confirm(asked, err))) return EXIT.found;
    const stop = stopOnInterrupt(err);
    const accessing = await letIn(laptop, id, request, terminal);
    if (!state.isShared && isUnsure(accessing) && (await isRemembered(state, id, value))) {
      err.write(`It is not certain that ${value} is not let into ${id.name}: it is taken out.\n`);
      await takeOut(laptop, id, value, stop, terminal);
    }
    const access = accessOf(told(accessing, id, laptop), id, request);
    out.write(options.json === true ? `${JSON.stringify(access)}\n` : accessReport(access, id, out));
    if (access.rule !== null) return EXIT.ok;
    if (access.until === null)
      return exitOfOutcome(access.outcome === 'compliant' ? 'refused' : access.outcome, laptop.encounters);
    if (state.isShared && options.wait !== true) {
      err.write(
        'The deployed Holdfast takes it out with its first sweep after that, where the vault is in its scopes, and vault-temporary-rules is set to enforce there and the vault not exempt from it; --wait has this command do it.\n',
      );
      return stop.aborted ? EXIT.interrupted : EXIT.ok;
    }
    await untilOver(access.until, stop, terminal);
    return await takeOut(laptop, id, value, stop, terminal);
  } finally {
    state.close();
  }
}

/** What came of it, as `--json` has it. */
interface Access extends Fixed {
  readonly vault: string;
  readonly value: string;
  /** Until when it is let in; null where it is not, or for longer than that. RFC 3339, UTC. */
  readonly until: string | null;
  /** The rule that lets it in for good; null where none does. */
  readonly rule: string | null;
}

function accessOf({ decision, fixed }: Told, id: ResourceId, { value, until }: AccessRequest): Access {
  const rule = decision?.kind === 'present' ? decision.rule : null;
  const added = fixed.outcome === 'applied' && rule === null ? until : null;
  const end = decision?.kind === 'extended' ? decision.until : added;
  return { vault: id.id, value, until: end, rule, ...fixed };
}

function accessReport({ value, until, rule, remediations }: Access, id: ResourceId, out: Output): string {
  if (rule !== null)
    return `${value} may reach ${id.name} already, by ${rule}: nothing was changed, and nothing will be.\n`;
  const isIn = until === null ? '' : `${value} may reach ${id.name} until ${until}.\n`;
  return `${resourceReport(out, id.id, remediations)}${isIn}`;
}

/** What is certain not to work is said before somebody is asked. */
async function demandPossible(laptop: LaptopEngine, id: ResourceId, request: AccessRequest): Promise<void> {
  const { decision } = told(await laptop.hand.allowAccess(id, request, true), id, laptop);
  if (decision?.kind === 'refused') throw new CommandError(decision.why, EXIT.usage);
}

interface Told {
  readonly decision: AccessDecision | null;
  readonly fixed: Fixed;
}

/** Throws {@link CommandError}. */
function told(accessing: Accessing, id: ResourceId, { encounters }: LaptopEngine): Told {
  switch (accessing.kind) {
    case 'out-of-scope':
      throw outOfScope(id);
    case 'gone':
      throw notInAzure(id);
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
