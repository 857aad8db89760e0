import { z } from 'zod';
import { ArmFailure } from '../arm/arm-error.js';
import { entriesOf, isObject, textAt, type JsonObject } from '../json.js';
import type { World } from '../world.js';
import type { DocumentCall } from './document-type.js';

/** The `identity` of a resource: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-assign-managed-identity-via-azure-resource-manager-template */
export const Identity = z.strictObject({
  type: z.enum(['None', 'UserAssigned']),
  userAssignedIdentities: z.record(z.string(), z.strictObject({})).optional(),
});

/**
 * The identities with the ids of their principals, as a GET shows them. Each must be there, and whoever assigns one
 * needs the permission on it. The wording: https://github.com/Azure/azure-cli/issues/18229
 */
export function assignIdentities(call: DocumentCall, identity: object): JsonObject {
  const { world, principal, place, existing } = call;
  const before = new Set(identitiesOf(existing?.content.identity).map((id) => id.toLowerCase()));
  const assigned = Object.fromEntries(
    identitiesOf(identity).map((id) => {
      const found = identityAt(world, id);
      if (found === undefined) throw notAssigned(place.id, id);
      if (!before.has(id.toLowerCase())) {
        const action = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
        world.permissions.demandLinked(principal, `${place.id}/write`, place.id, action, id);
      }
      return [id, { principalId: found.principalId, clientId: found.clientId }];
    }),
  );
  return { ...identity, ...(Object.keys(assigned).length === 0 ? {} : { userAssignedIdentities: assigned }) };
}

/** The ids of the user-assigned identities that a resource's `identity` names. */
export function identitiesOf(identity: unknown): readonly string[] {
  return isObject(identity) ? entriesOf(identity.userAssignedIdentities).map(([id]) => id) : [];
}

export function hasIdentity(identity: unknown, id: string): boolean {
  return identitiesOf(identity).some((assigned) => assigned.toLowerCase() === id.toLowerCase());
}

export interface IdentityIds {
  readonly principalId: string;
  readonly clientId: string;
  readonly name: string;
}

export function identityAt(world: World, id: string): IdentityIds | undefined {
  const document = world.documents.find(id);
  const principalId = textAt(document?.content.properties, 'principalId');
  const clientId = textAt(document?.content.properties, 'clientId');
  if (document === undefined || principalId === undefined || clientId === undefined) return undefined;
  return { principalId, clientId, name: document.name };
}

function notAssigned(resourceId: string, id: string): ArmFailure {
  return new ArmFailure(
    400,
    'FailedIdentityOperation',
    `Identity operation for resource '${resourceId}' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: 'Resource '${id}' was not found.''.`,
  );
}
