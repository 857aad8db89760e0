import { describe, expect, test } from 'vitest';
import { editKey } from '../../src/engine/contested/contested.js';
import { holdContested } from '../../src/engine/contested/hold-contested.js';
import type { EditHistory } from '../../src/engine/ports/memory.js';
import type { Edit } from '../../src/types/edit.js';
import type { Json } from '../../src/types/json.js';
import type { RemediatorId } from '../../src/types/remediator-id.js';

const NOW = new Date('2026-11-26T12:00:00.000Z');
const RULES = '/properties/networkAcls/ipRules';
const POLICIES = '/properties/accessPolicies';
const set = (path: string, after: Json): Edit => ({ op: 'set', path, before: null, after, reason: 'r' });
const add = (path: string, after: Json): Edit => ({ op: 'add', path, before: null, after, reason: 'r' });
const remove = (path: string, before: Json): Edit => ({
  op: 'remove',
  path,
  before,
  after: null,
  reason: 'r',
});
const policy = (objectId: string, ...secrets: string[]): Json => ({
  tenantId: 't',
  objectId,
  permissions: { secrets },
});
const secure = (action: string): Edit =>
  add(`/properties/definition/actions/${action}/runtimeConfiguration/secureData/properties`, 'outputs');
const entry = (key: string, member: string): Edit =>
  set(`/properties/parameters/$connections/value/${key}/${member}`, 'x');

function hold(remediator: RemediatorId, edits: readonly Edit[], contested: readonly number[]) {
  const entries = contested.map((i): EditHistory => {
    const edit = editKey(remediator, edits[i] ?? set('/none', null));
    const appliedAt = [30, 20, 10].map((ago) => new Date(NOW.getTime() - ago * 60_000).toISOString());
    return { edit, appliedAt, revertedBy: { id: 'mallory', name: null, ip: null }, pause: null };
  });
  const held = holdContested(remediator, edits, new Map(entries.map((one) => [one.edit, one])), 3, NOW);
  return { ...held, going: held.edits.map((edit) => edits.indexOf(edit)) };
}

describe('what stays with a contested edit', () => {
  test.each<[string, RemediatorId, readonly Edit[], readonly number[], readonly number[]]>([
    ['nothing, where none is contested', 'vault-firewall', [set('/a', 1), set('/b', 2)], [], [0, 1]],
    [
      'the whole firewall: a vault is not shut without the rules that came back with it',
      'vault-firewall',
      [set('/properties/networkAcls/defaultAction', 'Deny'), add(RULES, { value: '1.2.3.4/32' })],
      [1],
      [],
    ],
    [
      'no other address',
      'vault-logic-app-ips',
      [add(RULES, { value: '1.2.3.4/32' }), add(RULES, { value: '5.6.7.8/32' })],
      [0],
      [1],
    ],
    [
      'the rules that a contested one takes the place of',
      'vault-logic-app-ips',
      [
        remove(RULES, { value: '1.2.3.4/31' }),
        add(RULES, { value: '1.2.3.0/28' }),
        add(RULES, { value: '9.9.9.9/32' }),
      ],
      [1],
      [2],
    ],
    [
      'no address with a rule that somebody puts back',
      'vault-logic-app-ips',
      [remove(RULES, { value: '1.2.3.4/32' }), add(RULES, { value: '9.9.9.9/32' })],
      [0],
      [1],
    ],
    ['no other action', 'workflow-secure-outputs', [secure('A'), secure('B')], [0], [1]],
    [
      'the other half of the same principal’s policy, and no other principal’s',
      'vault-least-privilege',
      [
        remove(POLICIES, policy('p1', 'get', 'set')),
        add(POLICIES, policy('p1', 'get')),
        remove(POLICIES, policy('p2', 'get', 'list')),
        add(POLICIES, policy('p2', 'get')),
      ],
      [1],
      [2, 3],
    ],
    [
      'the rest of the same entry of $connections, and no other entry',
      'connection-managed-identity',
      [entry('kv', 'connectionId'), entry('kv', 'connectionName'), entry('other', 'connectionId')],
      [0],
      [2],
    ],
  ])('%s', (_name, remediator, edits, contested, going) => {
    expect(hold(remediator, edits, contested).going).toEqual(going);
  });

  test('is one group for each pause, with who reverted', () => {
    const edits = [secure('A'), secure('B'), secure('C')];
    const { paused } = hold('workflow-secure-outputs', edits, [0, 2]);
    expect(paused).toHaveLength(1);
    expect(paused[0]).toMatchObject({
      edits: [edits[0], edits[2]],
      actor: { id: 'mallory' },
      pause: { count: 1, until: '2026-11-26T13:00:00.000Z', recordId: null },
    });
  });
});
