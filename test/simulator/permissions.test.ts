import { describe, expect, it } from 'vitest';
import { Permissions, type Grant } from '../../simulator/permissions.js';
import { servicePrincipal } from '../../simulator/principal.js';

const WRITE = 'Microsoft.KeyVault/vaults/write';
const SCOPE = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv';

describe('a principal', () => {
  const somebody = servicePrincipal('somebody');

  it('that is not restricted may do everything', () => {
    expect(new Permissions().isAllowed(somebody, WRITE, SCOPE)).toBe(true);
  });

  it.each<[string, Grant[], boolean]>([
    ['nothing', [], false],
    ['everything everywhere', [{ actions: ['*'], scope: '/' }], true],
    ['the action on the resource', [{ actions: [WRITE], scope: SCOPE }], true],
    ['the action, in another case', [{ actions: [WRITE.toUpperCase()], scope: SCOPE.toUpperCase() }], true],
    [
      'the actions of the type on the group',
      [{ actions: ['Microsoft.KeyVault/vaults/*'], scope: '/subscriptions/s/resourceGroups/rg' }],
      true,
    ],
    ['every write', [{ actions: ['*/write'], scope: '/subscriptions/s' }], true],
    [
      'every write but this',
      [{ actions: ['*/write'], notActions: ['Microsoft.KeyVault/*'], scope: '/' }],
      false,
    ],
    ['another action', [{ actions: ['Microsoft.KeyVault/vaults/read'], scope: SCOPE }], false],
    ['the action on a resource whose name goes on', [{ actions: [WRITE], scope: SCOPE.slice(0, -1) }], false],
    ['part of the action', [{ actions: ['Microsoft.KeyVault/vaults'], scope: SCOPE }], false],
    [
      'another of two',
      [
        { actions: ['x'], scope: '/' },
        { actions: [WRITE], scope: '/subscriptions/s' },
      ],
      true,
    ],
  ])('that is granted %s', (_name, grants, allowed) => {
    const permissions = new Permissions();
    permissions.restrict(somebody.objectId, grants);
    expect(permissions.isAllowed(somebody, WRITE, SCOPE)).toBe(allowed);
  });
});
