import { extensionId, extensionType } from '../arm/extension-route.js';
import type { World } from '../world.js';
import type { RoleAssignment } from './role-assignments.js';

/** A role assignment as a GET gives it. */
export function assignmentText(world: World, assignment: RoleAssignment): string {
  const { name, scope, roleName } = assignment;
  const isOfSubscription = world.switches.values.roleDefinitionIdScope === 'subscription';
  const subscription = scope.toLowerCase().startsWith('/subscriptions/')
    ? scope.split('/').slice(0, 3).join('/')
    : '';
  return JSON.stringify({
    properties: {
      roleDefinitionId: extensionId('role-definitions', isOfSubscription ? subscription : '', roleName),
      scope: scope === '' ? '/' : scope,
      principalId: assignment.principalId,
      principalType: assignment.principalType,
      description: assignment.description,
      condition: assignment.condition,
      conditionVersion: assignment.conditionVersion,
      createdOn: assignment.createdOn,
      updatedOn: assignment.updatedOn,
      createdBy: assignment.createdBy,
      updatedBy: assignment.updatedBy,
      delegatedManagedIdentityResourceId: null,
    },
    id: extensionId('role-assignments', scope === '/' ? '' : scope, name),
    type: extensionType('role-assignments'),
    name,
  });
}
