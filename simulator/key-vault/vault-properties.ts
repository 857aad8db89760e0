import { badRequest } from '../arm/arm-error.js';
import { at, textAt, type JsonObject } from '../json.js';
import type { Switches } from '../switches.js';

/** The writable properties of a vault, in the specification's spelling. */
export const VAULT_PROPERTIES: readonly string[] = [
  'sku',
  'tenantId',
  'networkAcls',
  'accessPolicies',
  'enabledForDeployment',
  'enabledForDiskEncryption',
  'enabledForTemplateDeployment',
  'enableSoftDelete',
  'softDeleteRetentionInDays',
  'enableRbacAuthorization',
  'enablePurgeProtection',
  'publicNetworkAccess',
  'createMode',
];

/** What the service sets; sent along, it is passed over. */
export const VAULT_READ_ONLY: readonly string[] = [
  'vaultUri',
  'provisioningState',
  'hsmPoolResourceId',
  'privateEndpointConnections',
];

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const BOOLEANS = [
  'enabledForDeployment',
  'enabledForDiskEncryption',
  'enabledForTemplateDeployment',
  'enableSoftDelete',
  'enableRbacAuthorization',
  'enablePurgeProtection',
];

/** Types and ranges of what was sent, whether for a PUT or a PATCH. Null counts as not sent. */
export function checkVaultValues(sent: JsonObject): void {
  for (const name of BOOLEANS) {
    const value = given(sent, name);
    if (value !== undefined && typeof value !== 'boolean') throw invalid(name, value);
  }
  const tenant = given(sent, 'tenantId');
  if (tenant !== undefined && !(typeof tenant === 'string' && GUID.test(tenant))) {
    throw invalid('tenantId', tenant);
  }
  const sku = given(sent, 'sku');
  if (sku !== undefined) checkSku(sku);
  demandOneOf(sent, 'publicNetworkAccess', ['enabled', 'disabled', 'securedbyperimeter']);
  demandOneOf(sent, 'createMode', ['default', 'recover']);
  const days = given(sent, 'softDeleteRetentionInDays');
  if (days === undefined) return;
  if (typeof days !== 'number' || !Number.isInteger(days) || days < 7 || days > 90) {
    throw invalid('softDeleteRetentionInDays', days);
  }
}

/** What can be set once and not taken back. `stored` is empty for a vault that is new. */
export function checkVaultTransitions(
  sent: JsonObject,
  stored: JsonObject,
  isNew: boolean,
  switches: Readonly<Switches>,
): void {
  // Both wordings: https://github.com/Azure/azure-rest-api-specs/issues/18106 and hashicorp/terraform-provider-azurerm.
  if (given(sent, 'enablePurgeProtection') === false) {
    throw badRequest(
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    );
  }
  if (given(sent, 'enableSoftDelete') === false && (isNew || stored.enableSoftDelete !== false)) {
    // New vaults have had soft delete, with no way out, since February 2025 (Key Vault's soft-delete overview).
    throw badRequest(
      'The property "enableSoftDelete" cannot be set to false. Enabling the soft delete for a vault is an irreversible action.',
    );
  }
  const days = given(sent, 'softDeleteRetentionInDays');
  if (!isNew && days !== undefined && days !== (given(stored, 'softDeleteRetentionInDays') ?? 90)) {
    throw badRequest(
      `The property "softDeleteRetentionInDays" has been set already and it can't be modified.`,
    );
  }
  const turnsOn =
    given(sent, 'enablePurgeProtection') === true && given(stored, 'enablePurgeProtection') !== true;
  if (turnsOn && !hasSoftDelete(sent, stored, isNew, switches)) {
    throw badRequest(
      'The property "enablePurgeProtection" can be set only where soft delete is enabled: "enableSoftDelete" is not true.',
    );
  }
}

function hasSoftDelete(
  sent: JsonObject,
  stored: JsonObject,
  isNew: boolean,
  switches: Readonly<Switches>,
): boolean {
  const says = given(sent, 'enableSoftDelete') ?? given(stored, 'enableSoftDelete');
  if (says !== undefined) return says === true;
  return isNew || switches.purgeProtectionAlone === 'accept';
}

function checkSku(sku: unknown): void {
  const name = textAt(sku, 'name')?.toLowerCase();
  const family = textAt(sku, 'family')?.toUpperCase();
  if (family !== 'A' || (name !== 'standard' && name !== 'premium')) throw invalid('sku', sku);
}

function demandOneOf(sent: JsonObject, name: string, allowed: readonly string[]): void {
  const value = given(sent, name);
  if (value === undefined) return;
  if (typeof value !== 'string' || !allowed.includes(value.toLowerCase())) throw invalid(name, value);
}

function given(properties: JsonObject, name: string): unknown {
  return at(properties, name) ?? undefined;
}

function invalid(name: string, value: unknown): Error {
  return badRequest(`Invalid value found at properties.${name}: ${JSON.stringify(value)}`);
}
