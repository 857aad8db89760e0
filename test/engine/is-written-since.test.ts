import { describe, expect, test } from 'vitest';
import { isWrittenBefore, isWrittenSince } from '../../src/engine/settle/is-written-since.js';
import type { JsonObject } from '../../src/types/json.js';
import type { AuditRecord } from '../../src/types/record.js';
import { vaultId, workflowId } from './fake-world.js';

const READ = '2026-11-23T12:00:00Z';
const LATER = '2026-11-23T12:00:01Z';
const shown = (lastModifiedAt: string): JsonObject => ({ properties: {}, systemData: { lastModifiedAt } });
const recordOf = (path: string): AuditRecord =>
  ({
    edits: [{ op: 'set', path, before: null, after: null, reason: '' }],
  }) as unknown as AuditRecord;
const WHOLE = recordOf('/properties/enablePurgeProtection');
const PART = recordOf('/properties/accessPolicies');

describe('whether somebody has written a resource since a write was planned', () => {
  test.each([
    ['a vault that is newer', WHOLE, READ, LATER, true],
    ['a vault as it was', WHOLE, READ, READ, false],
    ['a vault of which nothing says when', WHOLE, null, LATER, null],
    ['a policy of a vault that is newer', PART, READ, LATER, true],
    ['a policy of a vault as it was: a write of a part need not renew the time', PART, READ, READ, null],
  ])('%s', (_what, record, basedOn, at, since) => {
    const evidence = { digest: 'd', basedOn };
    expect(isWrittenSince([record], evidence, vaultId(), shown(at))).toBe(since);
  });

  test('a connection: it has no time', () => {
    const connection = { ...workflowId(), kind: 'connection' as const };
    expect(isWrittenSince([WHOLE], { digest: 'd', basedOn: READ }, connection, shown(LATER))).toBeNull();
  });
});

describe('whether a resource was written last before a write was sent', () => {
  const SENT = '2026-11-23T12:00:10Z';
  test.each([
    ['a vault that was', WHOLE, SENT, '2026-11-23T12:00:07Z', true],
    ['a vault that was written in about the same moment', WHOLE, SENT, '2026-11-23T12:00:09Z', false],
    ['a vault that was written after it', WHOLE, SENT, '2026-11-23T12:00:11Z', false],
    ['a write of which nothing says when it was sent', WHOLE, null, '2026-11-23T12:00:07Z', false],
    ['a policy: a write of a part need not renew the time', PART, SENT, '2026-11-23T12:00:07Z', false],
  ])('%s', (_what, record, sentAt, at, before) => {
    const evidence = { digest: 'd', basedOn: READ, sentAt };
    expect(isWrittenBefore([record], evidence, vaultId(), shown(at))).toBe(before);
  });
});
