import { isByHand } from '../types/by-hand.js';
import type { AuditRecord } from './answers.js';
import { LEFT_OPEN, medianFix, type Fix } from './time-to-fix.js';

const HOUR = 3_600_000;

/** How far back a timeline goes, and how long each of its steps is; milliseconds. */
export interface Period {
  readonly name: string;
  readonly ms: number;
  readonly step: number;
}

export const PERIODS: readonly Period[] = [
  { name: 'last hour', ms: HOUR, step: HOUR / 30 },
  { name: 'last 24 hours', ms: 24 * HOUR, step: HOUR },
  { name: 'last 7 days', ms: 168 * HOUR, step: 6 * HOUR },
  { name: 'last 30 days', ms: 720 * HOUR, step: 24 * HOUR },
  { name: 'last 90 days', ms: 2160 * HOUR, step: 72 * HOUR },
];

/** What happened in one step of a timeline. */
export interface Bucket {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly repaired: number;
  /** Drift that was seen and left. */
  readonly leftOpen: number;
  /** Median milliseconds to fix; null where nothing was repaired, or nobody knows. */
  readonly median: number | null;
}

/** The steps of a period that ends now, the oldest first. */
export function bucketsOf(
  records: readonly AuditRecord[],
  fixes: readonly Fix[],
  { ms, step }: Period,
  now: number,
): readonly Bucket[] {
  const count = Math.round(ms / step);
  const start = now - count * step;
  const at = (time: number): number => Math.min(count - 1, Math.floor((time - start) / step));
  const leftOpen = new Array<number>(count).fill(0);
  for (const record of records) {
    if (!LEFT_OPEN.has(record.outcome) || isByHand(record)) continue;
    const index = at(Date.parse(record.time));
    if (index >= 0) leftOpen[index] = (leftOpen[index] ?? 0) + 1;
  }
  const repaired = Map.groupBy(fixes, (fix) => at(fix.at));
  return leftOpen.map((open, index) => {
    const here = repaired.get(index) ?? [];
    return { from: start + index * step, repaired: here.length, leftOpen: open, median: medianFix(here) };
  });
}
