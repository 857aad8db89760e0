import { readAnswer, type ArmAnswer, type ArmCall } from '../arm/arm-call.js';
import { demandBody, objectBody } from '../arm/arm-content.js';
import { ArmFailure, badRequest } from '../arm/arm-error.js';
import { demandScope } from '../arm/demand-scope.js';
import { extensionId, type ExtensionRoute } from '../arm/extension-route.js';
import { pageOf } from '../arm/paging.js';
import { readBody } from '../documents/read-body.js';
import { at, textAt } from '../json.js';
import { isPrincipalThere } from './directory.js';
import { AssignmentBody } from './assignment-body.js';
import type { World } from '../world.js';
import { assignmentText } from './assignment-text.js';
import { assignmentFilter } from './assignment-filter.js';
import type { RoleAssignment } from './role-assignments.js';
import { isAtOrAbove, isSameScope } from './scope.js';
import { timestamp } from '../arm/system-data.js';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** https://learn.microsoft.com/azure/role-based-access-control/troubleshoot-limits */
const MAX_IN_SUBSCRIPTION = 4000;
const PRINCIPAL_TYPES = ['User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device'];

/** `{scope}/providers/Microsoft.Authorization/roleAssignments[/{name}]`, of version 2022-04-01. */
export function answerRoleAssignments(call: ArmCall, route: ExtensionRoute): ArmAnswer {
  const { world, line, request } = call;
  const scope = demandScope(world, route.scope).id;
  if (route.name === null) return readAnswer(listText(call, scope));
  const found = world.roleAssignments.find(route.name);
  const existing = found !== undefined && isSameScope(found.scope, scope) ? found : undefined;
  switch (request.method) {
    case 'PUT':
      return put(call, scope, route.name, found);
    case 'DELETE':
      return existing === undefined ? { status: 204, body: '', effect: null } : remove(world, existing);
    default:
      if (existing !== undefined) return readAnswer(assignmentText(world, existing));
      throw new ArmFailure(
        404,
        'RoleAssignmentNotFound',
        `The role assignment '${line.path.split('/').at(-1) ?? ''}' is not found.`,
      );
  }
}

/** Without a filter: at the scope, above it and below it (the specification's words on `$filter`). */
function listText(call: ArmCall, scope: string): string {
  const { world, line } = call;
  const isWanted = assignmentFilter(line.query.get('$filter'), scope, world.groups);
  const listed = world.roleAssignments.all.filter(
    (assignment) =>
      (isAtOrAbove(assignment.scope, scope) || isAtOrAbove(scope, assignment.scope)) && isWanted(assignment),
  );
  return pageOf(call, listed, (assignment) => assignmentText(world, assignment));
}

function put(call: ArmCall, scope: string, name: string, found: RoleAssignment | undefined): ArmAnswer {
  const { world, now, principal } = call;
  const body = objectBody(call.request);
  demandBody(body);
  if (!GUID.test(name)) {
    throw new ArmFailure(
      400,
      'InvalidRoleAssignmentId',
      `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
    );
  }
  const sent = sentAssignment(world, body, scope);
  checkConflicts(world, sent, name, scope, found);
  const time = timestamp(now);
  const assignment: RoleAssignment = {
    ...sent,
    sequence: 0,
    name: name.toLowerCase(),
    scope,
    createdOn: found?.createdOn ?? time,
    createdBy: found?.createdBy ?? principal.objectId,
    updatedOn: time,
    updatedBy: principal.objectId,
  };
  const after = assignmentText(world, assignment);
  const before = found === undefined ? null : assignmentText(world, found);
  return {
    // The specification's PUT knows both; 200 is for one that is there.
    status: found === undefined ? 201 : 200,
    body: after,
    effect: {
      resourceId: extensionId('role-assignments', scope, name),
      child: '',
      event: 'Write',
      isNew: found === undefined,
      change: {
        kind: 'extension',
        before,
        after,
        store: () => world.roleAssignments.put(assignment),
      },
    },
  };
}

type Sent = Pick<
  RoleAssignment,
  'principalId' | 'principalType' | 'roleName' | 'description' | 'condition' | 'conditionVersion'
>;

function sentAssignment(world: World, body: string, scope: string): Sent {
  const properties = at(readBody(AssignmentBody, JSON.parse(body)), 'properties');
  const principalId = textAt(properties, 'principalId') ?? '';
  const roleId = textAt(properties, 'roleDefinitionId') ?? '';
  if (!GUID.test(principalId) || roleId === '') {
    throw new ArmFailure(400, 'BadRequestFormat', 'The request was incorrectly formatted.');
  }
  const role = world.roleDefinitions
    .at(scope)
    .find(({ name }) => name === roleId.toLowerCase().split('/').at(-1));
  if (role === undefined) {
    throw new ArmFailure(
      400,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${roleId.split('/').at(-1) ?? ''}' does not exist.`,
    );
  }
  // The directory would know; the simulator has none, and most of what roles are given to are applications.
  const principalType = textAt(properties, 'principalType') ?? 'ServicePrincipal';
  if (!PRINCIPAL_TYPES.includes(principalType)) throw badRequest(`Invalid principalType: ${principalType}`);
  demandPrincipal(world, principalId, textAt(properties, 'principalType') !== undefined);
  return {
    principalId: principalId.toLowerCase(),
    principalType,
    roleName: role.name,
    description: textAt(properties, 'description') ?? null,
    condition: textAt(properties, 'condition') ?? null,
    conditionVersion: textAt(properties, 'conditionVersion') ?? null,
  };
}

/**
 * Azure looks a principal up in the directory; where the request says what kind of principal it is, a new one that is
 * not there yet is taken. https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---assigning-a-role-to-a-new-principal-sometimes-fails
 */
function demandPrincipal(world: World, principalId: string, isTyped: boolean): void {
  if (!isTyped || world.switches.values.principalWithType === 'unchecked') return;
  if (isPrincipalThere(world, principalId)) return;
  throw new ArmFailure(
    400,
    'PrincipalNotFound',
    `Principal ${principalId.replaceAll('-', '')} does not exist in the directory ${world.tenantId}. Check that you have the correct principal ID.`,
  );
}

/** Codes and wordings: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting */
function checkConflicts(
  world: World,
  sent: Sent,
  name: string,
  scope: string,
  found: RoleAssignment | undefined,
): void {
  const isSame = (other: RoleAssignment): boolean =>
    isSameScope(other.scope, scope) && other.principalId === sent.principalId;
  if (found !== undefined && !(isSame(found) && found.roleName === sent.roleName)) {
    throw new ArmFailure(
      400,
      'RoleAssignmentUpdateNotPermitted',
      'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
    );
  }
  const all = world.roleAssignments.all;
  const twin = all.find(
    (other) => other.name !== name.toLowerCase() && isSame(other) && other.roleName === sent.roleName,
  );
  if (twin !== undefined) {
    throw new ArmFailure(
      409,
      'RoleAssignmentExists',
      `The role assignment already exists. The ID of the existing role assignment is ${twin.name.replaceAll('-', '')}.`,
    );
  }
  const subscription = scope.split('/').slice(0, 3).join('/');
  const inSubscription = all.filter((other) => isAtOrAbove(subscription, other.scope)).length;
  if (found !== undefined || inSubscription < MAX_IN_SUBSCRIPTION) return;
  throw new ArmFailure(
    400,
    'RoleAssignmentLimitExceeded',
    'The maximum number of role assignments has been reached for the subscription.',
  );
}

function remove(world: World, existing: RoleAssignment): ArmAnswer {
  const before = assignmentText(world, existing);
  return {
    status: 200,
    body: before,
    effect: {
      resourceId: extensionId('role-assignments', existing.scope, existing.name),
      child: '',
      event: 'Delete',
      isNew: false,
      change: {
        kind: 'extension',
        before,
        after: null,
        store: () => {
          world.roleAssignments.remove(existing.name);
        },
      },
    },
  };
}
