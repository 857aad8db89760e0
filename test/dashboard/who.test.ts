import { expect, it } from 'vitest';
import { actorDid } from '../../src/dashboard/who.js';
import type { AuditRecord } from '../../src/types/record.js';

it.each<[string, Pick<AuditRecord, 'trigger' | 'outcome'>, 'wrote' | 'approved']>([
  ['an event names who had written', { trigger: 'event', outcome: 'applied' }, 'wrote'],
  ['an approval names who approved', { trigger: 'http', outcome: 'applied' }, 'approved'],
  ['one that failed as well', { trigger: 'http', outcome: 'failed' }, 'approved'],
  ['what is contested names who takes it back', { trigger: 'http', outcome: 'contested' }, 'wrote'],
  [
    'a sweep that goes on for an event names who had written',
    { trigger: 'sweep', outcome: 'applied' },
    'wrote',
  ],
])('%s', (_name, record, did) => {
  expect(actorDid(record)).toBe(did);
});
