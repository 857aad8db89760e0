import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidResourceIdError, parseResourceId, tryParseResourceId } from '../../src/types/resource-id.js';

const SUB = '11111111-2222-4333-8444-555555555555';
const idOf = (type: string, name: string, group = 'rg-1') =>
  `/subscriptions/${SUB}/resourceGroups/${group}/providers/${type}/${name}`;

describe('ids that are taken', () => {
  test.each([
    ['a vault', idOf('Microsoft.KeyVault/vaults', 'kv-one'), 'vault'],
    [
      'a workflow with every sign a name may hold',
      idOf('Microsoft.Logic/workflows', 'Get_Secret-(v1.0)'),
      'workflow',
    ],
    ['a connection', idOf('Microsoft.Web/connections', 'keyvault-1'), 'connection'],
    [
      'a group with letters of any script',
      idOf('Microsoft.KeyVault/vaults', 'kv-one', 'grüppe_(1)'),
      'vault',
    ],
  ])('%s', (_name, text, kind) => {
    expect(parseResourceId(text)).toMatchObject({ kind, id: text, key: text.toLowerCase() });
  });

  test('case does not matter; fixed segments come out in canonical case, names as given', () => {
    const { id, key } = parseResourceId(
      `/SUBSCRIPTIONS/${SUB.toUpperCase()}/resourcegroups/RG/PROVIDERS/microsoft.keyvault/VAULTS/KV-One`,
    );
    expect(id).toBe(`/subscriptions/${SUB}/resourceGroups/RG/providers/Microsoft.KeyVault/vaults/KV-One`);
    expect(key).toBe(id.toLowerCase());
  });
});

describe('ids that are refused', () => {
  const vault = idOf('Microsoft.KeyVault/vaults', 'kv-one');
  test.each([
    ['nothing', ''],
    ['a name', 'kv-one'],
    ['a full URL', `https://management.azure.com${vault}`],
    ['an id without its leading slash', vault.slice(1)],
    ['a trailing slash', `${vault}/`],
    ['a child resource', `${vault}/secrets/one`],
    ['a query', `${vault}?api-version=1`],
    ['a fragment', `${vault}#x`],
    ['a group named ..', idOf('Microsoft.KeyVault/vaults', 'kv-one', '..')],
    ['a group that ends in a dot', idOf('Microsoft.KeyVault/vaults', 'kv-one', 'rg.')],
    ['a workflow named ..', idOf('Microsoft.Logic/workflows', '..')],
    ['a workflow named .', idOf('Microsoft.Logic/workflows', '.')],
    ['an encoded slash', idOf('Microsoft.Logic/workflows', 'a%2Fb')],
    ['an encoded dot', idOf('Microsoft.Logic/workflows', '%2e%2e')],
    ['a backslash', idOf('Microsoft.Logic/workflows', 'a\\b')],
    ['a line break', `${vault}\n`],
    ['a space', idOf('Microsoft.Logic/workflows', 'a b')],
    ['another provider', idOf('Microsoft.Compute/virtualMachines', 'vm-one')],
    ['another type of the provider', idOf('Microsoft.KeyVault/managedHSMs', 'hsm-one')],
    ['a subscription that is no GUID', vault.replace(SUB, 'mine')],
    ['an empty segment', vault.replace('/resourceGroups/rg-1', '/resourceGroups/')],
    ['a vault name that is too long', idOf('Microsoft.KeyVault/vaults', 'k'.repeat(25))],
    ['a workflow name that is too long', idOf('Microsoft.Logic/workflows', 'w'.repeat(81))],
    ['a text of a megabyte', `${vault}${'x'.repeat(1_000_000)}`],
  ])('%s', (_name, text) => {
    expect(() => parseResourceId(text)).toThrow(InvalidResourceIdError);
    expect(tryParseResourceId(text)).toBeNull();
  });
});

test('whatever is taken can be put into a URL path without changing where it leads', () => {
  const text = fc.oneof(
    fc.string(),
    fc.tuple(fc.string(), fc.string()).map(([group, name]) => idOf('Microsoft.Logic/workflows', name, group)),
  );
  fc.assert(
    fc.property(text, (candidate) => {
      const id = tryParseResourceId(candidate);
      if (id === null) return;
      const url = new URL(`https://host${id.id}`);
      expect(decodeURIComponent(url.pathname)).toBe(id.id);
      expect(parseResourceId(id.id)).toEqual(id);
    }),
    { numRuns: 500 },
  );
});
