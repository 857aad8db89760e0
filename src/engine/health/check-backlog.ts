import type { Backlog } from '../ports/health.js';
import type { Check, HealthDeps } from './check.js';

/** A message that has waited longer is late, unless Azure asked to wait: which of the two it is a queue does not say. */
const LATE_MS = 15 * 60_000;

/** What waits to be looked at, and what was left over. */
export async function checkBacklog({
  readBacklog,
  now,
}: Pick<HealthDeps, 'readBacklog' | 'now'>): Promise<Check> {
  return backlogCheck(await readBacklog(), now());
}

/** A backlog degrades and does no more: where nothing is done any more, sweeps are overdue, and that is unhealthy. */
export function backlogCheck(backlog: Backlog, now: Date): Check {
  const { queued, oldestAt, poison, deadLetters } = backlog;
  const waitedMs = oldestAt === null ? 0 : now.getTime() - oldestAt.getTime();
  const late =
    waitedMs > LATE_MS
      ? [
          `The oldest message on the queue reconcile was put there ${Math.floor(waitedMs / 60_000)} minutes ago.`,
        ]
      : [];
  const left = poison + deadLetters;
  const dead =
    left > 0
      ? [
          `${left} dead letters wait: GET /api/dead-letters says why, POST /api/dead-letters/replay has them looked at.`,
        ]
      : [];
  const remarks = [...late, ...dead];
  return {
    name: 'backlog',
    status: remarks.length === 0 ? 'healthy' : 'degraded',
    detail: remarks.length === 0 ? `${queued} messages wait on the queue reconcile.` : remarks.join(' '),
    ...{ queued, oldestAt: oldestAt?.toISOString() ?? null, poison, deadLetters },
  };
}
