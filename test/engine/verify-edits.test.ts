import { describe, expect, test } from 'vitest';
import { unconfirmedEdits } from '../../src/engine/write/verify-edits.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import type { Json, JsonObject } from '../../src/types/json.js';

const PATH = '/properties/networkAcls/ipRules';
const add = (value: string): Edit => ({ op: 'add', path: PATH, before: null, after: { value }, reason: '' });
const remove = (value: string): Edit => ({
  op: 'remove',
  path: PATH,
  before: { value },
  after: null,
  reason: '',
});
const set = (path: string, after: Json): Edit => ({ op: 'set', path, before: null, after, reason: '' });
const rules = (...values: string[]): JsonObject => ({
  properties: { networkAcls: { defaultAction: 'Deny', ipRules: values.map((value) => ({ value })) } },
});
const vnet = '/properties/networkAcls/virtualNetworkRules';

describe('edits that the answer shows', () => {
  const rows: [string, JsonObject, Edit][] = [
    ["an address in ARM's spelling", rules('1.2.3.4/32'), add('1.2.3.4')],
    ['a value in another case', rules(), set('/properties/networkAcls/defaultAction', 'deny')],
    [
      'a subnet in lower case, with a key more',
      { properties: { networkAcls: { virtualNetworkRules: [{ id: '/sub/a', state: 'Succeeded' }] } } },
      { op: 'add', path: vnet, before: null, after: { id: '/Sub/A' }, reason: '' },
    ],
    ['a member that is gone', rules(), remove('1.2.3.4/32')],
    [
      'an open firewall without rules, which ARM shows as null',
      { properties: { networkAcls: null } },
      set('/properties/networkAcls/defaultAction', 'Allow'),
    ],
    [
      'an open firewall without rules, which ARM does not show at all',
      { properties: { enableSoftDelete: true } },
      set('/properties/networkAcls/bypass', 'AzureServices'),
    ],
  ];
  test.each(rows)('%s', (_name, document, edit) => {
    expect(unconfirmedEdits(document, [edit])).toEqual([]);
  });

  test("a removed member whose equal, somebody else's, stays", () => {
    const intended = applyEdits(rules('1.2.3.4/32', '1.2.3.4/32'), [remove('1.2.3.4/32')]);
    expect(unconfirmedEdits(rules('1.2.3.4/32'), [remove('1.2.3.4/32')], intended)).toEqual([]);
  });
});

describe('edits that the answer does not show', () => {
  const rows: [string, JsonObject, Edit][] = [
    ['a value that stayed', rules(), set('/properties/networkAcls/defaultAction', 'Allow')],
    [
      'a shut firewall, of a vault that shows none',
      { properties: { networkAcls: null } },
      set('/properties/networkAcls/defaultAction', 'Deny'),
    ],
    [
      'an open firewall, of an answer that is no vault',
      {},
      set('/properties/networkAcls/defaultAction', 'Allow'),
    ],
    ['a value that is missing', {}, set('/properties/enablePurgeProtection', true)],
    [
      'a value of another type',
      { properties: { enablePurgeProtection: 'true' } },
      set('/properties/enablePurgeProtection', true),
    ],
    ['a rule that is not there', rules('1.2.3.4/32'), add('1.2.3.5')],
    ['a list that is not there', {}, add('1.2.3.5')],
    ['a wider rule, which is not the one that was sent', rules('1.2.3.0/24'), add('1.2.3.4')],
    ['a member that stayed', rules('1.2.3.4/32'), remove('1.2.3.4/32')],
  ];
  test.each(rows)('%s', (_name, document, edit) => {
    expect(unconfirmedEdits(document, [edit])).toEqual([edit]);
  });
});
