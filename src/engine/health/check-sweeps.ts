import { inBatches } from '../in-batches.js';
import type { SweepProgress } from '../ports/sweep-store.js';
import { HEALTH_STATUSES, type Check, type HealthDeps, type HealthStatus } from './check.js';

/** How the sweeps of one subscription are. */
export interface SweepHealth {
  readonly status: HealthStatus;
  /** When everything was last seen without a gap; RFC 3339, null if never. */
  readonly completedAt: string | null;
  /** When a sweep since then has ended without having seen everything; null where none has. */
  readonly failedAt: string | null;
  /** Since when a sweep is under way; null where none is. */
  readonly startedAt: string | null;
  readonly detail: string;
}

/** Those whose last complete sweep is the oldest: whatever has failed since is among them, before all others. */
const MOST_READ = 64;
const MOST_SHOWN = 20;

/** Whether every subscription is swept as often as HOLDFAST_SWEEP_SCHEDULE says. */
export async function checkSweeps(
  deps: Pick<HealthDeps, 'policy' | 'sweeps' | 'sweepTotals' | 'sweepFirings' | 'now'>,
): Promise<Check> {
  const ids = [...new Set(deps.policy.scopes.map(({ subscriptionId }) => subscriptionId))];
  const completed = await deps.sweepTotals.completedAt();
  const timeOf = (id: string): number => completed.get(id)?.getTime() ?? 0;
  const oldest = ids.toSorted((one, other) => timeOf(one) - timeOf(other)).slice(0, MOST_READ);
  const now = deps.now();
  const needed = neededSince(deps.sweepFirings(now), now);
  const found = await inBatches(oldest, async (subscriptionId) => {
    const progress = (await deps.sweeps.readProgress(subscriptionId))?.value ?? null;
    return { subscriptionId, ...sweepHealth(completed.get(subscriptionId) ?? null, progress, needed) };
  });
  const worst = Math.max(0, ...found.map(({ status }) => HEALTH_STATUSES.indexOf(status)));
  const status = HEALTH_STATUSES[worst] ?? 'unhealthy';
  const wrong = found.filter((one) => one.status !== 'healthy');
  const detail =
    wrong.length === 0
      ? `All ${ids.length} subscriptions are swept as scheduled.`
      : `${wrong.length} of ${ids.length} subscriptions: ${wrong.find((one) => one.status === status)?.detail ?? ''}`;
  const shown = found.toSorted((one, other) => rankOf(other) - rankOf(one)).slice(0, MOST_SHOWN);
  return { name: 'sweep', status, detail, subscriptions: shown };
}

function rankOf({ status }: SweepHealth): number {
  return HEALTH_STATUSES.indexOf(status);
}

/** For the sweep that the timer has just begun. */
const MOST_GRACE_MS = 30 * 60_000;

/**
 * Since when there must have been a complete sweep, by when the timer last fired (the latest first); null where it has
 * not fired often enough to tell. One run may be missed, and the one after it has half the time until the next, or half
 * an hour.
 */
export function neededSince([last, second, third]: readonly Date[], now: Date): Date | null {
  if (last === undefined || second === undefined) return null;
  const grace = Math.min(MOST_GRACE_MS, (last.getTime() - second.getTime()) / 2);
  return now.getTime() - last.getTime() >= grace ? second : (third ?? null);
}

/** How a subscription's sweeps are, by what is stored of them. */
export function sweepHealth(
  completedAt: Date | null,
  progress: Pick<SweepProgress, 'phase' | 'startedAt' | 'notedAt' | 'problems' | 'problemCount'> | null,
  needed: Date | null,
): SweepHealth {
  const isOver = progress?.phase === 'over';
  const failedAt = isOver && progress.problemCount > 0 ? progress.notedAt : null;
  const startedAt = progress !== null && !isOver ? progress.startedAt : null;
  const times = { completedAt: completedAt?.toISOString() ?? null, failedAt, startedAt };
  const since = completedAt ?? (startedAt === null ? null : new Date(startedAt));
  const isOverdue = since !== null && needed !== null && since < needed;
  const never = completedAt === null;
  const ended = never
    ? 'It has never been swept completely.'
    : `Last swept completely at ${times.completedAt ?? ''}.`;
  const say = (status: HealthStatus, ...more: readonly string[]): SweepHealth => ({
    ...times,
    status,
    detail: [ended, ...more].join(' '),
  });
  const failed = failedAt === null ? [] : [`A sweep failed at ${failedAt}: ${problemsOf(progress)}`];
  const underWay = startedAt === null ? [] : [`A sweep is under way since ${startedAt}.`];
  if (isOverdue)
    return say('unhealthy', `That is overdue.`, ...failed, ...underWay, ...(isIdle(times) ? [IDLE] : []));
  if (failedAt !== null) return say(never ? 'unhealthy' : 'degraded', ...failed);
  if (never) return say('degraded', ...(startedAt === null ? [NOT_BEGUN] : underWay));
  return say('healthy', ...underWay);
}

function isIdle({ failedAt, startedAt }: Pick<SweepHealth, 'failedAt' | 'startedAt'>): boolean {
  return failedAt === null && startedAt === null;
}

const NOT_BEGUN =
  'The timer of HOLDFAST_SWEEP_SCHEDULE begins it; see that the function sweep is not disabled.';
const IDLE =
  'None is under way: see that the functions sweep and reconcile are not disabled, and what their logs say.';

/** They name resources and permissions, in the sweep's own words. */
function problemsOf(progress: Pick<SweepProgress, 'problems' | 'problemCount'> | null): string {
  const [first = ''] = progress?.problems ?? [];
  const rest = (progress?.problemCount ?? 0) - 1;
  return rest > 0 ? `${first} And ${rest} more.` : first;
}
