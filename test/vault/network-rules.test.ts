import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import { toCidr } from '../../src/vault/ip-range.js';
import { ownedAmong, readIpRule, readNetworkRules } from '../../src/vault/network-rules.js';
import { foreignWideRules } from '../../src/vault/wide-rules.js';
import { owned, SUBNET, vaultWith } from './vault-observation.js';

describe('readNetworkRules', () => {
  const open = { isShut: false, isStricter: false };
  const shut = { isShut: true, isStricter: false };
  it.each<[string, JsonObject, { isShut: boolean; isStricter: boolean }]>([
    ['Deny is shut', { networkAcls: { defaultAction: 'Deny' } }, shut],
    ['deny in another case is shut', { networkAcls: { defaultAction: 'deny' } }, shut],
    ['Allow is open', { networkAcls: { defaultAction: 'Allow' } }, open],
    ['an unknown default action is open', { networkAcls: { defaultAction: 'Audit' } }, open],
    ['a default action of null is open', { networkAcls: { defaultAction: null } }, open],
    ['a missing default action is open', { networkAcls: { bypass: 'None' } }, open],
    ['networkAcls of null is open', { networkAcls: null }, open],
    ['missing networkAcls is open', {}, open],
    ['access disabled is stricter', { publicNetworkAccess: 'Disabled' }, { isShut: false, isStricter: true }],
    [
      'disabled in lower case is stricter',
      { publicNetworkAccess: 'disabled' },
      { isShut: false, isStricter: true },
    ],
    [
      'a perimeter is stricter',
      { publicNetworkAccess: 'SECUREDBYPERIMETER' },
      { isShut: false, isStricter: true },
    ],
    [
      'stricter and shut are told apart',
      { PublicNetworkAccess: 'Disabled', networkAcls: { defaultAction: 'Deny' } },
      { isShut: true, isStricter: true },
    ],
    ['access enabled is not stricter', { publicNetworkAccess: 'Enabled' }, open],
    ['an empty setting is not stricter', { publicNetworkAccess: '' }, open],
  ])('%s', (_, properties, expected) => {
    expect(readNetworkRules(vaultWith(properties))).toMatchObject(expected);
  });

  it.each<[string, JsonObject]>([
    ['no properties', { id: 'x' }],
    ['properties that are no object', { properties: 'x' }],
    ['networkAcls that is no object', vaultWith({ networkAcls: [] })],
    ['ipRules that is no list', vaultWith({ networkAcls: { ipRules: { value: '1.2.3.4' } } })],
    ['virtualNetworkRules that is no list', vaultWith({ networkAcls: { virtualNetworkRules: 'x' } })],
  ])('cannot read a vault with %s', (_, vault) => {
    expect(readNetworkRules(vault)).toBeNull();
  });

  it.each<[string, Json, string | null, string | null]>([
    ['an address', { value: '1.2.3.4' }, '1.2.3.4', '1.2.3.4/32'],
    ['a key in another case', { Value: '1.2.3.4/32' }, '1.2.3.4/32', '1.2.3.4/32'],
    ['further keys', { value: '1.2.3.0/24', note: 'HQ' }, '1.2.3.0/24', '1.2.3.0/24'],
    ['a quoted block', { value: "'10.91.4.0/24'" }, "'10.91.4.0/24'", null],
    ['an octal-looking address', { value: '010.0.0.1' }, '010.0.0.1', null],
    ['a from-to range, which Key Vault does not know', { value: '1.2.3.4-1.2.3.5' }, '1.2.3.4-1.2.3.5', null],
    ['a number', { value: 5 }, null, null],
    ['no value', {}, null, null],
    ['a text', '1.2.3.4', null, null],
    ['null', null, null, null],
    ['a list', ['1.2.3.4'], null, null],
  ])('tolerates a rule with %s and keeps it as it is', (_, json, text, range) => {
    const [rule] = readNetworkRules(vaultWith({ networkAcls: { ipRules: [json] } }))?.ipRules ?? [];
    expect(rule?.json).toBe(json);
    expect(rule?.text).toBe(text);
    expect(rule?.range ? toCidr(rule.range) : null).toBe(range);
  });

  it.each<[string, JsonObject]>([
    ['the whole firewall', { NetworkAcls: { ipRules: [{ value: '1.2.3.4' }] } }],
    ['its rules', { networkAcls: { IpRules: [{ value: '1.2.3.4' }] } }],
    ['its default', { networkAcls: { DEFAULTACTION: 'Deny' } }],
  ])('does not overlook %s in another case: nothing can be said of it', (_, properties) => {
    expect(readNetworkRules(vaultWith(properties))).toBeNull();
  });

  it('reads subnet ids in lower case and keeps the members', () => {
    const rules = [{ id: `${SUBNET}/One`, state: 'Succeeded' }, { id: 7 }, 'x'];
    const read = readNetworkRules(vaultWith({ networkAcls: { virtualNetworkRules: rules } }))?.vnetRules;
    expect(read?.map(({ subnetId }) => subnetId)).toEqual([`${SUBNET}/One`.toLowerCase(), null, null]);
    expect(read?.map(({ json }) => json)).toEqual(rules);
  });
});

describe('ownedAmong', () => {
  it.each<[string, readonly Json[], readonly number[]]>([
    ['takes the member of exactly the owned text', [{ value: '1.2.3.4/32' }], [0]],
    ['takes no other spelling of it', [{ value: '1.2.3.4' }], []],
    ['takes one of two equal members', [{ value: '1.2.3.4/32' }, { value: '1.2.3.4/32' }], [0]],
    [
      'takes the one as Holdfast writes it',
      [{ value: '1.2.3.4/32', note: 'HQ' }, { value: '1.2.3.4/32' }],
      [1],
    ],
    ['takes one that Azure added a key to', [{ value: '1.2.3.4/32', state: 'Ok' }], [0]],
    ['takes nothing that cannot be read', [null, { value: 4 }, '1.2.3.4/32'], []],
  ])('%s', (_, members, expected) => {
    const rules = members.map(readIpRule);
    const own = ownedAmong(rules, [owned('1.2.3.4/32')]);
    expect(rules.flatMap((rule, i) => (own.has(rule) ? [i] : []))).toEqual(expected);
  });
});

describe('foreignWideRules', () => {
  it.each([
    ['a /16 is not wide', ['20.0.0.0/16'], []],
    ['a /15 is', ['20.0.0.0/15'], ['20.0.0.0/15']],
    ['halves of everything are', ['0.0.0.0/1', '128.0.0.0/1'], ['0.0.0.0/1', '128.0.0.0/1']],
    ['a duplicate is named once', ['0.0.0.0/0', '0.0.0.0/0'], ['0.0.0.0/0']],
    ['an owned one is not foreign', ['40.0.0.0/15'], []],
    ['a second one of an owned text is', ['40.0.0.0/15', '40.0.0.0/15'], ['40.0.0.0/15']],
    ['what cannot be read is not wide', ['everything'], []],
  ])('%s', (_, values, expected) => {
    const rules = values.map((value) => readIpRule({ value }));
    expect(foreignWideRules(rules, [owned('40.0.0.0/15')]).map(({ text }) => text)).toEqual(expected);
  });
});
