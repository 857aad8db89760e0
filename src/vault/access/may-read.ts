import type { MayRead, VaultDocument, VaultPermission, VaultSurroundings } from '../../types/observation.js';
import { holds, readAccessPolicies, tenantOf, usesRoles } from './access-policies.js';
import { roleGrants, vaultRoleOf } from './vault-roles.js';

/**
 * Whether a principal holds one permission at a vault. `unseen`: nothing that was read gives it, but something that
 * was not read may (its groups, a role on a single secret). `unknown`: something that was read may give it.
 */
export type Grant = 'yes' | 'no' | 'unseen' | 'unknown';

/**
 * Whether a principal may do all of `uses` with a vault: `yes` and `no` only where that is certain. Not seen are the
 * groups it is in, roles on single secrets (so a vault with roles never gives `no`) and deny assignments.
 */
export function mayRead(
  vault: VaultDocument,
  surroundings: Pick<VaultSurroundings, 'roleAssignments'>,
  principalId: string,
  uses: readonly VaultPermission[] = ['secrets/get'],
): MayRead {
  const grants = uses.map((use) => grantOf(vault, surroundings, principalId, use));
  if (grants.includes('no')) return 'no';
  return grants.every((grant) => grant === 'yes') ? 'yes' : 'unknown';
}

export function grantOf(
  vault: VaultDocument,
  surroundings: Pick<VaultSurroundings, 'roleAssignments'>,
  principalId: string,
  use: VaultPermission,
): Grant {
  const id = principalId.toLowerCase();
  return usesRoles(vault) ? byRoles(surroundings, id, use) : byPolicies(vault, id, use);
}

function byPolicies(vault: VaultDocument, principalId: string, use: VaultPermission): Grant {
  const tenantId = tenantOf(vault);
  const policies = readAccessPolicies(vault);
  if (tenantId === null || policies === null) return 'unknown';
  const holders = policies.filter((policy) => policy.tenantId === tenantId && holds(policy.permissions, use));
  if (holders.some((policy) => policy.objectId === principalId && policy.applicationId === null))
    return 'yes';
  // An entry does not say whether its object is a group.
  return holders.length === 0 ? 'no' : 'unseen';
}

function byRoles(
  { roleAssignments }: Pick<VaultSurroundings, 'roleAssignments'>,
  principalId: string,
  use: VaultPermission,
): Grant {
  if (roleAssignments === null) return 'unknown';
  let grant: Grant = 'unseen';
  for (const assignment of roleAssignments) {
    if (assignment.principalId !== principalId) continue;
    const role = vaultRoleOf(assignment.roleId);
    if (role !== null && !roleGrants(role, use)) continue;
    if (role !== null && !assignment.hasCondition) return 'yes';
    grant = 'unknown';
  }
  return grant;
}
