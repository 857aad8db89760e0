import type { RoleAssignment, VaultObservation } from '../../types/observation.js';
import { nameOfIdentity, type IdentityUse } from './identity-uses.js';
import { plainId } from './permission-names.js';
import { isWiderThanUsed, vaultRoleOf } from './vault-roles.js';

/** What is to be said of one role assignment. */
export interface RoleRemark {
  readonly severity: 'low' | 'medium' | 'high';
  readonly about: string;
  readonly reason: string;
  readonly step: string;
}

/** The roles of Logic Apps, at the vault or inherited, that give more than they are seen to use. */
export function roleRemarks(
  { surroundings, keepPrincipals }: VaultObservation,
  identities: ReadonlyMap<string, IdentityUse>,
): readonly RoleRemark[] {
  return (surroundings.roleAssignments ?? []).flatMap((assignment) => {
    const identity = identities.get(assignment.principalId);
    if (identity === undefined || keepPrincipals.has(assignment.principalId)) return [];
    return remarkOn(assignment, identity);
  });
}

function remarkOn(assignment: RoleAssignment, identity: IdentityUse): readonly RoleRemark[] {
  const role = vaultRoleOf(assignment.roleId);
  const who = nameOfIdentity(identity);
  const about = `role-assignment:${assignment.id.toLowerCase()}`;
  const where = `at ${JSON.stringify(assignment.scope)}${assignment.hasCondition ? ', under a condition' : ''}`;
  if (role === null) {
    const reason = `${who} has the role ${plainId(assignment.roleId)} ${where}; whether it gives more than reading secrets cannot be told.`;
    const step =
      'Look at the role. Key Vault Secrets User, on the vault alone, is enough to read its secrets.';
    return [{ severity: 'low', about, reason, step }];
  }
  if (!isWiderThanUsed(assignment.roleId, identity.uses)) return [];
  const more = {
    roles: 'with which it may give itself and others permissions on the vault',
    vault:
      'with which it may change the vault: open its firewall, delete it, decide how it gives permissions',
    data: 'which gives more than it is seen to use',
  }[role.manages ?? 'data'];
  const doubt = identity.doubt === null ? '' : ` But ${identity.doubt}.`;
  return [
    {
      severity: role.manages === 'roles' || role.grants.includes('*') ? 'high' : 'medium',
      about,
      reason: `${who} has the role ${role.name} ${where}, ${more}.${doubt}`,
      step: 'Give it the narrowest role for what it does, on the vault alone (Key Vault Secrets User, to read secrets), and take this one away.',
    },
  ];
}
