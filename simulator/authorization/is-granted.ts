import { matches } from '../permissions.js';
import type { World } from '../world.js';

export interface Demand {
  readonly principalId: string;
  readonly action: string;
  readonly scope: string;
  /** Whether the action is one on what is inside a resource. */
  readonly isData: boolean;
}

/**
 * Whether one of the roles that somebody holds at a scope or above it, also by a group, has the action: assignments add
 * up, and what a role takes out of itself another one may give.
 * https://learn.microsoft.com/azure/role-based-access-control/role-definitions#how-azure-rbac-determines-if-a-user-has-access-to-a-resource
 */
export function isGranted(
  { roleAssignments, roleDefinitions, groups }: Pick<World, 'roleAssignments' | 'roleDefinitions' | 'groups'>,
  { principalId, action, scope, isData }: Demand,
): boolean {
  const ids = groups.idsOf(principalId);
  return roleAssignments.applyingAt(scope).some((assignment) => {
    if (!ids.has(assignment.principalId.toLowerCase())) return false;
    const role = roleDefinitions.find(assignment.roleName);
    if (role === undefined) return false;
    const [given, taken] = isData ? [role.dataActions, role.notDataActions] : [role.actions, role.notActions];
    const isIn = (patterns: readonly string[]): boolean =>
      patterns.some((pattern) => matches(pattern, action));
    return isIn(given) && !isIn(taken);
  });
}
