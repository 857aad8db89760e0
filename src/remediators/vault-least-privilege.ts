import type { Edit } from '../types/edit.js';
import type { VaultObservation, VaultPermission } from '../types/observation.js';
import {
  ACCESS_POLICIES_PATH,
  readAccessPolicies,
  tenantOf,
  UNREADABLE_POLICIES,
  usesRoles,
  type AccessPolicy,
} from '../vault/access/access-policies.js';
import { creatorNote } from '../vault/access/creator.js';
import { excessOf, severityOfExcess } from '../vault/access/excess.js';
import { holdersOf, type Holder } from '../vault/access/holders.js';
import { identityUses, nameOfIdentity, type IdentityUse } from '../vault/access/identity-uses.js';
import { permissionNames, plainId } from '../vault/access/permission-names.js';
import { roleRemarks } from '../vault/access/role-remarks.js';
import { trimPolicy } from '../vault/access/trim-policy.js';
import { COMPLIANT, type Finding, type Plan, type VaultRemediator } from './remediator.js';

/** A Logic App's identity may do with the vault what its definition does, and nothing else. */
export const vaultLeastPrivilege: VaultRemediator = {
  id: 'vault-least-privilege',
  appliesTo: ['vault'],
  permissions: {
    read: ['Microsoft.KeyVault/vaults/read', 'Microsoft.Authorization/roleAssignments/read'],
    write: ['Microsoft.KeyVault/vaults/accessPolicies/write'],
  },
  plan,
};

function plan(observation: VaultObservation): Plan {
  const identities = identityUses(observation.readers, observation.unresolvedReaders);
  return usesRoles(observation.vault)
    ? { ...COMPLIANT, findings: roleRemarks(observation, identities) }
    : planPolicies(observation, identities);
}

function planPolicies(observation: VaultObservation, identities: ReadonlyMap<string, IdentityUse>): Plan {
  const policies = readAccessPolicies(observation.vault);
  if (policies === null) return { ...COMPLIANT, refusals: [{ reason: UNREADABLE_POLICIES, edits: [] }] };
  const others = policies.filter(({ objectId }) => !observation.keepPrincipals.has(objectId));
  const usedByAny = new Set(observation.readers.flatMap(({ uses }) => uses));
  const plans = holdersOf(others, tenantOf(observation.vault)).map((holder) => {
    // Only an entry of the vault's own tenant, through no application, is named by its object id alone.
    const identity = identities.get(holder.name);
    return identity === undefined
      ? planForeign(holder, usedByAny, observation)
      : planIdentity(holder, identity);
  });
  return {
    edits: plans.flatMap(({ edits }) => edits),
    warnings: plans.flatMap(({ warnings }) => warnings),
    refusals: plans.flatMap(({ refusals }) => refusals),
    findings: plans.flatMap(({ findings }) => findings),
  };
}

function planIdentity(holder: Holder, identity: IdentityUse): Plan {
  const excess = excessOf(holder.held, identity.uses);
  if (excess.length === 0) return COMPLIANT;
  const who = nameOfIdentity(identity);
  const does = identity.uses.size === 0 ? 'nothing' : permissionNames(identity.uses);
  if (identity.doubt !== null) {
    const reason = `${who} holds ${permissionNames(excess)} on the vault, which no action of it is seen to use; but ${identity.doubt}, so it is not trimmed.`;
    const step = 'Look at what it does with the vault, and take the rest out of its access policy.';
    return finding(holder, severityOfExcess(excess), reason, step);
  }
  const edits = holder.policies.flatMap((policy) => trimEdits(policy, identity.uses, who, does));
  if (identity.isShared) {
    const reason = `${who} uses ${does}, and holds ${permissionNames(excess)} besides. It is a user-assigned identity, which resources other than Logic Apps may have, too, and Azure does not tell what those do. Find out who has it; if only these Logic Apps do, trim its access policy, else give them an identity of their own.`;
    return { ...COMPLIANT, refusals: [{ reason, edits }] };
  }
  if (holder.policies.length > 1) {
    const reason = `${who} has ${holder.policies.length} access policies on the vault, and a write would put one in place of all. Make one of them that holds ${does}.`;
    return { ...COMPLIANT, refusals: [{ reason, edits }] };
  }
  if (excess.length === holder.held.size && !grantsAll(excess, identity.uses)) {
    const reason = `${who} holds ${permissionNames(excess)} on the vault and none of what it uses (${does}), so nothing would be left of its access policy.`;
    const step = 'Give it what it uses in place of what it holds, or delete its access policy.';
    return finding(holder, severityOfExcess(excess), reason, step);
  }
  return { ...COMPLIANT, edits, warnings: excess.some(isOrHasList) ? [designerNote(who)] : [] };
}

/** Whether an `all` among these gives one of the uses, so that trimming leaves something. */
function grantsAll(excess: readonly VaultPermission[], uses: ReadonlySet<VaultPermission>): boolean {
  return [...uses].some((use) => excess.includes(`${use.split('/')[0] ?? ''}/all` as VaultPermission));
}

function trimEdits(
  policy: AccessPolicy,
  uses: ReadonlySet<VaultPermission>,
  who: string,
  does: string,
): readonly Edit[] {
  const excess = excessOf(policy.permissions, uses);
  if (excess.length === 0) return [];
  const reason = `${who} uses ${does} of the vault, and held ${permissionNames(excess)} besides`;
  return [
    { op: 'remove', path: ACCESS_POLICIES_PATH, before: policy.json, after: null, reason },
    { op: 'add', path: ACCESS_POLICIES_PATH, before: null, after: trimPolicy(policy, uses), reason },
  ];
}

/** Whether the designer asks the vault for names as the Logic App or as its user is not documented. */
function designerNote(who: string): string {
  return `${who} may no longer list names in the vault; the designer may then offer none, and the name of a secret has to be typed.`;
}

function isOrHasList(permission: VaultPermission): boolean {
  return /\/(?:list|all)$/.test(permission);
}

function planForeign(
  holder: Holder,
  usedByAny: ReadonlySet<VaultPermission>,
  { vault }: VaultObservation,
): Plan {
  const excess = excessOf(holder.held, usedByAny);
  if (excess.length === 0) return COMPLIANT;
  const [first] = holder.policies;
  const through =
    first.applicationId === null ? '' : ` through the application ${plainId(first.applicationId)}`;
  const from = holder.isOwnTenant ? '' : ` of the tenant ${plainId(first.tenantId ?? '?')}`;
  const note = creatorNote(vault, first);
  const reason = `The principal ${plainId(first.objectId)}${from}${through} holds ${permissionNames(excess)} on the vault, which no Logic App in scope uses.${note === null ? '' : ` ${note}`}`;
  const step =
    'Find out who it is and what it needs, and take the rest out of its access policy; or add it to HOLDFAST_KEEP_PRINCIPALS.';
  return finding(holder, severityOfExcess(excess), reason, step);
}

function finding(holder: Holder, severity: Finding['severity'], reason: string, step: string): Plan {
  return { ...COMPLIANT, findings: [{ severity, about: `principal:${holder.name}`, reason, step }] };
}
