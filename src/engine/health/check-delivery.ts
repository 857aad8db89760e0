import type { DeliveryBacklog } from '../ports/health.js';
import type { Check, HealthDeps } from './check.js';

/** A target that fails for less is one that is tried again; its failures are in the log. */
const LONG_MS = 15 * 60_000;
/** A card about a sweep waits for half an hour at most: what waits for longer, waits for nothing. */
const LATE_MS = 60 * 60_000;

/** Whether records come to where they are to go beside the audit log. */
export async function checkDelivery({
  readDeliveries,
  now,
}: Pick<HealthDeps, 'readDeliveries' | 'now'>): Promise<Check> {
  return deliveryCheck(await readDeliveries(), now());
}

/** Degrades and does no more: what cannot be delivered waits, and nothing is left undone for it. */
export function deliveryCheck(backlogs: readonly DeliveryBacklog[], now: Date): Check {
  const remarks = backlogs.flatMap((backlog) =>
    [remarkOn(backlog, now), remarkOnSetAside(backlog)].filter((remark) => remark !== null),
  );
  const waiting = backlogs.reduce((sum, one) => sum + one.waiting, 0);
  const fine =
    backlogs.length === 0
      ? 'Records go to the audit log alone.'
      : `${waiting} deliveries wait for ${backlogs.map(({ target }) => target).join(', ')}.`;
  return {
    name: 'delivery',
    status: remarks.length === 0 ? 'healthy' : 'degraded',
    detail: remarks.length === 0 ? fine : remarks.join(' '),
    targets: backlogs.map(shown),
  };
}

/** Null where all is as it should be. */
function remarkOn(backlog: DeliveryBacklog, now: Date): string | null {
  const { target, failures, failingSince, oldestAt, lastError, nextTry } = backlog;
  const ageOf = (time: Date | null): number => (time === null ? 0 : now.getTime() - time.getTime());
  const isLate = ageOf(oldestAt) > LATE_MS;
  const waits = `${countOf(backlog)}${oldestAt === null ? '' : `, the oldest since ${oldestAt.toISOString()}`}`;
  if (failures > 0) {
    if (ageOf(failingSince) <= LONG_MS && !isLate) return null;
    const since = failingSince === null ? '' : ` since ${failingSince.toISOString()}`;
    const next = nextTry === null ? '' : ` It is tried again at ${nextTry.toISOString()}.`;
    return `${target} has failed${since}; ${waits}. Last: ${lastError ?? 'the log of the function deliver says why.'}${next}`;
  }
  return isLate ? `${target}: ${waits}, though it has not failed. ${STANDING_STILL}` : null;
}

/** What is put aside does not wait and does not fail: nothing else would ever say that it did not arrive. */
function remarkOnSetAside({ target, setAside }: DeliveryBacklog): string | null {
  if (setAside === 0) return null;
  const some = setAside === 1 ? '1 record' : `${setAside} records`;
  return `${target} will never take ${some} of the last day, put aside: the log of the function deliver says which and why.`;
}

const STANDING_STILL =
  'See that the function deliver is not disabled, and what its log says of records that cannot be read.';

function countOf({ waiting, isMore }: DeliveryBacklog): string {
  return waiting === 1 ? '1 record waits' : `${isMore ? 'at least ' : ''}${waiting} records wait`;
}

function shown({
  failingSince,
  oldestAt,
  nextTry,
  ...rest
}: DeliveryBacklog): Readonly<Record<string, unknown>> {
  return {
    ...rest,
    oldestAt: oldestAt?.toISOString() ?? null,
    failingSince: failingSince?.toISOString() ?? null,
    nextTry: nextTry?.toISOString() ?? null,
  };
}
