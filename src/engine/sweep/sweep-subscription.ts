import type { EngineDeps } from '../engine-deps.js';
import { clearTouched, enterKnown, enterTouched, openSnapshot } from './open-snapshot.js';
import { SWEEP_PHASES, type SweepProgress } from '../ports/sweep-store.js';
import type { Scope } from '../../types/scope.js';
import type { Stored } from '../ports/stored.js';
import type { SweepMessage } from '../ports/queue.js';
import { digestOf } from '../record/record-digest.js';
import { sweepConnections, sweepMoves } from './sweep-connections.js';
import { sweepDeleted } from './sweep-deleted.js';
import { sweepGone } from './sweep-gone.js';
import { advance, checkpoint, noteProblem, type PhaseEnd, type SweepRun } from './sweep-run.js';
import { sweepVaults } from './sweep-vaults.js';
import { sweepUnlisted, sweepWorkflows } from './sweep-workflows.js';

export interface SweepSummary {
  readonly vaults: number;
  readonly workflows: number;
  /** Resources that have to be written: each has been put on the queue. */
  readonly queued: number;
}

export type SweepResult =
  | ({ readonly kind: 'swept' } & SweepSummary)
  /** It goes on with another message. */
  | { readonly kind: 'later' }
  /** Somebody else is at it, or has swept the subscription since the run began, or it is not in scope any more. */
  | { readonly kind: 'covered' };

/** A sweep that saw what it could, but not everything. The message says what it did not see, and why. */
export class IncompleteSweepError extends Error {
  override readonly name = 'IncompleteSweepError';
}

/** Both under the function's timeout of ten minutes: when no further page is begun, and when all is dropped. */
const BUDGET_MS = 8 * 60_000;
const HARD_BUDGET_MS = 9.5 * 60_000;
/** How long to wait for the sweeps of other subscriptions, and for whoever holds the lease. */
const WAIT_MS = 5000;
const BUSY_MS = 10_000;
/** The longest of these waits: where storage sends what it has taken twice, each wait makes two messages of one. */
const LONGEST_BUSY_MS = 5 * 60_000;
/** A sweep that has gone on so often without having come any further never will. */
const MAX_ATTEMPTS = 5;

const PHASES: Readonly<Record<(typeof SWEEP_PHASES)[number], (run: SweepRun) => Promise<PhaseEnd>>> = {
  connections: sweepConnections,
  workflows: sweepWorkflows,
  unlisted: sweepUnlisted,
  vaults: sweepVaults,
  deleted: sweepDeleted,
  moves: sweepMoves,
  gone: sweepGone,
};

/**
 * Looks at everything in scope in one subscription with list calls alone, plans in memory, and puts on the queue only
 * what has to be written. Goes on where an earlier message's sweep has stopped. What is wrong with one resource or one
 * scope does not keep it from the others; throws {@link IncompleteSweepError} at its end, once.
 */
export async function sweepSubscription(deps: EngineDeps, message: SweepMessage): Promise<SweepResult> {
  const { subscriptionId } = message;
  const scopes = deps.policy.scopes.filter((scope) => scope.subscriptionId === subscriptionId);
  if (scopes.length === 0) return { kind: 'covered' };
  const { waits = 0, ...own } = message;
  const held = await deps.leases.whileHeld(`sweep/${subscriptionId}`, (lease) =>
    sweepHeld(deps, own, scopes, lease),
  );
  if (held.kind === 'done') return held.value;
  // Whoever is at it may have passed what this message is about; or has died, and somebody must go on.
  const delayMs = Math.min(BUSY_MS * 2 ** waits, LONGEST_BUSY_MS);
  await deps.queue.send({ ...own, waits: waits + 1 }, delayMs);
  return { kind: 'later' };
}

async function sweepHeld(
  deps: EngineDeps,
  message: SweepMessage,
  scopes: readonly Scope[],
  lease: AbortSignal,
): Promise<SweepResult> {
  const before = await deps.sweeps.readProgress(message.subscriptionId);
  if (before !== null && isOver(before.value, message)) return { kind: 'covered' };
  const budget = AbortSignal.timeout(HARD_BUDGET_MS);
  const run = await openRun(deps, message, scopes, before, AbortSignal.any([lease, budget]));
  const from = placeOf(run.progress);
  const end = await runPhases(run).catch((error: unknown): PhaseEnd => {
    if (lease.aborted || !budget.aborted) throw error;
    return 'out-of-time';
  });
  // A sweep that another message began is brought to its end first; this message's own comes after it.
  const isOwn = run.progress.correlationId === message.correlationId;
  if (end === 'done') {
    if (!isOwn) await deps.queue.send({ ...message, attempt: 0 }, 0);
    return finish(run);
  }
  if (!budget.aborted) await checkpoint(run);
  const isStuck = end === 'out-of-time' && placeOf(run.progress) === from;
  const attempt = isStuck ? message.attempt + 1 : 0;
  if (attempt >= MAX_ATTEMPTS) {
    noteProblem(run, `The sweep of ${message.subscriptionId} does not come any further.`);
    return finish(run);
  }
  await deps.queue.send({ ...message, attempt }, end === 'waiting' ? WAIT_MS : 0);
  return { kind: 'later' };
}

/** Whether the message's own sweep is over. What another began later is not asked: two instances' clocks may differ. */
function isOver(progress: SweepProgress, { correlationId }: SweepMessage): boolean {
  return runsOver(progress).includes(correlationId);
}

/** How many of them are remembered: messages of as many runs may be under way at once. */
const MOST_OVER = 8;

/** The runs that are over, the last first: two that take turns would otherwise begin anew with each copy of a message. */
function runsOver({ phase, correlationId, over = [] }: SweepProgress): readonly string[] {
  return phase === 'over' ? [correlationId, ...over].slice(0, MOST_OVER) : over;
}

function placeOf({ phase, scope, link }: SweepProgress): string {
  return JSON.stringify([phase, scope, link]);
}

/** The sweep that was not brought to its end, where it can go on; a new one otherwise. */
async function openRun(
  deps: EngineDeps,
  message: SweepMessage,
  scopes: readonly Scope[],
  before: Stored<SweepProgress> | null,
  signal: AbortSignal,
): Promise<SweepRun> {
  const { subscriptionId } = message;
  const last = before?.value ?? null;
  const scopesDigest = digestOf(scopes);
  const stored = await deps.sweeps.readSnapshot(subscriptionId);
  const { snapshot, etag, isKept, isNew } = openSnapshot(stored, last?.run ?? 0);
  const isOpen = last !== null && last.phase !== 'over';
  const goesOn = isOpen && last.scopes === scopesDigest && !isNew && snapshot.run === last.run;
  const run: SweepRun = {
    deps,
    subscriptionId,
    scopes,
    snapshot,
    signal,
    endsAt: new Date(deps.now().getTime() + BUDGET_MS),
    // What was begun and cannot go on begins anew, as the run that it was a part of.
    progress: goesOn
      ? last
      : {
          ...newProgress(deps, isOpen ? last : message, scopesDigest, last?.byGroup === true),
          over: last === null ? [] : runsOver(last),
        },
    stored: { progress: before?.etag ?? null, snapshot: etag },
    isKept,
    checkpointedAt: deps.now(),
  };
  if (!goesOn) await beginRun(run, isNew);
  // Whoever died may have marked what it had not stored yet.
  else await enterTouched(deps, subscriptionId, snapshot);
  return run;
}

/** The progress of a sweep that has not begun: `scopes` is their digest. */
export function newProgress(
  { now }: Pick<EngineDeps, 'now'>,
  { correlationId, startedAt }: Pick<SweepMessage, 'correlationId' | 'startedAt'>,
  scopes: string,
  byGroup: boolean,
): SweepProgress {
  return {
    correlationId,
    startedAt,
    notedAt: now().toISOString(),
    run: 0,
    phase: SWEEP_PHASES[0],
    scope: 0,
    link: null,
    scopes,
    queued: 0,
    counted: 0,
    refreshed: 0,
    problems: [],
    problemCount: 0,
    gaps: [],
    waitingSince: null,
    byGroup,
  };
}

async function beginRun(run: SweepRun, isNew: boolean): Promise<void> {
  const { deps, subscriptionId, snapshot } = run;
  snapshot.nextRun();
  advance(run, { run: snapshot.run });
  const enteredAt = deps.now();
  // Without a snapshot, what there was before it has to be found again; in a new installation there is nothing.
  const learned = await deps.readers.learned(run.scopes);
  if (isNew && learned.some(({ at }) => at !== null)) await enterKnown(deps, subscriptionId, snapshot);
  await enterTouched(deps, subscriptionId, snapshot);
  await checkpoint(run);
  if (run.isKept) await clearTouched(deps, subscriptionId, enteredAt);
}

async function runPhases(run: SweepRun): Promise<PhaseEnd> {
  for (;;) {
    const { phase } = run.progress;
    if (phase === 'over') return 'done';
    run.signal.throwIfAborted();
    const end = await PHASES[phase](run);
    if (end !== 'done') return end;
    const next = SWEEP_PHASES[SWEEP_PHASES.indexOf(phase) + 1] ?? 'over';
    advance(run, { phase: next, scope: 0, link: null });
  }
}

/** It is noted as over before it fails: the message comes again, and must not sweep again. */
async function finish(run: SweepRun): Promise<SweepResult> {
  advance(run, { phase: 'over', scope: 0, link: null });
  await checkpoint(run);
  const { correlationId, problems, problemCount, queued } = run.progress;
  const { subscriptionId, snapshot } = run;
  if (problemCount > 0) {
    const rest = problemCount > problems.length ? ` And ${problemCount - problems.length} more.` : '';
    throw new IncompleteSweepError(
      `The sweep is not complete (${correlationId}, ${subscriptionId}). ${problems.join(' ')}${rest}`,
    );
  }
  await run.deps.sweepTotals.save(subscriptionId, snapshot.countSeen());
  return {
    kind: 'swept',
    vaults: snapshot.countSeen('vault'),
    workflows: snapshot.countSeen('workflow'),
    queued,
  };
}
