import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import { readIpRule, readNetworkAcls, type NetworkRules } from '../../src/vault/network-rules.js';
import { restoreRules } from '../../src/vault/restore-rules.js';
import { acls, SUBNET } from './vault-observation.js';

function read(networkAcls: JsonObject): NetworkRules {
  const rules = readNetworkAcls(networkAcls);
  if (rules === null) throw new Error('The test means readable rules.');
  return rules;
}
const json = (rules: readonly { readonly json: Json }[]): Json[] => rules.map((rule) => rule.json);
const values = (...texts: string[]): Json[] => texts.map((value) => ({ value }));

describe('restoreRules', () => {
  interface Row {
    readonly now: Json[];
    readonly known: Json[];
    readonly back: Json[];
    readonly hidden?: Json[];
    readonly newcomers?: Json[];
  }
  it.each<[string, Row]>([
    [
      'nothing comes back where nothing is gone',
      { now: values('1.2.3.4/32'), known: values('1.2.3.4'), back: [] },
    ],
    [
      'wiped rules come back as they were written',
      {
        now: [],
        known: [{ value: '1.2.3.4', note: 'HQ' }, ...values('5.0.0.0/31', 'rubbish')],
        back: [{ value: '1.2.3.4', note: 'HQ' }, ...values('5.0.0.0/31', 'rubbish')],
      },
    ],
    [
      'only the missing rules come back, after those that stayed',
      { now: values('5.0.0.1/32'), known: values('1.2.3.4/32', '5.0.0.1/32'), back: values('1.2.3.4/32') },
    ],
    [
      'duplicates and rules inside each other come back as they were',
      {
        now: [],
        known: values('1.2.3.0/24', '1.2.3.4/32', '1.2.3.4/32'),
        back: values('1.2.3.0/24', '1.2.3.4/32', '1.2.3.4/32'),
      },
    ],
    [
      'a rule that a newcomer holds does not come back',
      {
        now: values('1.0.0.0/8'),
        known: values('1.2.3.4/32'),
        back: [],
        hidden: values('1.2.3.4/32'),
        newcomers: values('1.0.0.0/8'),
      },
    ],
    [
      'a rule that a newcomer holds in part comes back as the rest',
      {
        now: values('1.2.3.0/25'),
        known: values('1.2.3.0/24'),
        back: values('1.2.3.128/25'),
        newcomers: values('1.2.3.0/25'),
      },
    ],
    [
      'the rest is written without a /31',
      {
        now: values('1.2.3.0/32', '1.2.3.1/32'),
        known: values('1.2.3.0/30'),
        back: values('1.2.3.2/32', '1.2.3.3/32'),
        newcomers: values('1.2.3.0/32', '1.2.3.1/32'),
      },
    ],
    [
      'what cannot be read is told apart by its text or as a whole',
      {
        now: ['x', { value: 'a' }, null],
        known: [{ value: 'b' }, null, { value: 'a' }, 7],
        back: [{ value: 'b' }, 7],
        newcomers: ['x'],
      },
    ],
  ])('%s', (_, { now, known, back, hidden = [], newcomers = [] }) => {
    const restored = restoreRules(
      read({ defaultAction: 'Allow', ipRules: now }),
      read({ defaultAction: 'Deny', ipRules: known }),
    );
    expect(json(restored.ipRules)).toEqual(back);
    expect(json(restored.hidden)).toEqual(hidden);
    expect(json(restored.newcomers.ipRules)).toEqual(newcomers);
    expect(restored.crowdedOut).toEqual({ ipRules: [], vnetRules: [] });
  });

  it('compares subnets without regard to case', () => {
    const rule = (name: string): JsonObject => ({
      id: `${SUBNET}/${name}`,
      ignoreMissingVnetServiceEndpoint: true,
    });
    const now = read({ virtualNetworkRules: [rule('ONE'), rule('new')] });
    const known = read({ virtualNetworkRules: [rule('one'), rule('two')] });
    const restored = restoreRules(now, known);
    expect(json(restored.vnetRules)).toEqual([rule('two')]);
    expect(json(restored.newcomers.vnetRules)).toEqual([rule('new')]);
  });

  it('leaves outlived rules away', () => {
    const known = read(acls('Deny', '1.2.3.4/32', '5.6.7.8/32'));
    const outlived = new Set(known.ipRules.slice(0, 1));
    expect(json(restoreRules(read(acls('Allow')), known, outlived).ipRules)).toEqual(values('5.6.7.8/32'));
  });

  it('keeps to 1000 IP rules and 200 virtual network rules', () => {
    const many = (count: number, second: number): string[] =>
      Array.from({ length: count }, (_, i) => `20.${second}.${i >> 8}.${i & 255}/32`);
    const subnets = (count: number, name: string): Json[] =>
      Array.from({ length: count }, (_, i) => ({ id: `${SUBNET}/${name}${i}` }));
    const now = read({ ...acls('Allow', ...many(999, 1)), virtualNetworkRules: subnets(198, 'a') });
    const known = read({ ...acls('Deny', ...many(3, 2)), virtualNetworkRules: subnets(3, 'b') });
    const restored = restoreRules(now, known);
    expect(json(restored.ipRules)).toEqual(values('20.2.0.0/32'));
    expect(json(restored.crowdedOut.ipRules)).toEqual(values('20.2.0.1/32', '20.2.0.2/32'));
    expect(json(restored.vnetRules)).toEqual(subnets(2, 'b'));
    expect(json(restored.crowdedOut.vnetRules)).toEqual(subnets(3, 'b').slice(2));
  });

  it('adds nothing to a vault that already has more than it may', () => {
    const now = {
      ...read(acls('Allow')),
      ipRules: Array.from({ length: 1001 }, () => readIpRule({ value: '?' })),
    };
    const restored = restoreRules(now, read(acls('Deny', '1.2.3.4/32', '5.6.7.8/32')));
    expect(restored.ipRules).toEqual([]);
    expect(restored.crowdedOut.ipRules).toHaveLength(2);
  });
});
