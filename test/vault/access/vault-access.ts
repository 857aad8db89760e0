import type { Json, JsonObject } from '../../../src/types/json.js';
import type { RoleAssignment } from '../../../src/types/observation.js';
import { vaultWith } from '../vault-observation.js';

export const TENANT = 'aaaaaaaa-0000-4000-8000-000000000001';
export const OTHER_TENANT = 'bbbbbbbb-0000-4000-8000-000000000002';
export const SOMEBODY = '00000000-0000-4000-8000-00000000000a';
export const USER_ASSIGNED = '00000000-0000-4000-8000-00000000000b';

export const ROLES = {
  reader: '21090545-7ca7-4776-b22c-e363652d74d2',
  secretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  secretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
  cryptoUser: '12338af0-0e69-4776-bea7-57ae8d297424',
  cryptoOfficer: '14b46e9e-c2b7-41b4-b07b-48a6ebf60603',
  administrator: '00482a5a-887f-4fb3-b363-3b7fe8e74483',
  contributor: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
  owner: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
  sentinelResponder: '3e150937-b8fe-4cfb-8069-0eaf05ecd056',
  custom: 'cccccccc-0000-4000-8000-000000000003',
} as const;

/** An entry of `accessPolicies`. */
export function policyOf(objectId: string, permissions: JsonObject, more: JsonObject = {}): JsonObject {
  return { tenantId: TENANT, objectId, permissions, ...more };
}

/** A vault with access policies. */
export function vaultOf(...accessPolicies: readonly Json[]): JsonObject {
  return vaultWith({ tenantId: TENANT, accessPolicies });
}

/** A vault where roles decide. */
export function rbacVault(): JsonObject {
  return vaultWith({ tenantId: TENANT, enableRbacAuthorization: true, accessPolicies: [] });
}

export function assignment(
  principalId: string,
  roleId: string,
  more: Partial<RoleAssignment> = {},
): RoleAssignment {
  return {
    id: `/assignments/${principalId}/${roleId}`,
    scope: '/subscriptions/s/resourcegroups/rg-soar',
    principalId,
    principalType: 'ServicePrincipal',
    roleId,
    hasCondition: false,
    ...more,
  };
}
