import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { compare } from '../../../src/engine/self-audit/compare.js';
import { ownOperations } from '../../../src/engine/self-audit/own-operations.js';
import type { ActivityEvent } from '../../../src/engine/self-audit/ports.js';
import { recordedWrites, repeatedAsRecorded } from '../../../src/engine/self-audit/recorded-writes.js';
import { RECORD_OUTCOMES, type AuditRecord } from '../../../src/types/record.js';
import { OWN_ID, SUBSCRIPTION, vaultId } from '../fake-world.js';
import { after, anEvent, aRecord, AT, freshId, VAULT_WRITE } from './events.js';

const record = aRecord();
const NAMELESS = { clientRequestId: null, serviceRequestId: null };
const connection = (name: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Web/connections/${name}`;

const compared = (events: readonly ActivityEvent[], records: readonly AuditRecord[]) =>
  compare(ownOperations(events, new Set([OWN_ID])), recordedWrites(records));
const unrecorded = (events: readonly ActivityEvent[], records: readonly AuditRecord[]): number =>
  compared(events, records).unrecorded.length;

describe('a write in Azure is recorded', () => {
  test.each<[string, Partial<ActivityEvent>, Partial<AuditRecord>]>([
    ['by what Holdfast called its request', { clientRequestId: record.writeId }, {}],
    ['by its correlation id', { ...NAMELESS, correlationId: record.writeId }, {}],
    ['by what Azure called it', { clientRequestId: null, serviceRequestId: record.armRequestId }, {}],
    // As a resource provider logs it under ids of its own.
    ['by what the provider called it', { ...NAMELESS, correlationId: record.armRequestId }, {}],
    ['whatever the case', { clientRequestId: record.writeId }, { writeId: record.writeId.toUpperCase() }],
    ['where it failed for Holdfast', { clientRequestId: record.writeId }, { outcome: 'failed' }],
    [
      'where it has no outcome yet',
      { clientRequestId: record.writeId },
      { outcome: 'pending', armRequestId: null },
    ],
    [
      'of a part of the vault',
      { ...NAMELESS, correlationId: record.writeId, resourceId: `${vaultId().id}/accessPolicies/replace` },
      {},
    ],
    ['with clocks that differ by minutes', { clientRequestId: record.writeId, at: after(-9) }, {}],
    ['where Azure does not say when', { clientRequestId: record.writeId, at: null }, {}],
    [
      'of the connection beside the one that was looked at',
      {
        clientRequestId: record.writeId,
        operation: 'Microsoft.Web/connections/write',
        resourceId: connection('kv-mi'),
      },
      {
        resourceId: connection('kv'),
        edits: [{ op: 'set', path: '/connections/kv-mi', before: null, after: {}, reason: '' }],
      },
    ],
    // Azure says nothing of what it was called: that one was sent to this vault at this time tells it.
    ['by its time alone', NAMELESS, {}],
    ['by its time alone, where Azure never answered', { clientRequestId: null }, { armRequestId: null }],
  ])('%s', (_name, event, about) => {
    expect(compared([anEvent(event)], [{ ...record, ...about }])).toEqual({ unrecorded: [], unknown: [] });
  });
});

it('what Azure checks of whoever links resources belongs to the write that links them', () => {
  const joined = (correlationId: string): ActivityEvent =>
    anEvent({
      correlationId,
      operation: 'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action',
      resourceId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/s`,
    });
  const written = anEvent({ clientRequestId: record.writeId });
  expect(compared([joined(record.writeId), written], [record])).toEqual({ unrecorded: [], unknown: [] });
  expect(unrecorded([joined(freshId()), written], [record])).toBe(1);
  // It is no write itself.
  expect(compared([joined(record.writeId)], [record]).unknown).toHaveLength(1);
});

describe('a write in Azure is not recorded', () => {
  test.each<[string, Partial<ActivityEvent>, Partial<AuditRecord>]>([
    ['that no record names', {}, {}],
    ['of another vault', { clientRequestId: record.writeId, resourceId: vaultId('kv-other').id }, {}],
    [
      'of a vault whose name begins alike',
      { clientRequestId: record.writeId, resourceId: `${vaultId().id}-two` },
      {},
    ],
    // The ids of earlier writes stand in the activity log, for whoever has the identity to read.
    ['with the id of an earlier write', { clientRequestId: record.writeId, at: after(30) }, {}],
    [
      "with Azure's id of an earlier write",
      { ...NAMELESS, correlationId: record.armRequestId, at: after(30) },
      {},
    ],
    ['that deletes', { clientRequestId: record.writeId, operation: 'Microsoft.KeyVault/vaults/delete' }, {}],
    [
      'that gets keys',
      { clientRequestId: record.writeId, operation: 'Microsoft.Storage/storageAccounts/listKeys/action' },
      {},
    ],
    ['that links, and has no write', { operation: 'Microsoft.Web/connections/join/action' }, {}],
    ['without a name, minutes from the record', { ...NAMELESS, at: after(5) }, {}],
    ['without a name, of another vault', { ...NAMELESS, resourceId: vaultId('kv-other').id }, {}],
    ['that Azure answered otherwise', { clientRequestId: null }, {}],
  ])('%s', (_name, event, about) => {
    expect(unrecorded([anEvent(event)], [{ ...record, ...about }])).toBe(1);
  });

  test.each(
    RECORD_OUTCOMES.map((outcome) => [outcome, ['applied', 'failed', 'pending'].includes(outcome)] as const),
  )('with a record that is %s: %s', (outcome, isRecorded) => {
    // The records of a look share its write id, also those of what it would not write.
    expect(unrecorded([anEvent({ clientRequestId: record.writeId })], [{ ...record, outcome }])).toBe(
      isRecorded ? 0 : 1,
    );
  });
});

it('one record excuses one write that has no name', () => {
  const events = [anEvent(NAMELESS), anEvent({ ...NAMELESS, at: after(1) })];
  expect(unrecorded(events, [record])).toBe(1);
  expect(unrecorded(events, [record, aRecord()])).toBe(0);
  // It is another write already.
  expect(unrecorded([anEvent({ clientRequestId: record.writeId }), anEvent(NAMELESS)], [record])).toBe(1);
});

describe('operations that bear the id of one write', () => {
  const named = (minutes: number, about: Partial<ActivityEvent> = {}): ActivityEvent =>
    anEvent({ clientRequestId: record.writeId, at: after(minutes), ...about });
  const answered = named(0, { serviceRequestId: record.armRequestId });
  const NO_SERVICE_ID = { serviceRequestId: null };

  test.each<[string, readonly ActivityEvent[], Partial<AuditRecord>, number]>([
    ['the one that Azure answered', [answered], {}, 0],
    ['one before it, whose answer was lost', [named(-1), answered], {}, 0],
    ['the same, as a provider logs it under ids of its own', [answered, named(0.1)], {}, 0],
    ['one after it, by whoever has read the id', [answered, named(1)], {}, 1],
    ['many after it', [answered, named(1), named(2), named(3)], {}, 3],
    ['one after it that Azure does not name', [answered, named(1, NO_SERVICE_ID)], {}, 1],
    ['one that has no time', [answered, named(0, { at: null })], {}, 0],
    ['a few, where the answer was lost', [named(0), named(1), named(2)], { armRequestId: null }, 0],
    [
      'more than a write is ever sent, where the answer was lost',
      [named(0), named(1), named(2), named(3), named(4)],
      { armRequestId: null },
      2,
    ],
    ['a few, where Azure names none', [0, 1].map((at) => named(at, NO_SERVICE_ID)), {}, 0],
    ['many, where Azure names none', [0, 1, 2, 3, 4].map((at) => named(at, NO_SERVICE_ID)), {}, 2],
  ])('%s', (_name, events, about, expected) => {
    expect(unrecorded(events, [{ ...record, ...about }])).toBe(expected);
  });

  it('those of another write excuse themselves', () => {
    const other = aRecord({ time: after(1).toISOString() });
    const second = anEvent({
      clientRequestId: other.writeId,
      at: after(1),
      serviceRequestId: other.armRequestId,
    });
    expect(unrecorded([answered, second, named(2)], [record, other])).toBe(1);
  });
});

it('a write that went over earlier records is recorded', () => {
  const write = { writeId: freshId(), at: new Date(AT), resourceId: vaultId().id, recordIds: ['one'] };
  const operations = ownOperations([anEvent({ clientRequestId: write.writeId })], new Set([OWN_ID]));
  expect(compare(operations, [repeatedAsRecorded(write)]).unrecorded).toEqual([]);
});

describe('a record whose write Azure does not know', () => {
  test.each<[string, readonly ActivityEvent[], boolean]>([
    ['nothing is there', [], true],
    ['only somebody else wrote', [anEvent({ callers: ['somebody'], clientRequestId: record.writeId })], true],
    ['it failed there', [anEvent({ status: 'Failed', clientRequestId: record.writeId })], true],
    ['it is there', [anEvent({ clientRequestId: record.writeId })], false],
  ])('%s', (_name, events, expected) => {
    expect(compared(events, [record]).unknown.length).toBe(expected ? 1 : 0);
  });
});

it('whatever Azure leaves out, what Holdfast recorded is no alarm and every other write is one', () => {
  const hidden = fc.record({
    clientRequestId: fc.boolean(),
    correlationId: fc.boolean(),
    serviceRequestId: fc.boolean(),
    operationId: fc.boolean(),
  });
  const write = fc.record({
    vault: fc.integer({ min: 1, max: 3 }),
    isOurs: fc.boolean(),
    isAnswered: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 8 }), hidden, (made, shown) => {
      const records: AuditRecord[] = [];
      const events = made.map(({ vault, isOurs, isAnswered }, i) => {
        const resourceId = vaultId(`kv-${vault}`).id;
        const armRequestId = freshId();
        // Hours apart: at one time and place, nothing but its name tells one write from another.
        const at = after(i * 60);
        const own = aRecord({
          resourceId,
          time: at.toISOString(),
          armRequestId: isAnswered ? armRequestId : null,
        });
        if (isOurs) records.push(own);
        const name = isOurs ? own.writeId : freshId();
        return anEvent({
          resourceId,
          at,
          clientRequestId: shown.clientRequestId ? name : null,
          correlationId: shown.correlationId ? name : freshId(),
          serviceRequestId: shown.serviceRequestId ? armRequestId : null,
          operationId: shown.operationId ? freshId() : null,
          operation: VAULT_WRITE,
        });
      });
      const foreign = made.filter(({ isOurs }) => !isOurs).length;
      const { unrecorded: found, unknown } = compared(events, records);
      expect([found.length, unknown.length]).toEqual([foreign, 0]);
    }),
  );
});
