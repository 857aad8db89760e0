import { describe, expect, test } from 'vitest';
import { vaultPatch } from '../../src/engine/write/vault-patch.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import type { Json, JsonObject } from '../../src/types/json.js';

const set = (path: string, after: Json): Edit => ({ op: 'set', path, before: null, after, reason: '' });
const patchOf = (vault: JsonObject, edits: readonly Edit[]): unknown =>
  JSON.parse(vaultPatch(vault, applyEdits(vault, edits)));

const deny = set('/properties/networkAcls/defaultAction', 'Deny');
const rule: Edit = {
  op: 'add',
  path: '/properties/networkAcls/ipRules',
  before: null,
  after: { value: '13.69.64.208/28' },
  reason: '',
};

describe('the body of the one write', () => {
  const rows: [string, JsonObject, Edit[], JsonObject][] = [
    [
      'holds only the properties that differ, networkAcls complete with keys nobody knows',
      {
        tags: { a: 'b' },
        properties: {
          sku: { name: 'standard' },
          networkAcls: {
            bypass: 'None',
            defaultAction: 'Allow',
            ipRules: [{ value: '1.2.3.4/32', note: 'x' }],
            virtualNetworkRules: [],
            future: { x: 1 },
          },
        },
      },
      [deny, rule],
      {
        properties: {
          networkAcls: {
            bypass: 'None',
            defaultAction: 'Deny',
            ipRules: [{ value: '1.2.3.4/32', note: 'x' }, { value: '13.69.64.208/28' }],
            virtualNetworkRules: [],
            future: { x: 1 },
          },
        },
      },
    ],
    [
      'makes networkAcls where there are none',
      { properties: { networkAcls: null } },
      [deny],
      {
        properties: {
          networkAcls: {
            bypass: 'AzureServices',
            defaultAction: 'Deny',
            ipRules: [],
            virtualNetworkRules: [],
          },
        },
      },
    ],
    [
      'never opens a vault whose default action was left out',
      { properties: { networkAcls: { bypass: 'AzureServices' } } },
      [deny],
      {
        properties: {
          networkAcls: {
            bypass: 'AzureServices',
            defaultAction: 'Deny',
            ipRules: [],
            virtualNetworkRules: [],
          },
        },
      },
    ],
    [
      'sends soft delete with purge protection',
      { properties: { enableSoftDelete: true } },
      [set('/properties/enablePurgeProtection', true)],
      { properties: { enablePurgeProtection: true, enableSoftDelete: true } },
    ],
  ];
  test.each(rows)('%s', (_name, vault, edits, expected) => {
    expect(patchOf(vault, edits)).toEqual(expected);
  });
});
