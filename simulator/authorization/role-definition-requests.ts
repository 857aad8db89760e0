import { readAnswer, type ArmAnswer, type ArmCall } from '../arm/arm-call.js';
import { ArmFailure } from '../arm/arm-error.js';
import { demandScope } from '../arm/demand-scope.js';
import type { ExtensionRoute } from '../arm/extension-route.js';
import { pageOf } from '../arm/paging.js';
import { definitionText } from './definition-text.js';
import { deleteRoleDefinition } from './delete-role-definition.js';
import { putRoleDefinition } from './put-role-definition.js';
import type { RoleDefinition } from './role-definitions.js';

/** `{scope}/providers/Microsoft.Authorization/roleDefinitions[/{name}]`; one may be asked for without a scope. */
export function answerRoleDefinitions(call: ArmCall, route: ExtensionRoute): ArmAnswer {
  const { world, line } = call;
  const scope = route.subscriptionId === null ? '' : demandScope(world, route.scope).id;
  if (call.request.method === 'PUT') return putRoleDefinition(call, scope, route.name ?? '');
  const subscription = scope.split('/').slice(0, 3).join('/');
  const here = route.subscriptionId === null ? world.roleDefinitions.all : world.roleDefinitions.at(scope);
  if (route.name === null) {
    const isWanted = definitionFilter(line.query.get('$filter'));
    return readAnswer(pageOf(call, here.filter(isWanted), (role) => definitionText(role, subscription)));
  }
  const name = route.name.toLowerCase();
  const found = here.find((role) => role.name === name);
  if (call.request.method === 'DELETE') return deleteRoleDefinition(call, subscription, found);
  if (found !== undefined) return readAnswer(definitionText(found, subscription));
  throw new ArmFailure(
    404,
    'RoleDefinitionDoesNotExist',
    `The specified role definition with ID '${route.name}' does not exist.`,
  );
}

/** The filters of https://learn.microsoft.com/azure/role-based-access-control/role-definitions-list */
function definitionFilter(text: string | null): (role: RoleDefinition) => boolean {
  if (text === null || /^atScopeAndBelow\(\)$/i.test(text)) return () => true;
  const [, property, value] = /^(roleName|type) eq '([^']*)'$/i.exec(text) ?? [];
  const wanted = value?.toLowerCase();
  if (property?.toLowerCase() === 'rolename') return (role) => role.roleName.toLowerCase() === wanted;
  if (property !== undefined) return (role) => role.kind.toLowerCase() === wanted;
  throw new ArmFailure(400, 'InvalidFilter', `The filter '${text}' is not supported.`);
}
