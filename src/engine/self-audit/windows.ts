import type { AuditProgress, TimeRange } from './ports.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * Every stretch of time is compared twice. An event is to be seen within minutes of what it tells of, but no source says
 * that none takes longer; and of a write it can only be said after a while that Azure does not know it.
 */
export const PASSES = {
  /** An event is said to take 3 to 20 minutes; Microsoft's own pages name no time. */
  soon: { lagMs: HOUR_MS },
  settled: { lagMs: DAY_MS + HOUR_MS },
} as const;
export type Pass = keyof typeof PASSES;

/** What is compared at once: so much is done again after a failure. */
const STEP_MS = HOUR_MS;
/** Where a subscription has never been compared. */
const FIRST_MS = DAY_MS;
/**
 * Azure keeps events for 90 days and refuses a question that begins before
 * (https://learn.microsoft.com/azure/azure-monitor/platform/activity-log#retention-period).
 */
const KEPT_MS = 89 * DAY_MS;

export interface Window extends TimeRange {
  /** What will never be compared any more; null where nothing is lost. */
  readonly lost: TimeRange | null;
}

/**
 * Where a subscription begins that was never compared. To be noted before the first comparison: until that succeeds, it
 * would begin ever later, and what lies between would be left out.
 */
export function firstProgress(now: Date): AuditProgress {
  const start = (pass: Pass): Date => new Date(now.getTime() - PASSES[pass].lagMs - FIRST_MS);
  return { comparedUntil: start('soon'), settledUntil: start('settled') };
}

/**
 * What is to be compared next; null where that is nothing yet. `until` is up to where it has been compared. One that lies
 * in the future was noted by a clock that is ahead: to wait for it would be to look away.
 */
export function nextWindow(until: Date | null, now: Date, pass: Pass): Window | null {
  const end = now.getTime() - PASSES[pass].lagMs;
  const isKnown = until !== null && until.getTime() <= now.getTime();
  const wanted = isKnown ? until.getTime() : end - FIRST_MS;
  const oldest = now.getTime() - KEPT_MS;
  const from = Math.max(wanted, oldest);
  if (from >= end) return null;
  return {
    from: new Date(from),
    to: new Date(Math.min(from + STEP_MS, end)),
    lost: wanted < oldest ? { from: new Date(wanted), to: new Date(oldest) } : null,
  };
}

/** Whether somebody should know that a comparison has not come as far as it should have, or never came to anything. */
export function isFarBehind({ comparedUntil, settledUntil }: AuditProgress, now: Date): boolean {
  const isLate = (until: Date | null, { lagMs }: { readonly lagMs: number }): boolean =>
    until === null || now.getTime() - until.getTime() > lagMs + 6 * HOUR_MS;
  return isLate(comparedUntil, PASSES.soon) || isLate(settledUntil, PASSES.settled);
}
