import { setTimeout as pause } from 'node:timers/promises';
import type { Accessing } from '../../engine/temporary-access.js';
import type { TemporaryRule } from '../../types/observation.js';
import type { ResourceId } from '../../types/resource-id.js';
import { CommandError, EXIT, type ExitCode } from '../exit-code.js';
import { describeError } from '../output/describe-error.js';
import { progressOn } from '../output/progress.js';
import { resourceReport } from '../output/report.js';
import type { Terminal } from '../output/terminal.js';
import type { LaptopEngine } from './open-engine.js';

/** Counts down, until the time is up or somebody stops it. */
export async function untilOver(until: string, stop: AbortSignal, { err }: Terminal): Promise<void> {
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
export async function takeOut(
  { hand, encounters }: LaptopEngine,
  id: ResourceId,
  value: string,
  stop: AbortSignal,
  { err }: Terminal,
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
      err.write(resourceReport(err, id.id, ended.result.remediations));
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

/** What a lock or a remediator keeps in is not out. */
export function isTakenOut(ended: Accessing): boolean {
  if (ended.kind === 'gone') return true;
  return (
    ended.kind === 'done' && (ended.result.outcome === 'applied' || ended.result.outcome === 'compliant')
  );
}

/** For a POSIX shell; the values are addresses, and the name is one that Azure takes. */
export function byHand(
  { name, subscriptionId }: ResourceId,
  rules: readonly Pick<TemporaryRule, 'value'>[],
): string {
  return rules
    .map(
      ({ value }) =>
        `az keyvault network-rule remove --subscription ${subscriptionId} --name ${name} --ip-address ${value} --output none`,
    )
    .join(' && ');
}
