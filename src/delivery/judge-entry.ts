import { digestOf } from '../engine/record/record-digest.js';
import type { AuditRecord } from '../types/record.js';
import type { OutboxEntry } from './outbox.js';

export type Judgement =
  | { readonly kind: 'deliver'; readonly record: AuditRecord; readonly digest: string }
  /** There never was such a record. */
  | { readonly kind: 'drop' }
  /** Worth another look at this time, in milliseconds since 1970; null: it is put anew when there is something to say. */
  | { readonly kind: 'wait'; readonly until: number | null };

/**
 * For how long whoever put an entry may still be about to write the record: some calls to the storage account of ten
 * seconds each, and clocks that differ by minutes.
 */
const UNDER_WAY_MS = 10 * 60_000;
const SOONEST_LOOK_MS = 5000;

/** What is to be done with an entry, by the record as it stands now; null where there is none. */
export function judgeEntry(entry: OutboxEntry, record: AuditRecord | null, now: number): Judgement {
  if (record?.outcome === 'pending') return { kind: 'wait', until: null };
  const digest = record === null ? null : digestOf(record);
  const age = now - entry.putAt.getTime();
  if (digest !== entry.digest && age < UNDER_WAY_MS) {
    // Nearly always it is there a moment later, so the looks come further and further apart.
    const until = Math.min(now + Math.max(SOONEST_LOOK_MS, age), now + UNDER_WAY_MS - age);
    return { kind: 'wait', until };
  }
  return record === null || digest === null ? { kind: 'drop' } : { kind: 'deliver', record, digest };
}
