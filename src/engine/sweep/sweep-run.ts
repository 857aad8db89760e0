import type { ResourceId } from '../../types/resource-id.js';
import { isInScope } from '../../types/scope.js';
import type { EngineDeps } from '../engine-deps.js';
import { hashOfKey } from '../hashed-key.js';
import { learnedAt } from './learned-at.js';
import { begunBy, type Look } from '../look/look.js';
import type { Scope } from '../../types/scope.js';
import type { SweepMessage } from '../ports/queue.js';
import type { SweepProgress } from '../ports/sweep-store.js';
import { queueLook } from '../look/queue-look.js';
import type { Concern } from '../readers/save-reads.js';
import type { SweepSnapshot } from './sweep-snapshot.js';

/** How often it is noted how far the sweep has come: a crash costs no more than this. */
const CHECKPOINT_MS = 20_000;
/** What a person reads of what was not seen. */
const MOST_PROBLEMS = 10;

/** How a part of a sweep has ended: it is over, there was no time left, or it has to wait for other subscriptions. */
export type PhaseEnd = 'done' | 'out-of-time' | 'waiting';

/** One subscription's sweep, under way in this process. */
export interface SweepRun {
  readonly deps: EngineDeps;
  readonly subscriptionId: string;
  /** Those of the settings' scopes that lie in the subscription. */
  readonly scopes: readonly Scope[];
  readonly snapshot: SweepSnapshot;
  readonly signal: AbortSignal;
  /** After this no further page is begun. */
  readonly endsAt: Date;
  progress: SweepProgress;
  /** The etags of what is stored; null where there is nothing. */
  readonly stored: { progress: string | null; snapshot: string | null };
  /** Whether the snapshot may be stored: not over one of a newer version. */
  readonly isKept: boolean;
  checkpointedAt: Date;
}

export function isOutOfTime({ deps, endsAt }: SweepRun): boolean {
  return deps.now() >= endsAt;
}

export function advance(run: SweepRun, part: Partial<SweepProgress>): void {
  run.progress = { ...run.progress, ...part };
}

/** Notes something that was not seen, and why. */
export function noteProblem(run: SweepRun, message: string): void {
  const { problems, problemCount } = run.progress;
  const kept = problems.length < MOST_PROBLEMS ? [...problems, message.slice(0, 1000)] : problems;
  advance(run, { problems: kept, problemCount: problemCount + 1 });
}

/**
 * Stores how far the sweep has come. The snapshot goes first: one that is ahead of the progress has pages done again,
 * one that is behind would have resources taken for gone.
 */
export async function checkpoint(run: SweepRun): Promise<void> {
  const { deps, subscriptionId, stored } = run;
  run.signal.throwIfAborted();
  advance(run, { notedAt: deps.now().toISOString() });
  if (run.isKept) {
    stored.snapshot = await deps.sweeps.writeSnapshot(subscriptionId, run.snapshot.bytes(), stored.snapshot);
  }
  stored.progress = await deps.sweeps.writeProgress(subscriptionId, run.progress, stored.progress);
  run.checkpointedAt = deps.now();
}

export function isCheckpointDue({ deps, checkpointedAt }: SweepRun): boolean {
  return deps.now().getTime() - checkpointedAt.getTime() >= CHECKPOINT_MS;
}

export function sweepLook({ deps: { operator }, progress }: SweepRun, id: ResourceId): Look {
  return {
    id,
    ...begunBy(operator, 'sweep'),
    correlationId: progress.correlationId,
    remediators: null,
    askedForByName: false,
    dryRun: false,
    causedAt: null,
  };
}

export async function queueFromSweep(run: SweepRun, id: ResourceId): Promise<void> {
  await queueLook(run.deps, sweepLook(run, id));
  advance(run, { queued: run.progress.queued + 1 });
}

/**
 * What a sweep does about whom its findings concern. A vault of the same subscription is considered later in this sweep,
 * and must only not be passed over; the rest is looked at from the queue. A vault has been considered by nobody where
 * nothing was ever learned, and is to be looked at by nobody before everything is.
 */
export async function concernIn(run: SweepRun): Promise<Concern> {
  const { deps, snapshot, subscriptionId } = run;
  const learned = await deps.readers.learned(deps.policy.scopes);
  const isNothingKnown = learned.every(({ at }) => at === null);
  const isAllKnown = learnedAt(learned) !== null;
  const isLater = (id: ResourceId): boolean => id.kind === 'vault' && id.subscriptionId === subscriptionId;
  return {
    async mark(id) {
      if (isLater(id)) {
        const at = snapshot.find(hashOfKey(id.key));
        if (at === null || snapshot.isDue(at)) return;
        await deps.touched.mark(id);
        snapshot.unsettle(at);
      } else if (id.kind !== 'vault' || !isNothingKnown) await deps.touched.mark(id);
    },
    async announce(id) {
      if (isLater(id) || (id.kind === 'vault' && !isAllKnown) || !isInScope(id, deps.policy.scopes)) return;
      await queueFromSweep(run, id);
    },
  };
}

export function toSweepMessage(
  subscriptionId: string,
  { correlationId, startedAt }: Pick<SweepProgress, 'correlationId' | 'startedAt'>,
  attempt = 0,
): SweepMessage {
  return { v: 2, kind: 'sweep', subscriptionId, correlationId, startedAt, attempt };
}
