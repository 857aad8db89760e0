import { describe, expect, it, test } from 'vitest';
import { ownOperations } from '../../../src/engine/self-audit/own-operations.js';
import type { ActivityEvent } from '../../../src/engine/self-audit/ports.js';
import { OWN_ID, vaultId } from '../fake-world.js';
import { after, anEvent } from './events.js';

const CLIENT_ID = 'aaaaaaaa-0000-4000-8000-000000000002';
const OWN = new Set([OWN_ID, CLIENT_ID]);
const operationsOf = (...events: readonly ActivityEvent[]) => ownOperations(events, OWN);

describe("an event of Holdfast's identity", () => {
  test.each<[string, Partial<ActivityEvent>, number]>([
    ['a write that succeeded', {}, 1],
    ['an action that succeeded', { operation: 'Microsoft.Storage/storageAccounts/listKeys/action' }, 1],
    ['a deletion that succeeded', { operation: 'Microsoft.KeyVault/vaults/delete' }, 1],
    ['one in capitals', { operation: 'MICROSOFT.KEYVAULT/VAULTS/WRITE', status: 'succeeded' }, 1],
    ['of a type that Holdfast knows nothing of', { operation: 'Contoso.Odd/things/write' }, 1],
    ['by its client id', { callers: ['someone', CLIENT_ID] }, 1],
    ['that does not say its category', { category: null }, 1],
    ['that does not say when', { at: null }, 1],
    ['a write that failed', { status: 'Failed' }, 0],
    ['a write that began', { status: 'Started' }, 0],
    ['a write that was taken', { status: 'Accepted' }, 0],
    ['a read', { operation: 'Microsoft.KeyVault/vaults/read' }, 0],
    ['of somebody else', { callers: ['bbbbbbbb-0000-4000-8000-000000000001'] }, 0],
    ['of nobody', { callers: [] }, 0],
    [
      'what Azure Policy made of its write',
      { category: 'Policy', operation: 'Microsoft.Authorization/policies/deployIfNotExists/action' },
      0,
    ],
    [
      'what Azure Policy made of it, in no category',
      { category: null, operation: 'microsoft.authorization/policies/audit/action' },
      0,
    ],
    ["an alert's", { category: 'Alert', operation: 'Microsoft.Insights/alertRules/activated/action' }, 0],
  ])('%s', (_name, about, expected) => {
    expect(operationsOf(anEvent(about))).toHaveLength(expected);
  });
});

describe('the events of one operation', () => {
  const shared = { operationId: 'op', correlationId: 'cause' };
  const begun = anEvent({ ...shared, status: 'Started', at: after(-1), serviceRequestId: null });
  const taken = anEvent({ ...shared, status: 'Accepted', at: after(0), clientRequestId: null });
  const ended = anEvent({ ...shared, at: after(3), clientRequestId: null, serviceRequestId: 'arm' });

  test.each<[string, readonly ActivityEvent[]]>([
    ['in order', [begun, taken, ended]],
    ['the newest first', [ended, taken, begun]],
    ['the end twice', [ended, begun, ended]],
    [
      'where it ends once more, minutes later, by another name',
      [begun, ended, anEvent({ ...ended, id: 'another', at: after(8), serviceRequestId: 'poll' })],
    ],
  ])('count once, %s, with all by which a record may name it', (_name, events) => {
    const operations = operationsOf(...events);
    expect(operations).toMatchObject([{ at: after(3), clientRequestId: begun.clientRequestId }]);
    expect([...(operations[0]?.traces ?? [])]).toEqual(
      expect.arrayContaining(['op', 'cause', 'arm', begun.clientRequestId]),
    );
  });

  describe('are those of one request, where Azure calls the operation what the client calls its cause', () => {
    const same = { operationId: 'cause', correlationId: 'cause' };
    const two = (about: Partial<ActivityEvent>) =>
      [0, 20].flatMap((minutes) => [
        anEvent({ ...same, ...about, status: 'Started', at: after(minutes), serviceRequestId: null }),
        anEvent({ ...same, ...about, at: after(minutes) }),
      ]);

    test.each<[string, Partial<ActivityEvent>]>([
      ['and names the requests', {}],
      ['and names none', { serviceRequestId: null }],
      ['and gives the operation no other id', { operationId: null }],
    ])('%s', (_name, about) => {
      const events = two(about);
      const operations = operationsOf(...events);
      expect(operations.map(({ at }) => at)).toEqual([after(0), after(20)]);
      expect(new Set(operations.map(({ key }) => key)).size).toBe(2);
      // Each has what its own beginning says, and is the same whatever else was read.
      for (const [i, { key, traces }] of operations.entries()) {
        expect(traces).toContain(events[2 * i]?.clientRequestId);
        expect(traces).not.toContain(events[2 - 2 * i]?.clientRequestId);
        expect(operationsOf(...events.slice(2 * i, 2 * i + 2)).map((one) => one.key)).toEqual([key]);
      }
    });
  });

  it('count once where nothing but their cause says so', () => {
    const nameless = { operationId: null, serviceRequestId: null, correlationId: 'cause' };
    expect(operationsOf(anEvent(nameless), anEvent({ ...nameless, status: 'Started' }))).toHaveLength(1);
  });

  test.each<[string, Partial<ActivityEvent>]>([
    ['of another operation with one cause', { operationId: 'other' }],
    ['of another action', { operation: 'Microsoft.KeyVault/vaults/delete' }],
    ['of another resource', { resourceId: vaultId('kv-two').id }],
    // Whoever sends a request chooses its correlation id.
    ["that names the first one's answer as its cause", { operationId: 'other', correlationId: 'arm' }],
  ])('are not those %s', (_name, about) => {
    expect(operationsOf(ended, anEvent({ ...shared, ...about }))).toHaveLength(2);
  });
});
