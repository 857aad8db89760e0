import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { vaultTemporaryRules } from '../../src/remediators/vault-temporary-rules.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import type { TemporaryRule, VaultObservation } from '../../src/types/observation.js';
import { acls, observe, reader, vaultWith } from '../vault/vault-observation.js';

const rule = (value: string): TemporaryRule => ({
  value,
  until: '2026-11-25T08:00:00.000Z',
  addedAt: '2026-11-25T06:00:00.000Z',
  by: 'alice@contoso.com',
});
const seen = (values: readonly string[], more: Partial<VaultObservation> = {}): VaultObservation =>
  observe(acls('Deny', ...values), { overdueRules: [rule('203.0.113.7/32')], ...more });
const taken = (observation: VaultObservation): readonly unknown[] =>
  vaultTemporaryRules.plan(observation).edits.map(({ op, before }) => [op, before]);
const OUT = [['remove', { value: '203.0.113.7/32' }]];
const ABSENT = { kind: 'absent', why: 'it is off' } as const;

describe('what goes', () => {
  test.each<[string, VaultObservation, readonly unknown[]]>([
    ['nothing was let in for a while', seen(['203.0.113.7/32'], { overdueRules: [] }), []],
    ['its time is up', seen(['198.51.100.0/24', '203.0.113.7/32']), OUT],
    ['somebody has taken it out before', seen(['198.51.100.0/24']), []],
    ['ARM spells it otherwise', seen(['203.0.113.7']), [['remove', { value: '203.0.113.7' }]]],
    ['a wider rule holds it, which is somebody else’s', seen(['203.0.113.0/24']), []],
    [
      'a Logic App calls from all of it',
      seen(['203.0.113.7/32'], { readers: [reader('la', ['203.0.113.7'])] }),
      [],
    ],
    [
      'a Logic App that no list shows calls from all of it',
      seen(['203.0.113.7/32'], { readers: [reader('la', ['203.0.113.0/28'], false)] }),
      [],
    ],
    [
      'a Logic App calls from a part of it, which is put in',
      seen(['203.0.113.0/28'], {
        overdueRules: [rule('203.0.113.0/28')],
        readers: [reader('la', ['203.0.113.7'])],
      }),
      [['remove', { value: '203.0.113.0/28' }]],
    ],
    [
      'the vault stands open',
      observe(acls('Allow', '203.0.113.7/32'), { overdueRules: [rule('203.0.113.7/32')] }),
      OUT,
    ],
    [
      'the firewall cannot be read',
      observe(null, { overdueRules: [rule('203.0.113.7/32')], vault: vaultWith({ networkAcls: 7 }) }),
      [],
    ],
  ])('%s', (_name, observation, expected) => {
    expect(taken(observation)).toEqual(expected);
  });

  test('one member, where somebody else has put the same text in as well', () => {
    const { edits } = vaultTemporaryRules.plan(seen(['203.0.113.7/32', '203.0.113.7/32']));
    expect(edits).toHaveLength(1);
  });

  test('says who had it let in, and until when', () => {
    expect(vaultTemporaryRules.plan(seen(['203.0.113.7/32'])).edits[0]?.reason).toBe(
      'it was let in until 2026-11-25T08:00:00.000Z (by alice@contoso.com), and the time is up',
    );
  });
});

test('a part that a Logic App calls from, and that nothing puts in, keeps it', () => {
  const plan = vaultTemporaryRules.plan(
    seen(['203.0.113.0/28'], {
      overdueRules: [rule('203.0.113.0/28')],
      readers: [reader('la', ['203.0.113.7'])],
      addressUpkeep: ABSENT,
    }),
  );
  expect(plan.edits).toEqual([]);
  expect(plan.refusals.map(({ edits }) => edits.length)).toEqual([1]);
});

test('what it plans, done, leaves nothing to plan, and touches no rule that was not let in for a while', () => {
  const value = fc.integer({ min: 0, max: 7 }).map((i) => `203.0.113.${i}/32`);
  fc.assert(
    fc.property(fc.array(value), fc.uniqueArray(value), (present, overdue) => {
      const observation = seen(present, { overdueRules: overdue.map(rule) });
      const { edits } = vaultTemporaryRules.plan(observation);
      const vault = applyEdits(observation.vault, edits);
      const others = (values: readonly string[]): readonly string[] =>
        values.filter((one) => !overdue.includes(one));
      const left = (vault.properties as { networkAcls: { ipRules: { value: string }[] } }).networkAcls
        .ipRules;
      expect(others(left.map((one) => one.value))).toEqual(others(present));
      const again = overdue.filter((one) => present.filter((other) => other === one).length < 2);
      expect(
        vaultTemporaryRules.plan({ ...observation, vault, overdueRules: again.map(rule) }).edits,
      ).toEqual([]);
    }),
  );
});
