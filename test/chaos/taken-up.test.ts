import { expect, test } from 'vitest';
import { isTakenUp } from '../../chaos/evidence/taken-up.js';
import type { AuditRecord } from '../../src/types/record.js';

const saved = { properties: { version: '07' } };
const records = (path: string, after: string): readonly AuditRecord[] =>
  [{ edits: [] }, { edits: [{ op: 'set', path, before: '06', after }] }] as unknown as readonly AuditRecord[];

test.each([
  ['its version was taken up', records('/properties/version', '07'), true],
  ['another version was', records('/properties/version', '08'), false],
  ['an edit only has the same value', records('/properties/state', '07'), false],
  ['nothing was recorded', [], false],
])('a save of which %s', (_, given, expected) => {
  expect(isTakenUp(saved, given)).toBe(expected);
});
