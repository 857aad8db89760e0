import type { SetEdit } from '../types/edit.js';
import type { Json } from '../types/json.js';
import { propertiesOf, type VaultObservation } from '../types/observation.js';
import { COMPLIANT, type Plan, type VaultRemediator } from './remediator.js';

/** Soft delete and purge protection are on. */
export const vaultPurgeProtection: VaultRemediator = {
  id: 'vault-purge-protection',
  appliesTo: ['vault'],
  permissions: { read: ['Microsoft.KeyVault/vaults/read'], write: ['Microsoft.KeyVault/vaults/write'] },
  plan,
};

function plan({ vault }: VaultObservation): Plan {
  const { enableSoftDelete, enablePurgeProtection, softDeleteRetentionInDays } = propertiesOf(vault);
  // A vault with purge protection has soft delete, even if it does not say so: Azure takes one only with the other.
  if (enablePurgeProtection === true && (enableSoftDelete ?? true) === true) return COMPLIANT;
  const edits = [
    ...switchOn('enableSoftDelete', enableSoftDelete, 'soft delete is off'),
    ...switchOn('enablePurgeProtection', enablePurgeProtection, 'purge protection is off'),
  ];
  return { ...COMPLIANT, edits, warnings: [irreversible(softDeleteRetentionInDays)] };
}

/** GET leaves out what was never set, which means off. */
function switchOn(name: string, value: Json | undefined, reason: string): readonly SetEdit[] {
  if (value === true) return [];
  return [{ op: 'set', path: `/properties/${name}`, before: value ?? null, after: true, reason }];
}

function irreversible(retentionDays: Json | undefined): string {
  const retention = typeof retentionDays === 'number' ? ` (${retentionDays} days)` : '';
  return `This cannot be undone: Azure lets nobody turn purge protection or soft delete off again. The retention${retention} stays as it is.`;
}
