import { describe, expect, it } from 'vitest';
import { group, load, vault } from './load.js';

const ids = (parts: object) => load(parts).resources.map(({ id }) => id.replace(`${group}/providers/`, ''));

describe('a resource of a template', () => {
  it.each<[string, object, string[]]>([
    ['leaves out a resource whose condition is false', { resources: [vault({}, { condition: false })] }, []],
    [
      'keeps a resource whose condition comes out true',
      { resources: [vault({}, { condition: "[equals('a', 'a')]" })] },
      ['Microsoft.KeyVault/vaults/kv'],
    ],
    [
      'makes as many copies as the loop says',
      {
        resources: [
          vault({}, { name: "[concat('kv', copyIndex(1))]", copy: { name: 'l', count: '[add(1, 1)]' } }),
        ],
      },
      ['Microsoft.KeyVault/vaults/kv1', 'Microsoft.KeyVault/vaults/kv2'],
    ],
    [
      "reads a loop's index by its name",
      { resources: [vault({}, { name: "[concat('kv', copyIndex('L'))]", copy: { name: 'l', count: 1 } })] },
      ['Microsoft.KeyVault/vaults/kv0'],
    ],
    [
      "puts the parent's type and name before a nested resource's",
      { resources: [vault({}, { resources: [{ type: 'accessPolicies', name: 'add', properties: {} }] })] },
      ['Microsoft.KeyVault/vaults/kv', 'Microsoft.KeyVault/vaults/kv/accessPolicies/add'],
    ],
    [
      'takes a nested resource that gives its type in full',
      { resources: [vault({}, { resources: [{ type: 'Microsoft.KeyVault/vaults/secrets', name: 's' }] })] },
      ['Microsoft.KeyVault/vaults/kv', 'Microsoft.KeyVault/vaults/kv/secrets/s'],
    ],
    [
      'reads resources by their symbolic names, without those that exist already',
      { resources: { one: vault({}), two: vault({}, { existing: true }) } },
      ['Microsoft.KeyVault/vaults/kv'],
    ],
    [
      'puts an extension on the resource it names',
      {
        resources: [
          { type: 'A.Locks/locks', name: 'l', scope: "[concat('Microsoft.KeyVault/vaults/', 'kv')]" },
        ],
      },
      ['Microsoft.KeyVault/vaults/kv/providers/A.Locks/locks/l'],
    ],
    [
      'reads keywords in any case, as ARM does',
      { Resources: [{ Type: 'Microsoft.KeyVault/vaults', NAME: 'kv' }] },
      ['Microsoft.KeyVault/vaults/kv'],
    ],
    [
      "calls the template's own functions, which see nothing but their arguments",
      {
        functions: [
          {
            namespace: 'soc',
            members: {
              vault: { parameters: [{ name: 'n' }], output: { value: "[concat('kv-', parameters('n'))]" } },
            },
          },
        ],
        resources: [vault({}, { name: "[soc.Vault('a')]" })],
      },
      ['Microsoft.KeyVault/vaults/kv-a'],
    ],
  ])('%s', (_, parts, expected) => {
    expect(ids(parts)).toEqual(expected);
  });

  it('writes a child with its full type and the last part of its name', () => {
    const add = { type: 'accessPolicies', name: 'add', properties: { accessPolicies: [] } };
    const [, child] = load({ resources: [vault({}, { resources: [add] })] }).resources;
    expect(child).toMatchObject({ name: 'add', type: 'Microsoft.KeyVault/vaults/accessPolicies' });
    expect(child?.text).toBe(
      '{"type":"Microsoft.KeyVault/vaults/accessPolicies","name":"add","properties":{"accessPolicies":[]}}',
    );
  });

  it.each<[string, object, string, string]>([
    [
      'whose name cannot be told',
      { name: "[reference('x')]" },
      '/resources/0/name',
      'the resource is left out: reference() asks Azure for the deployed resource x',
    ],
    [
      'whose name does not fit its type',
      { name: 'a/b' },
      '/resources/0/name',
      "the resource is left out: no id can be made of the type 'Microsoft.KeyVault/vaults' and the name 'a/b'",
    ],
    [
      'whose condition cannot be told',
      { condition: "[reference('x')]" },
      '/resources/0/condition',
      'the resource is left out: reference() asks Azure for the deployed resource x',
    ],
    [
      'whose loop cannot be told',
      { copy: { name: 'l', count: "[reference('x')]" } },
      '/resources/0/copy/count',
      'the resource is left out: reference() asks Azure for the deployed resource x',
    ],
    [
      'that has no type',
      { type: undefined },
      '/resources/0/type',
      'the resource is left out: it has no type',
    ],
  ])('leaves out a resource %s, and says so', (_, more, pointer, why) => {
    const { resources, unresolved } = load({ resources: [vault({}, more)] });
    expect(resources).toEqual([]);
    expect(unresolved).toMatchObject([{ pointer, why }]);
  });
});
