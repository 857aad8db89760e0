import { z } from 'zod';
import type { ArmAnswer, ArmCall } from '../arm/arm-call.js';
import { demandBody, objectBody } from '../arm/arm-content.js';
import { ArmFailure, badRequest } from '../arm/arm-error.js';
import { demandScope } from '../arm/demand-scope.js';
import { extensionId } from '../arm/extension-route.js';
import { readBody } from '../documents/read-body.js';
import { definitionText } from './definition-text.js';
import type { RoleDefinition } from './role-definitions.js';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** `{company}.{provider}/{type}/{action}`, with `*` for any text. */
const Action = z
  .string()
  .regex(/^(\*|[a-z][\w.]*\/[\w*/.-]*[\w*])$/i, 'is no action, e.g. Microsoft.KeyVault/vaults/read');
const Actions = z.array(Action).optional();

/**
 * https://learn.microsoft.com/azure/templates/microsoft.authorization/2022-04-01/roledefinitions
 * https://learn.microsoft.com/azure/role-based-access-control/custom-roles#custom-role-properties
 */
const Body = z.strictObject({
  properties: z.strictObject({
    roleName: z.string().min(1).max(512),
    description: z.string().max(2048).optional(),
    type: z.literal('CustomRole'),
    permissions: z
      .array(
        z.strictObject({
          actions: Actions,
          notActions: Actions,
          dataActions: Actions,
          notDataActions: Actions,
        }),
      )
      .length(1),
    assignableScopes: z.array(z.string().startsWith('/')).min(1),
  }),
});

/** Makes a role of the tenant's own, or changes one. */
export function putRoleDefinition(call: ArmCall, scope: string, name: string): ArmAnswer {
  const { world, request } = call;
  const sent = objectBody(request);
  demandBody(sent);
  if (!GUID.test(name)) {
    throw new ArmFailure(
      400,
      'InvalidRoleDefinitionId',
      `The role definition ID '${name}' is not valid. The role definition ID must be a GUID.`,
    );
  }
  const { properties } = readBody(Body, JSON.parse(sent));
  const existing = world.roleDefinitions.all.find((role) => role.name === name.toLowerCase());
  if (existing?.kind === 'BuiltInRole') throw badRequest('A built-in role cannot be changed.');
  checkName(call, properties.roleName, name);
  const assignableScopes = properties.assignableScopes.map((assignable) => demandScope(world, assignable).id);
  const [permissions = {}] = properties.permissions;
  const { actions = [], notActions = [], dataActions = [], notDataActions = [] } = permissions;
  const role: RoleDefinition = {
    sequence: existing?.sequence ?? world.roleDefinitions.all.length + 1,
    name: name.toLowerCase(),
    roleName: properties.roleName,
    description: properties.description ?? '',
    kind: 'CustomRole',
    assignableScopes,
    actions,
    notActions,
    dataActions,
    notDataActions,
  };
  const subscription = scope.split('/').slice(0, 3).join('/');
  const after = definitionText(role, subscription);
  const before = existing === undefined ? null : definitionText(existing, subscription);
  const store = (): void => {
    world.roleDefinitions.put(role);
  };
  return {
    status: existing === undefined ? 201 : 200,
    body: after,
    effect: {
      resourceId: extensionId('role-definitions', subscription, role.name),
      child: '',
      event: 'Write',
      isNew: existing === undefined,
      change: before === after ? null : { kind: 'extension', before, after, store },
    },
  };
}

/** Unique in the tenant; the wording: https://github.com/Azure/ARO-RP/pull/1346 */
function checkName({ world }: ArmCall, roleName: string, name: string): void {
  const isTaken = world.roleDefinitions.all.some(
    (role) => role.name !== name.toLowerCase() && role.roleName.toLowerCase() === roleName.toLowerCase(),
  );
  if (!isTaken) return;
  throw new ArmFailure(
    409,
    'RoleDefinitionWithSameNameExists',
    'A role definition cannot be updated with a name that already exists.',
  );
}
