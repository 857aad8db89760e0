import type { SetEdit } from '../types/edit.js';
import { getIgnoringCase, type Json } from '../types/json.js';
import { propertiesOf, type DeletedVaultObservation } from '../types/observation.js';
import { COMPLIANT, type DeletedVaultRemediator, type Finding, type Plan } from './remediator.js';

/** No vault in scope lies deleted until it is purged. */
export const vaultDeleted: DeletedVaultRemediator = {
  id: 'vault-deleted',
  appliesTo: ['deleted-vault'],
  // A vault may have been deleted on purpose: only a person can tell.
  permissions: {
    read: ['Microsoft.KeyVault/deletedVaults/read'],
    write: ['Microsoft.KeyVault/vaults/write'],
  },
  plan,
};

function plan(observation: DeletedVaultObservation): Plan {
  const edit: SetEdit = {
    op: 'set',
    path: '/properties/createMode',
    before: null,
    after: 'recover',
    reason: 'the vault was deleted, and whoever needs its secrets cannot read them',
  };
  const findings = [deleted(observation)];
  const obstacle = obstacleTo(observation);
  if (obstacle !== null) return { ...COMPLIANT, refusals: [{ reason: obstacle, edits: [edit] }], findings };
  return { ...COMPLIANT, edits: [edit], warnings: [LOST, AS_IT_WAS], findings };
}

/** https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview */
const LOST =
  'Recovering a vault brings back its keys, secrets, certificates and access policies, but not its role assignments and Event Grid subscriptions: these have to be made again.';
const AS_IT_WAS = 'It comes back with the firewall and the permissions it had. Holdfast looks at them next.';

/** Azure asks for the vault's location, and makes the vault where it was. */
function obstacleTo({ id, deletedVault }: DeletedVaultObservation): string | null {
  const properties = propertiesOf(deletedVault);
  const vaultId = getIgnoringCase(properties, 'vaultId');
  if (typeof vaultId !== 'string' || vaultId.toLowerCase() !== id.key) {
    return 'Azure’s list of deleted vaults does not say that this is the vault that was deleted. Look at it with az keyvault show-deleted.';
  }
  if (locationOf(deletedVault) === null) {
    return 'Azure’s list of deleted vaults does not say where the vault was, and it can only be recovered there. Look at it with az keyvault show-deleted.';
  }
  return null;
}

function deleted({ id, deletedVault }: DeletedVaultObservation): Finding {
  const properties = propertiesOf(deletedVault);
  const when = dateOf(getIgnoringCase(properties, 'deletionDate')) ?? 'at a time that Azure does not say';
  const until = dateOf(getIgnoringCase(properties, 'scheduledPurgeDate'));
  const isProtected = getIgnoringCase(properties, 'purgeProtectionEnabled') === true;
  const end =
    until === null ? 'Azure does not say when it is gone for good' : `on ${until} it is gone for good`;
  const sooner = isProtected ? '' : ', and before that whoever may purge it can end it at any time';
  const location = locationOf(deletedVault);
  const where = location === null ? '' : ` --location ${location}`;
  return {
    severity: 'high',
    about: 'deleted',
    reason: `The vault ${id.name} was deleted (${when}); ${end}${sooner}.`,
    step: `If that was not meant, recover it: az keyvault recover --subscription ${id.subscriptionId} --resource-group "${id.resourceGroup}" --name ${id.name}${where}. Else let it be purged.`,
  };
}

function locationOf(deletedVault: DeletedVaultObservation['deletedVault']): string | null {
  const location = getIgnoringCase(propertiesOf(deletedVault), 'location');
  const name = typeof location === 'string' ? location.replaceAll(' ', '').toLowerCase() : '';
  return /^[a-z0-9]{1,40}$/.test(name) ? name : null;
}

/** RFC 3339, or null. */
function dateOf(value: Json | undefined): string | null {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d[T\d:.Z+-]{0,30}$/.test(value) ? value : null;
}
