import { getIgnoringCase } from '../../types/json.js';
import type { VaultDocument, VaultPermission } from '../../types/observation.js';
import { holds, type AccessPolicy } from './access-policies.js';

/** What the portal and the command line give to whoever creates a vault, at least. */
const FULL_CONTROL: readonly VaultPermission[] = [
  'secrets/get',
  'secrets/set',
  'secrets/delete',
  'keys/get',
  'keys/create',
  'keys/delete',
  'certificates/get',
  'certificates/create',
  'certificates/delete',
];

/**
 * A sentence on whether the holder of an entry created the vault; null where nothing suggests it. `createdBy` is the
 * user name of a user, and an application's object or client id (examples in
 * https://github.com/Azure/azure-rest-api-specs); an entry has the object id. So only an equal id is certain.
 */
export function creatorNote(vault: VaultDocument, policy: AccessPolicy): string | null {
  const systemData = getIgnoringCase(vault, 'systemData');
  const createdBy = getIgnoringCase(systemData, 'createdBy');
  if (typeof createdBy !== 'string' || createdBy === '') return null;
  if (createdBy.toLowerCase() === policy.objectId) return 'It created the vault.';
  if (!FULL_CONTROL.every((permission) => holds(policy.permissions, permission))) return null;
  const type = getIgnoringCase(systemData, 'createdByType');
  const kind = typeof type === 'string' && /^[a-z]{1,20}$/i.test(type) ? ` (${type})` : '';
  return `It has full control, as a vault's creator gets it. The vault was created by ${JSON.stringify(createdBy.slice(0, 120))}${kind}; whether that is this principal cannot be told from the vault.`;
}
