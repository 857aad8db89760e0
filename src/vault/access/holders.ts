import type { VaultPermission } from '../../types/observation.js';
import type { AccessPolicy } from './access-policies.js';

/** Whoever holds permissions by access policies; more than one entry where its id stands in different cases. */
export interface Holder {
  /** Its object id; for the identity of another tenant or through an application, with that before or after it. */
  readonly name: string;
  /** False where the vault does not accept its tenant. */
  readonly isOwnTenant: boolean;
  readonly policies: readonly [AccessPolicy, ...AccessPolicy[]];
  readonly held: ReadonlySet<VaultPermission>;
}

/** The holders of a vault's entries, in the order of their first ones. `tenantId` is the vault's. */
export function holdersOf(policies: readonly AccessPolicy[], tenantId: string | null): readonly Holder[] {
  const byName = new Map<string, [AccessPolicy, ...AccessPolicy[]]>();
  for (const policy of policies) {
    const name = nameOf(policy, tenantId);
    const own = byName.get(name);
    if (own === undefined) byName.set(name, [policy]);
    else own.push(policy);
  }
  return [...byName].map(([name, own]) => ({
    name,
    isOwnTenant: isOf(own[0], tenantId),
    policies: own,
    held: new Set(own.flatMap(({ permissions }) => [...permissions])),
  }));
}

function nameOf(policy: AccessPolicy, tenantId: string | null): string {
  const { objectId, applicationId } = policy;
  const parts = [isOf(policy, tenantId) ? null : (policy.tenantId ?? '?'), objectId, applicationId];
  return parts.filter((part) => part !== null).join('/');
}

function isOf(policy: AccessPolicy, tenantId: string | null): boolean {
  return tenantId !== null && policy.tenantId === tenantId;
}
