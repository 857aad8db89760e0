import type { ArmAnswer, ArmCall } from '../arm/arm-call.js';
import { ArmFailure, badRequest } from '../arm/arm-error.js';
import { extensionId } from '../arm/extension-route.js';
import { definitionText } from './definition-text.js';
import type { RoleDefinition } from './role-definitions.js';

/**
 * `subscription`: the id of the one that the scope lies in. 204 where the scope has no such role:
 * https://learn.microsoft.com/rest/api/authorization/role-definitions/delete
 */
export function deleteRoleDefinition(
  { world }: ArmCall,
  subscription: string,
  role: RoleDefinition | undefined,
): ArmAnswer {
  if (role === undefined) return { status: 204, body: '', effect: null };
  if (role.kind === 'BuiltInRole') throw badRequest('A built-in role cannot be deleted.');
  if (world.roleAssignments.all.some(({ roleName }) => roleName === role.name)) throw stillAssigned();
  const before = definitionText(role, subscription);
  const store = (): void => {
    world.roleDefinitions.remove(role.name);
  };
  return {
    status: 200,
    body: before,
    effect: {
      resourceId: extensionId('role-definitions', subscription, role.name),
      child: '',
      event: 'Delete',
      isNew: false,
      change: { kind: 'extension', before, after: null, store },
    },
  };
}

/** Code and wording: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting */
function stillAssigned(): ArmFailure {
  return new ArmFailure(
    400,
    'RoleDefinitionHasAssignments',
    'There are existing role assignments referencing role (code: RoleDefinitionHasAssignments).',
  );
}
