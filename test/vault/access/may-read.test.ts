import { describe, expect, it, test } from 'vitest';
import type { JsonObject } from '../../../src/types/json.js';
import type { MayRead, RoleAssignment, VaultPermission } from '../../../src/types/observation.js';
import { mayRead } from '../../../src/vault/access/may-read.js';
import { vaultWith } from '../vault-observation.js';
import {
  assignment,
  OTHER_TENANT,
  policyOf,
  rbacVault,
  ROLES,
  SOMEBODY,
  TENANT,
  USER_ASSIGNED as ME,
  vaultOf,
} from './vault-access.js';

const unread = { roleAssignments: null };
const GET = { secrets: ['get'] };

describe('mayRead: access policies', () => {
  const rows: readonly (readonly [string, JsonObject, MayRead])[] = [
    ['get by name', vaultOf(policyOf(ME, GET)), 'yes'],
    [
      'get in another case',
      vaultOf({
        TenantId: TENANT.toUpperCase(),
        objectID: ME.toUpperCase(),
        Permissions: { Secrets: ['GET'] },
      }),
      'yes',
    ],
    ['all secrets permissions', vaultOf(policyOf(ME, { secrets: ['all'] })), 'yes'],
    ['a second entry that has it', vaultOf(policyOf(ME, {}), policyOf(ME, GET)), 'yes'],
    ['nobody holds it', vaultOf(policyOf(ME, { secrets: ['list'], keys: ['all'] })), 'no'],
    ['an empty vault', vaultOf(), 'no'],
    ['no list at all', vaultWith({ tenantId: TENANT }), 'no'],
    [
      'somebody else holds it, perhaps a group',
      vaultOf(policyOf(ME, {}), policyOf(SOMEBODY, GET)),
      'unknown',
    ],
    ['only through an application', vaultOf(policyOf(ME, GET, { applicationId: SOMEBODY })), 'unknown'],
    [
      'only in a tenant that the vault does not accept',
      vaultOf(policyOf(ME, GET, { tenantId: OTHER_TENANT })),
      'no',
    ],
    ['a vault without a tenant', vaultWith({ accessPolicies: [policyOf(ME, GET)] }), 'unknown'],
    ['hostile: policies of a text', vaultWith({ tenantId: 'x', accessPolicies: 'all' }), 'unknown'],
    ['hostile: a vault without properties', {}, 'unknown'],
  ];
  test.each(rows)('%s', (_, vault, expected) => {
    expect(mayRead(vault, unread, ME)).toBe(expected);
  });

  it.each<[string, readonly VaultPermission[], MayRead]>([
    ['every use held', ['secrets/get', 'keys/decrypt'], 'yes'],
    ['one that nobody holds', ['secrets/get', 'secrets/set'], 'no'],
    ['one that somebody else holds', ['secrets/get', 'keys/sign'], 'unknown'],
  ])('several uses: %s', (_, uses, expected) => {
    const vault = vaultOf(policyOf(ME, { ...GET, keys: ['decrypt'] }), policyOf(SOMEBODY, { keys: ['all'] }));
    expect(mayRead(vault, unread, ME, uses)).toBe(expected);
  });
});

describe('mayRead: roles', () => {
  const rows: readonly (readonly [string, readonly RoleAssignment[] | null, MayRead])[] = [
    ['Secrets User', [assignment(ME, ROLES.secretsUser)], 'yes'],
    ['Administrator', [assignment(ME, ROLES.administrator)], 'yes'],
    ['a second role that has it', [assignment(ME, ROLES.custom), assignment(ME, ROLES.secretsUser)], 'yes'],
    ['under a condition', [assignment(ME, ROLES.secretsUser, { hasCondition: true })], 'unknown'],
    ['a custom role', [assignment(ME, ROLES.custom)], 'unknown'],
    ['Owner of the vault, which reads no secret', [assignment(ME, ROLES.owner)], 'unknown'],
    ['nothing that was read: it may have a role on a single secret', [], 'unknown'],
    ['somebody else’s role', [assignment(SOMEBODY, ROLES.secretsUser)], 'unknown'],
    ['not read yet', null, 'unknown'],
  ];
  test.each(rows)('%s', (_, roleAssignments, expected) => {
    expect(mayRead(rbacVault(), { roleAssignments }, ME.toUpperCase())).toBe(expected);
  });

  it('access policies count for nothing there', () => {
    const vault = vaultWith({ enableRbacAuthorization: true, accessPolicies: [policyOf(ME, GET)] });
    expect(mayRead(vault, { roleAssignments: [] }, ME)).toBe('unknown');
  });

  it('roles count for nothing where the model is not switched on', () => {
    const vault = vaultOf();
    const properties = { ...(vault.properties as JsonObject), enableRbacAuthorization: null };
    const roleAssignments = [assignment(ME, ROLES.secretsUser)];
    expect(mayRead({ ...vault, properties }, { roleAssignments }, ME)).toBe('no');
  });
});
