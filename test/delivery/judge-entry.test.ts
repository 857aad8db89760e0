import { describe, expect, test } from 'vitest';
import { judgeEntry } from '../../src/delivery/judge-entry.js';
import type { AuditRecord } from '../../src/types/record.js';
import { aRecord } from '../state/records.js';
import { entryOf } from './fake-delivery.js';

const MINUTE = 60_000;
const PUT = Date.parse('2026-11-23T12:00:00.000Z');
const applied = aRecord();
const pending: AuditRecord = { ...applied, outcome: 'pending' };
const other: AuditRecord = { ...applied, warnings: ['another state'] };
const entry = entryOf('teams', applied, PUT, 'etag');

describe('what is done with an entry', () => {
  test.each<[string, AuditRecord | null, number, object]>([
    ['the record is in the state that was announced', applied, 0, { kind: 'deliver', record: applied }],
    ['it is pending: nobody knows yet', pending, 60 * MINUTE, { kind: 'wait', until: null }],
    [
      'it is still in another state: whoever put the entry is about to write it',
      other,
      1000,
      { kind: 'wait', until: PUT + 6000 },
    ],
    ['it is not there yet: the same', null, 0, { kind: 'wait', until: PUT + 5000 }],
    [
      'the longer it takes, the rarer the looks',
      other,
      3 * MINUTE,
      { kind: 'wait', until: PUT + 6 * MINUTE },
    ],
    [
      'but one comes when the ten minutes are over',
      other,
      9 * MINUTE,
      { kind: 'wait', until: PUT + 10 * MINUTE },
    ],
    [
      'in another state after ten minutes: its writer has died, and what is there counts',
      other,
      10 * MINUTE,
      { kind: 'deliver', record: other },
    ],
    ['not there after ten minutes: there never was such a record', null, 10 * MINUTE, { kind: 'drop' }],
    [
      'put by a clock that is ahead: it waits as if put now',
      null,
      -2 * MINUTE,
      { kind: 'wait', until: PUT - 2 * MINUTE + 5000 },
    ],
  ])('%s', (_name, record, age, expected) => {
    expect(judgeEntry(entry, record, PUT + age)).toMatchObject(expected);
  });
});
