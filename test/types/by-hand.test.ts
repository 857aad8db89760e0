import { describe, expect, it } from 'vitest';
import { actorDid, isByHand, lettingInReason, takingBackReason } from '../../src/types/by-hand.js';
import type { AuditRecord } from '../../src/types/record.js';
import { aRecord } from '../state/records.js';

describe('what the actor of a record did', () => {
  it.each<[string, Pick<AuditRecord, 'trigger' | 'outcome'>, 'wrote' | 'approved' | 'ran']>([
    ['an event names who had written', { trigger: 'event', outcome: 'applied' }, 'wrote'],
    ['an approval names who approved', { trigger: 'http', outcome: 'applied' }, 'approved'],
    ['one that failed as well', { trigger: 'http', outcome: 'failed' }, 'approved'],
    ['the command line names who ran it', { trigger: 'cli', outcome: 'applied' }, 'ran'],
    ['what is contested names who takes it back', { trigger: 'http', outcome: 'contested' }, 'wrote'],
    ['whoever asked for it', { trigger: 'cli', outcome: 'contested' }, 'wrote'],
    [
      'a sweep that goes on for an event names who had written',
      { trigger: 'sweep', outcome: 'applied' },
      'wrote',
    ],
  ])('%s', (_name, record, did) => {
    expect(actorDid(record)).toBe(did);
  });
});

describe('a change by hand', () => {
  const [edit] = aRecord().edits;
  const because = (trigger: AuditRecord['trigger'], ...reasons: readonly string[]): AuditRecord =>
    aRecord({
      trigger,
      edits: reasons.flatMap((reason) => (edit === undefined ? [] : [{ ...edit, reason }])),
    });

  it.each([
    ['takes a repair back', because('cli', takingBackReason('record-1'), takingBackReason('record-1')), true],
    ['lets an address in', because('cli', lettingInReason('2026-11-26T14:00:00.000Z', null)), true],
    ['is no repair that somebody asked for', because('cli', 'The firewall is open to all networks.'), false],
    ['is no repair of several things', because('cli', takingBackReason('record-1'), 'It is open.'), false],
    ['is made on the command line alone', because('event', takingBackReason('record-1')), false],
    ['changes something', because('cli'), false],
  ])('%s', (_name, record, expected) => {
    expect(isByHand(record)).toBe(expected);
  });
});
