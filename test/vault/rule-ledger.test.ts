import { describe, expect, it } from 'vitest';
import type { Edit } from '../../src/types/edit.js';
import type { JsonObject } from '../../src/types/json.js';
import type { KnownGoodFirewall, OwnedRule, VaultReader } from '../../src/types/observation.js';
import {
  ageOwnedRules,
  dueForRelease,
  knownGoodFirewall,
  ownAfterWrite,
  stillNeeds,
} from '../../src/vault/rule-ledger.js';
import { acls, owned, reader, vaultWith, workflowId } from './vault-observation.js';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const BEFORE = '2026-03-01T12:00:00.000Z';
const DAY_MS = 24 * 60 * 60 * 1000;
const vault = (defaultAction: string, ...values: string[]): JsonObject =>
  vaultWith({ networkAcls: acls(defaultAction, ...values) });
const unneeded = (value: string, since = BEFORE): OwnedRule => ({ ...owned(value), unneededSince: since });

describe('stillNeeds', () => {
  it.each([
    ['a rule with one of the addresses', '1.2.3.4/32', ['9.9.9.9', '1.2.3.4'], true],
    ['a rule inside a block of them', '1.2.3.4/32', ['1.2.3.0/24'], true],
    ['a rule around one of them', '1.2.3.0/24', ['1.2.3.4-1.2.3.9'], true],
    ['a rule that overlaps them', '1.2.3.0/29', ['1.2.3.4-1.2.3.20'], true],
    ['no rule beside them', '1.2.3.0/24', ['1.2.4.0/24', '2603:1020::/48', '?'], false],
    ['no rule where there are none', '1.2.3.0/24', [], false],
    ['a rule that cannot be read, to be safe', 'rubbish', [], true],
  ])('a workflow still needs %s', (_, value, addresses, expected) => {
    expect(stillNeeds({ value }, addresses)).toBe(expected);
  });
});

describe('ageOwnedRules', () => {
  const rule = owned('1.2.3.4/32');
  it.each<[string, OwnedRule, JsonObject, VaultReader[], OwnedRule[]]>([
    [
      'a needed rule stays as it is',
      rule,
      vault('Deny', '1.2.3.4/32'),
      [reader('la-one', ['1.2.3.4'])],
      [rule],
    ],
    [
      'a rule that is needed no more starts to age',
      rule,
      vault('Deny', '1.2.3.4/32'),
      [reader('la-one', ['9.9.9.9'])],
      [{ ...rule, unneededSince: NOW.toISOString() }],
    ],
    [
      'a rule needed only by an unlisted workflow ages too',
      rule,
      vault('Deny', '1.2.3.4/32'),
      [reader('la-one', ['1.2.3.4'], false)],
      [{ ...rule, unneededSince: NOW.toISOString() }],
    ],
    [
      'its age counts from the first time',
      unneeded('1.2.3.4/32'),
      vault('Deny', '1.2.3.4/32'),
      [],
      [unneeded('1.2.3.4/32')],
    ],
    [
      'a rule that is needed again is young again',
      unneeded('1.2.3.4/32'),
      vault('Deny', '1.2.3.4/32'),
      [reader('la-two', ['1.2.3.0/28'])],
      [rule],
    ],
    [
      'a rule taken out of a shut vault is forgotten',
      rule,
      vault('deny'),
      [reader('la-one', ['1.2.3.4'])],
      [],
    ],
    [
      'a rule rewritten in a shut vault is forgotten',
      rule,
      vault('Deny', '1.2.3.4'),
      [reader('la-one', ['1.2.3.4'])],
      [],
    ],
    [
      'a rule wiped from an open vault is kept',
      rule,
      vault('Allow'),
      [reader('la-one', ['1.2.3.4'])],
      [rule],
    ],
    [
      'a rule is kept while networkAcls is null',
      rule,
      vaultWith({ networkAcls: null }),
      [reader('la-one', ['1.2.3.4'])],
      [rule],
    ],
    ['a rule is kept while the vault cannot be read', rule, {}, [reader('la-one', ['1.2.3.4'])], [rule]],
    [
      'a rule ages while the vault stands open',
      rule,
      vault('Allow'),
      [],
      [{ ...rule, unneededSince: NOW.toISOString() }],
    ],
  ])('%s', (_, before, document, readers, expected) => {
    expect(ageOwnedRules([before], document, readers, NOW)).toEqual(expected);
  });

  it('gives the same array back where nothing changed', () => {
    const ledger = [owned('1.2.3.4/32'), unneeded('5.6.7.8/32')];
    const document = vault('Deny', '5.6.7.8/32', '1.2.3.4/32');
    expect(ageOwnedRules(ledger, document, [reader('la-one', ['1.2.3.4'])], NOW)).toBe(ledger);
  });

  it('keeps the rules that did not change as the objects they were', () => {
    const ledger = [owned('1.2.3.4/32'), owned('5.6.7.8/32')];
    const document = vault('Deny', '5.6.7.8/32', '1.2.3.4/32');
    const aged = ageOwnedRules(ledger, document, [reader('la-one', ['1.2.3.4'])], NOW);
    expect(aged[0]).toBe(ledger[0]);
    expect(aged[1]).not.toBe(ledger[1]);
  });
});

describe('dueForRelease', () => {
  it.each([
    ['a needed rule never', null, 0, false],
    ['a rule unneeded for less than the time not yet', '2026-03-03T12:00:00.001Z', 7 * DAY_MS, false],
    ['a rule unneeded for exactly the time', '2026-03-03T12:00:00.000Z', 7 * DAY_MS, true],
    ['a rule unneeded for longer', BEFORE, 7 * DAY_MS, true],
    ['a rule whose time cannot be read never', 'long ago', 0, false],
  ])('releases %s', (_, unneededSince, retireAfterMs, expected) => {
    const rule = { ...owned('1.2.3.4/32'), unneededSince };
    expect(dueForRelease([rule], NOW, retireAfterMs)).toEqual(expected ? [rule] : []);
  });
});

describe('ownAfterWrite', () => {
  const path = '/properties/networkAcls/ipRules';
  const add = (value: string): Edit => ({ op: 'add', path, before: null, after: { value }, reason: '' });
  const remove = (value: string): Edit => ({
    op: 'remove',
    path,
    before: { value },
    after: null,
    reason: '',
  });
  const readers = [reader('la-one', ['1.0.0.0/25']), reader('la-two', ['1.0.0.128/25', '2.0.0.1'])];
  const fresh = (value: string, ...names: string[]): OwnedRule => ({
    value,
    workflowIds: names.map(workflowId),
    addedAt: NOW.toISOString(),
    unneededSince: null,
  });

  interface Row {
    readonly before?: OwnedRule[];
    readonly edits: Edit[];
    readonly vault: JsonObject;
    readonly after: OwnedRule[];
  }
  it.each<[string, Row]>([
    [
      'an added rule is owned, for the workflows that call from it',
      {
        edits: [add('2.0.0.1/32')],
        vault: vault('Deny', '2.0.0.1/32'),
        after: [fresh('2.0.0.1/32', 'la-two')],
      },
    ],
    [
      'an added rule is owned in the spelling of the answer',
      { edits: [add('2.0.0.1/32')], vault: vault('Deny', '2.0.0.1'), after: [fresh('2.0.0.1', 'la-two')] },
    ],
    [
      'an added rule that the answer does not show is not owned',
      { edits: [add('2.0.0.1/32')], vault: vault('Deny'), after: [] },
    ],
    [
      'a removed rule is not owned, though a foreign one of equal text is left',
      {
        before: [owned('3.0.0.1/32')],
        edits: [remove('3.0.0.1/32')],
        vault: vault('Deny', '3.0.0.1/32'),
        after: [],
      },
    ],
    [
      'a merged rule inherits the workflows of the rules it stands in for, gone ones too',
      {
        before: [owned('1.0.0.0/25', ['la-gone']), owned('4.0.0.1/32')],
        edits: [remove('1.0.0.0/25'), add('1.0.0.0/24')],
        vault: vault('Deny', '4.0.0.1/32', '1.0.0.0/24'),
        after: [owned('4.0.0.1/32'), fresh('1.0.0.0/24', 'la-gone', 'la-one', 'la-two')],
      },
    ],
    [
      'a merged rule that nobody calls from is as old as the youngest of its parts',
      {
        before: [
          unneeded('5.0.0.0/25', '2026-03-01T00:00:00.000Z'),
          unneeded('5.0.0.128/25', '2026-03-02T00:00:00.000Z'),
        ],
        edits: [remove('5.0.0.0/25'), remove('5.0.0.128/25'), add('5.0.0.0/24')],
        vault: vault('Deny', '5.0.0.0/24'),
        after: [{ ...fresh('5.0.0.0/24', 'la-one'), unneededSince: '2026-03-02T00:00:00.000Z' }],
      },
    ],
    [
      'a rule that retires beside a new one hands it nothing',
      {
        before: [unneeded('5.0.0.1/32')],
        edits: [remove('5.0.0.1/32'), add('2.0.0.1/32')],
        vault: vault('Deny', '2.0.0.1/32'),
        after: [fresh('2.0.0.1/32', 'la-two')],
      },
    ],
    [
      'a rule that is added again keeps its history and gains its callers',
      {
        before: [owned('2.0.0.1/32', ['la-gone'])],
        edits: [add('2.0.0.1/32')],
        vault: vault('Deny', '2.0.0.1/32'),
        after: [owned('2.0.0.1/32', ['la-gone', 'la-two'])],
      },
    ],
    [
      'edits elsewhere own nothing',
      {
        edits: [{ ...add('2.0.0.1/32'), path: '/properties/networkAcls/virtualNetworkRules' }],
        vault: vault('Deny', '2.0.0.1/32'),
        after: [],
      },
    ],
  ])('%s', (_, { before = [], edits, vault: document, after }) => {
    expect(ownAfterWrite(before, edits, document, readers, NOW)).toEqual(after);
  });

  it('gives the same array back where nothing changed, and so is safe twice', () => {
    const edits = [add('2.0.0.1/32'), remove('3.0.0.1/32')];
    const document = vault('Deny', '2.0.0.1/32');
    const once = ownAfterWrite([owned('3.0.0.1/32')], edits, document, readers, NOW);
    expect(ownAfterWrite(once, edits, document, readers, new Date(NOW.getTime() + DAY_MS))).toEqual(once);
    expect(ownAfterWrite(once, [], document, readers, NOW)).toBe(once);
  });
});

describe('knownGoodFirewall', () => {
  const shut = acls('Deny', '1.2.3.4/32');
  const seen = (networkAcls: JsonObject, hoursAgo: number): KnownGoodFirewall => ({
    seenAt: new Date(NOW.getTime() - hoursAgo * 60 * 60 * 1000).toISOString(),
    networkAcls,
  });
  const now = { seenAt: NOW.toISOString(), networkAcls: shut };

  it.each<[string, JsonObject, KnownGoodFirewall | null, KnownGoodFirewall | null]>([
    ['a vault seen shut for the first time is remembered', vaultWith({ networkAcls: shut }), null, now],
    ['an open vault is never known good', vault('Allow', '6.6.6.6/32'), null, null],
    ['a vault without networkAcls is never known good', vaultWith({}), null, null],
    ['a vault that cannot be read is never known good', {}, null, null],
    [
      'a shut vault with other rules replaces what was known',
      vaultWith({ networkAcls: shut }),
      seen(acls('Deny'), 1),
      now,
    ],
    ['the same firewall after a day is noted anew', vaultWith({ networkAcls: shut }), seen(shut, 24), now],
    [
      'a time that cannot be read is noted anew',
      vaultWith({ networkAcls: shut }),
      { ...now, seenAt: '?' },
      now,
    ],
    [
      'unknown keys are remembered with the rest',
      vaultWith({ networkAcls: { ...shut, serviceTags: ['X'] } }),
      seen(shut, 1),
      { ...now, networkAcls: { ...shut, serviceTags: ['X'] } },
    ],
  ])('%s', (_, document, previous, expected) => {
    expect(knownGoodFirewall(document, previous, NOW)).toEqual(expected);
  });

  it.each<[string, JsonObject]>([
    ['the same is seen within a day', vaultWith({ networkAcls: { ...shut } })],
    ['the vault stands open', vault('Allow')],
    ['the vault cannot be read', { properties: { networkAcls: 'x' } }],
  ])('gives the same object back where %s', (_, document) => {
    const previous = seen(shut, 23);
    expect(knownGoodFirewall(document, previous, NOW)).toBe(previous);
  });
});
