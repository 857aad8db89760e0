import { isByHand } from '../types/by-hand.js';
import type { AuditRecord, Edit } from './answers.js';

/** A repair, and how long it took from when Holdfast first saw the drift. */
export interface Fix {
  readonly record: AuditRecord;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds; null where the records do not tell. */
  readonly ms: number | null;
}

/** What says that drift was seen and stayed. An exempt one was meant to stay. */
export const LEFT_OPEN: ReadonlySet<AuditRecord['outcome']> = new Set([
  'planned',
  'refused',
  'failed',
  'contested',
]);

/**
 * The repairs among records, newest first as they are given. A record's `durationMs` goes from the look that led to
 * the write up to its outcome, and that is the answer where Holdfast repaired what it had just seen. Where it had seen
 * the same drift before and left it open (a plan, a refusal, a failure), the time counts from then on. A write whose
 * answer never came was settled later by somebody who knows only what was there then: how long it took is unknown.
 * What a person had made on the command line in place of a repair is none. When the drift began is in no record; Azure's delay before Holdfast hears of it is not in these times.
 */
export function fixesOf(records: readonly AuditRecord[]): readonly Fix[] {
  const firstSeen = new Map<string, number>();
  const fixes: Fix[] = [];
  for (const record of records.toReversed()) {
    if (isByHand(record)) continue;
    const at = Date.parse(record.time);
    const keys = record.edits.map((edit) => keyOf(record, edit));
    if (LEFT_OPEN.has(record.outcome)) {
      for (const key of keys) firstSeen.set(key, Math.min(at, firstSeen.get(key) ?? at));
    } else if (record.outcome === 'applied') {
      const seen = keys.map((key) => firstSeen.get(key)).filter((time) => time !== undefined);
      const waited = seen.length === 0 ? 0 : Math.max(0, at - Math.min(...seen));
      fixes.push({ record, at, ms: record.armRequestId === null ? null : waited + record.durationMs });
      for (const key of keys) firstSeen.delete(key);
    }
  }
  return fixes.reverse();
}

/** The middle one, or the mean of the two; null of none. */
export function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[half - 1], sorted[half]];
  if (high === undefined) return null;
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2;
}

export function medianFix(fixes: readonly Fix[]): number | null {
  return medianOf(fixes.flatMap(({ ms }) => ms ?? []));
}

function keyOf({ resourceId, remediator }: AuditRecord, { op, path, before, after }: Edit): string {
  // What a value was before may have changed while the drift stood open; the member of a list is the edit itself.
  const member = op === 'add' ? after : op === 'remove' ? before : null;
  return JSON.stringify([resourceId.toLowerCase(), remediator, op, path, member]);
}
