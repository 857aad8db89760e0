import { describe, expect, it } from 'vitest';
import { Azure } from '../../simulator/azure.js';
import { Permissions, type Grant } from '../../simulator/permissions.js';
import { servicePrincipal } from '../../simulator/principal.js';
import { refused } from './refused.js';

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

describe('a principal that the roles in the estate govern', () => {
  const ID = '11111111-1111-4111-8111-111111111111';
  const GROUP = `/subscriptions/${ID}/resourceGroups/rg`;
  const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-governed`;
  const somebody = servicePrincipal('somebody');
  const { objectId } = somebody;
  const body = {
    location: 'westeurope',
    properties: { tenantId: ID, sku: { family: 'A', name: 'standard' }, accessPolicies: [] },
  };

  function governed(): Azure {
    const azure = new Azure(() => 'https://management.azure.com', { subscriptions: [ID], tenantId: ID });
    azure.addResourceGroup(ID, 'rg');
    azure.permissions.govern(objectId);
    return azure;
  }
  const give = (
    azure: Azure,
    actions: readonly string[],
    scope = GROUP,
    notActions: readonly string[] = [],
  ): string => {
    const role = azure.addRoleDefinition({
      roleName: `role ${actions.join()} ${notActions.join()}`,
      actions,
      notActions,
    });
    return azure.assignRole({ scope, principalId: objectId, role });
  };
  const write = (azure: Azure): Promise<string> => refused(azure.as(somebody).put(VAULT, body));

  it.each<[string, (azure: Azure) => void, boolean]>([
    ['no role', () => undefined, false],
    [
      'a role with the action above',
      (azure) => give(azure, ['Microsoft.KeyVault/vaults/write'], `/subscriptions/${ID}`),
      true,
    ],
    ['a role with the action elsewhere', (azure) => give(azure, ['*'], `${GROUP}-other`), false],
    ['a role that takes the action out', (azure) => give(azure, ['*'], GROUP, ['*/write']), false],
    [
      'a role that takes it out, and one that gives it',
      (azure) => {
        give(azure, ['*'], GROUP, ['*/write']);
        give(azure, ['*/write']);
      },
      true,
    ],
    [
      'a role by a group',
      (azure) => {
        const group = 'aaaaaaaa-0000-4000-8000-00000000000a';
        azure.groups.add(group, objectId);
        azure.assignRole({ scope: GROUP, principalId: group, role: 'Contributor' });
      },
      true,
    ],
    [
      'a role, and grants that leave it out',
      (azure) => {
        give(azure, ['*']);
        azure.permissions.restrict(objectId, [{ actions: ['*/read'], scope: '/' }]);
      },
      false,
    ],
  ])('has %s', async (_name, prepare, allowed) => {
    const azure = governed();
    prepare(azure);
    expect(await write(azure)).toBe(allowed ? 'not refused' : '403 AuthorizationFailed');
  });

  it('loses at once what somebody takes from it, and may do everything when nothing governs it', async () => {
    const azure = governed();
    const assignment = give(azure, ['*']);
    expect(await write(azure)).toBe('not refused');
    await azure.as('owner@contoso.com').delete(assignment);
    expect(await write(azure)).toBe('403 AuthorizationFailed');
    azure.permissions.ungovern(objectId);
    expect(await write(azure)).toBe('not refused');
  });

  it('is remembered with what was demanded of it, also by a link and also in vain', async () => {
    const azure = governed();
    give(azure, ['Microsoft.KeyVault/*']);
    const subnet = `${GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/s`;
    const networkAcls = {
      defaultAction: 'Deny',
      bypass: 'None',
      ipRules: [],
      virtualNetworkRules: [{ id: subnet }],
    };
    const linked = { ...body, properties: { ...body.properties, networkAcls } };
    expect(await refused(azure.as(somebody).put(VAULT, linked))).toBe('403 LinkedAuthorizationFailed');
    expect(azure.permissions.asked(objectId)).toEqual([
      'Microsoft.KeyVault/vaults/write',
      'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action',
    ]);
    expect(azure.permissions.asked(ID)).toEqual([]);
  });
});
