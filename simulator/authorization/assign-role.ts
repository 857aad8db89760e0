import { extensionId } from '../arm/extension-route.js';
import { timestamp } from '../arm/system-data.js';
import type { World } from '../world.js';

/** A role given to somebody, as a test puts it into the estate. */
export interface Assignment {
  /** A subscription, resource group, resource or management group, or `/` for the tenant's root. */
  readonly scope: string;
  readonly principalId: string;
  readonly principalType?: 'User' | 'Group' | 'ServicePrincipal' | 'ForeignGroup' | 'Device';
  /** What it is called, its GUID or its id. */
  readonly role: string;
}

/** Gives a role without rule, event or journal; throws a RangeError for a role that there is not. Gives its id. */
export function assignRole(world: World, assignment: Assignment): string {
  const { scope, principalId, principalType = 'ServicePrincipal', role } = assignment;
  const definition = world.roleDefinitions.find(role);
  if (definition === undefined) throw new RangeError(`There is no role ${role}.`);
  const name = world.random.guid();
  const time = timestamp(world.clock.now());
  world.roleAssignments.put({
    name,
    scope,
    principalId: principalId.toLowerCase(),
    principalType,
    roleName: definition.name,
    description: null,
    condition: null,
    conditionVersion: null,
    createdOn: time,
    updatedOn: time,
    createdBy: '',
    updatedBy: '',
  });
  return extensionId('role-assignments', scope === '/' ? '' : scope, name);
}
