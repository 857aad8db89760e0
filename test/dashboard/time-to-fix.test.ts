import { describe, expect, it } from 'vitest';
import { fixesOf, medianFix, medianOf } from '../../src/dashboard/time-to-fix.js';
import { bucketsOf, PERIODS } from '../../src/dashboard/timeline.js';
import { takingBackReason } from '../../src/types/by-hand.js';
import type { AuditRecord } from '../../src/types/record.js';
import { aRecord, vaultIdOf } from '../state/records.js';

const START = Date.parse('2026-11-26T12:00:00.000Z');
const at = (seconds: number, about: Partial<AuditRecord> = {}): AuditRecord =>
  aRecord({
    time: new Date(START + seconds * 1000).toISOString(),
    armRequestId: 'arm',
    durationMs: 250,
    ...about,
  });
/** Records as the log gives them: the newest first. */
const newestFirst = (...records: readonly AuditRecord[]): readonly AuditRecord[] => records.toReversed();
const otherEdit = {
  op: 'set',
  path: '/properties/enablePurgeProtection',
  before: null,
  after: true,
  reason: '',
} as const;

const takenBack: Partial<AuditRecord> = {
  trigger: 'cli',
  edits: aRecord().edits.map((edit) => ({ ...edit, reason: takingBackReason('record-1') })),
};

describe('the time to fix', () => {
  it.each<[string, readonly AuditRecord[], readonly (number | null)[]]>([
    ['of what is repaired at once is the look’s', newestFirst(at(0)), [250]],
    ['counts from the plan that was approved', newestFirst(at(0, { outcome: 'planned' }), at(60)), [60_250]],
    [
      'counts from the first of several refusals',
      newestFirst(at(0, { outcome: 'refused' }), at(30, { outcome: 'failed' }), at(90)),
      [90_250],
    ],
    [
      'counts anew for the next drift',
      newestFirst(at(0, { outcome: 'planned' }), at(60), at(3600)),
      [250, 60_250],
    ],
    ['does not count from an exemption', newestFirst(at(0, { outcome: 'exempt' }), at(60)), [250]],
    [
      'does not count from another drift of the same practice',
      newestFirst(at(0, { outcome: 'planned', edits: [otherEdit] }), at(60)),
      [250],
    ],
    [
      'does not count from the same drift of another resource',
      newestFirst(at(0, { outcome: 'planned', resourceId: vaultIdOf('kv-two') }), at(60)),
      [250],
    ],
    ['is unknown where Azure’s answer was never seen', newestFirst(at(0, { armRequestId: null })), [null]],
    [
      'is of no repair that somebody took back by hand, nor of what did not come of that',
      newestFirst(at(0), at(30, takenBack), at(31, { ...takenBack, outcome: 'failed' })),
      [250],
    ],
    ['is of nothing where nothing was repaired', newestFirst(at(0, { outcome: 'planned' })), []],
  ])('%s', (_name, records, expected) => {
    expect(fixesOf(records).map(({ ms }) => ms)).toEqual(expected);
  });

  it('has a median of what is known', () => {
    const records = newestFirst(
      at(0, { durationMs: 100 }),
      at(1, { armRequestId: null }),
      at(2, { durationMs: 300 }),
    );
    expect(medianFix(fixesOf(records))).toBe(200);
    expect(medianFix([])).toBeNull();
  });

  it.each([
    [[], null],
    [[5], 5],
    [[9, 1], 5],
    [[9, 1, 2], 2],
  ])('the median of %j is %s', (values, expected) => {
    expect(medianOf(values)).toBe(expected);
  });
});

describe('a timeline', () => {
  const [hour] = PERIODS;
  const now = START + 3_600_000;

  it('has each repair and each drift that was left in its step, and nothing of before', () => {
    if (hour === undefined) throw new Error('There is no period.');
    const records = newestFirst(
      at(-1, { outcome: 'refused' }),
      at(0),
      at(119, { outcome: 'failed' }),
      at(120, { outcome: 'planned' }),
      at(3599, { resourceId: vaultIdOf('kv-two') }),
      at(3599, { outcome: 'exempt' }),
    );
    const buckets = bucketsOf(records, fixesOf(records), hour, now);
    expect(buckets).toHaveLength(30);
    expect(
      buckets.flatMap(({ repaired, leftOpen }, i) =>
        repaired + leftOpen > 0 ? [[i, repaired, leftOpen]] : [],
      ),
    ).toEqual([
      [0, 1, 1],
      [1, 0, 1],
      [29, 1, 0],
    ]);
    expect(buckets[0]?.from).toBe(START);
    expect(buckets[29]?.median).toBe(250);
    expect(buckets[2]?.median).toBeNull();
  });
});
