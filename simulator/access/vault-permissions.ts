import { at, listOf, textAt } from '../json.js';
import { matches } from '../permissions.js';
import type { StoredResource } from '../resource.js';
import type { World } from '../world.js';

/** What somebody may do with what is in a vault, by the model that the vault has. */
export type VaultPermissions =
  | {
      readonly model: 'access-policies';
      readonly keys: readonly string[];
      readonly secrets: readonly string[];
      readonly certificates: readonly string[];
      readonly storage: readonly string[];
    }
  | {
      readonly model: 'rbac';
      /** Of each role that applies: what it gives, less what it takes back. */
      readonly roles: readonly {
        readonly roleName: string;
        readonly scope: string;
        readonly dataActions: readonly string[];
        readonly notDataActions: readonly string[];
      }[];
    };

/** With RBAC on, access policies are stored and mean nothing (Key Vault's access-control-default page). */
export function vaultPermissions(world: World, vault: StoredResource, principalId: string): VaultPermissions {
  const ids = world.groups.idsOf(principalId);
  if (vault.state.properties.get('enableRbacAuthorization')?.trim() === 'true') {
    return { model: 'rbac', roles: rolesAt(world, vault.id, ids) };
  }
  const policies: unknown = JSON.parse(vault.state.properties.get('accessPolicies') ?? '[]');
  const own = listOf(policies).filter(
    // A policy with an application is for a person who uses that application, and not for either of them alone.
    (policy) => ids.has(textAt(policy, 'objectId')?.toLowerCase() ?? '') && !at(policy, 'applicationId'),
  );
  const granted = (kind: string): readonly string[] => [
    ...new Set(own.flatMap((policy) => namesIn(at(policy, 'permissions', kind)))),
  ];
  return {
    model: 'access-policies',
    keys: granted('keys'),
    secrets: granted('secrets'),
    certificates: granted('certificates'),
    storage: granted('storage'),
  };
}

const GET_SECRET = 'Microsoft.KeyVault/vaults/secrets/getSecret/action';

export function mayGetSecrets(permissions: VaultPermissions): boolean {
  if (permissions.model === 'access-policies') {
    return permissions.secrets.includes('get') || permissions.secrets.includes('all');
  }
  return permissions.roles.some(
    ({ dataActions, notDataActions }) =>
      dataActions.some((pattern) => matches(pattern, GET_SECRET)) &&
      !notDataActions.some((pattern) => matches(pattern, GET_SECRET)),
  );
}

function rolesAt(
  world: World,
  scope: string,
  ids: ReadonlySet<string>,
): Extract<VaultPermissions, { model: 'rbac' }>['roles'] {
  return world.roleAssignments.applyingAt(scope).flatMap((assignment) => {
    const role = world.roleDefinitions.find(assignment.roleName);
    if (role === undefined || !ids.has(assignment.principalId.toLowerCase())) return [];
    const { roleName, dataActions, notDataActions } = role;
    return [{ roleName, scope: assignment.scope, dataActions, notDataActions }];
  });
}

function namesIn(list: unknown): readonly string[] {
  return listOf(list).flatMap((name) => (typeof name === 'string' ? [name.toLowerCase()] : []));
}
