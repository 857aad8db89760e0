import type { AuditRecord } from '../../src/types/record.js';
import { settingsAt, type Evidence } from './evidence.js';
import type { UnsafePart } from './unsafe-parts.js';

/** Why a record says that a change is not made now; null where it says nothing of the sort. */
export type Holding = 'approval' | 'limit' | 'contested';

export function holdingOf(world: Evidence, record: AuditRecord): Holding | null {
  const { modes } = settingsAt(world, world.time.now());
  switch (record.outcome) {
    case 'planned':
      return modes[record.remediator] === 'approve' ? 'approval' : null;
    case 'refused':
      return record.error?.startsWith('HOLDFAST_MAX_CHANGES is ') === true ? 'limit' : null;
    case 'contested':
      return pausedUntil(record) > world.time.now() - SWEPT_MS ? 'contested' : null;
    case 'pending':
    case 'applied':
    case 'failed':
    case 'exempt':
      return null;
  }
}

/** A pause that ended after the last sweep had looked. */
const SWEPT_MS = 10 * 60_000;

/** When the pause of a contested record is over, as it says. */
export function pausedUntil({ warnings }: AuditRecord): number {
  const until = warnings.flatMap(
    (warning) => / until (\d{4}-\S+Z) \(pause \d+\)/.exec(warning)?.[1] ?? [],
  )[0];
  return until === undefined ? Number.NEGATIVE_INFINITY : Date.parse(until);
}

/** Whether what is unsafe is held back by what the operator has set, and a record says so. */
export function isHeldBack(
  world: Evidence,
  records: readonly AuditRecord[],
  { by, recordedAt }: UnsafePart,
): boolean {
  return records.some(
    (record) =>
      by.includes(record.remediator) &&
      record.resourceId.toLowerCase() === recordedAt.toLowerCase() &&
      holdingOf(world, record) !== null,
  );
}
