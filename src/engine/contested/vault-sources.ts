import { pointerKeys } from '../../types/apply-edits.js';
import { getIgnoringCase, type Json } from '../../types/json.js';
import type { SourceKind } from './change-at-source.js';
import { bicepText, shortList, terraformText } from './template-text.js';

const VAULT = 'Microsoft.KeyVault/vaults@2026-02-01';
const SETTING = 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview';

/** What a vault's edits come to in a template. */
export const VAULT_SOURCES: readonly SourceKind[] = [
  {
    path: /^\/properties\/enablePurgeProtection$/,
    write: () => ({
      bicep: `${VAULT}: properties: { enablePurgeProtection: true }.`,
      terraform: 'azurerm_key_vault: purge_protection_enabled = true.',
    }),
  },
  {
    path: /^\/properties\/enableSoftDelete$/,
    write: () => ({
      bicep: `${VAULT}: properties: { enableSoftDelete: true }.`,
      terraform:
        'azurerm has no argument for soft delete, and turns it on always: something else turns it off.',
    }),
  },
  setting('defaultAction', 'default_action'),
  setting('bypass', 'bypass'),
  rules('ipRules', 'value', 'ip_rules'),
  rules('virtualNetworkRules', 'id', 'virtual_network_subnet_ids'),
  {
    path: /^\/properties\/networkAcls\/ipRules$/,
    op: 'remove',
    write: (edits) => {
      const values = edits.map(({ before }) => memberOf(before, 'value'));
      return {
        bicep: `${VAULT}: properties.networkAcls.ipRules without ${shortList(values.map(bicepText))}.`,
        terraform: `azurerm_key_vault: ip_rules in network_acls without ${shortList(values.map(terraformText))}.`,
      };
    },
  },
  {
    path: /^\/properties\/accessPolicies$/,
    op: 'add',
    write: (edits) => ({
      bicep: `${VAULT}: in properties.accessPolicies ${shortList(edits.map(({ after }) => `{ objectId: ${bicepText(memberOf(after, 'objectId'))}, permissions: { ${inBicep(after)} } }`))} and nothing more for the same principal.`,
      terraform: `azurerm_key_vault_access_policy (or access_policy in azurerm_key_vault): ${shortList(edits.map(({ after }) => `object_id = ${terraformText(memberOf(after, 'objectId'))}, ${inTerraform(after)}`))}.`,
    }),
  },
  {
    path: /^\/properties\/accessPolicies$/,
    op: 'remove',
    write: (edits) => {
      const principals = edits.map(({ before }) => memberOf(before, 'objectId'));
      return {
        bicep: `${VAULT}: properties.accessPolicies without the wider entry of ${shortList(principals.map(bicepText))}.`,
        terraform: `azurerm_key_vault_access_policy (or access_policy in azurerm_key_vault): no wider one for ${shortList(principals.map(terraformText))}.`,
      };
    },
  },
  {
    path: /^\/diagnosticSettings\//,
    write: ([edit]) => {
      const name = pointerKeys(edit?.path ?? '')[1];
      const workspace = memberOf(memberOf(edit?.after, 'properties'), 'workspaceId');
      return {
        bicep: `${SETTING}, scope: vault, name: ${bicepText(name)}: properties: { workspaceId: ${bicepText(workspace)}, logs: [ { category: 'AuditEvent', enabled: true } ] }.`,
        terraform: `azurerm_monitor_diagnostic_setting: name = ${terraformText(name)}, log_analytics_workspace_id = ${terraformText(workspace)}, enabled_log { category = "AuditEvent" }.`,
      };
    },
  },
  {
    path: /^\/properties\/createMode$/,
    write: () => ({
      bicep: `${VAULT}: properties: { createMode: 'recover' }; and whatever deletes the vault must name it (a deployment stack, a deployment in complete mode).`,
      terraform:
        'azurerm_key_vault: lifecycle { prevent_destroy = true }. azurerm recovers a deleted vault by itself, unless features { key_vault { recover_soft_deleted_key_vaults = false } } says otherwise.',
    }),
  },
];

function setting(key: string, argument: string): SourceKind {
  return {
    path: new RegExp(`^/properties/networkAcls/${key}$`),
    write: ([edit]) => ({
      bicep: `${VAULT}: properties: { networkAcls: { ${key}: ${bicepText(edit?.after)} } }.`,
      terraform: `azurerm_key_vault: network_acls { ${argument} = ${terraformText(edit?.after)} }.`,
    }),
  };
}

function rules(list: string, member: string, argument: string): SourceKind {
  return {
    path: new RegExp(`^/properties/networkAcls/${list}$`),
    op: 'add',
    write: (edits) => {
      const values = edits.map(({ after }) => memberOf(after, member));
      return {
        bicep: `${VAULT}: in properties.networkAcls.${list} also ${shortList(values.map((value) => `{ ${member}: ${bicepText(value)} }`))}.`,
        terraform: `azurerm_key_vault: in network_acls { ${argument} = [...] } also ${shortList(values.map(terraformText))}.`,
      };
    },
  };
}

const ARGUMENTS = {
  keys: 'key_permissions',
  secrets: 'secret_permissions',
  certificates: 'certificate_permissions',
  storage: 'storage_permissions',
};

function inBicep(policy: Json): string {
  return permissionsOf(policy, (kind, words) => `${kind}: [ ${words.map(bicepText).join(', ')} ]`);
}

/** azurerm spells a permission with capitals (`Get`, `UnwrapKey`), Azure mostly without. */
function inTerraform(policy: Json): string {
  const list = permissionsOf(policy, (kind, words) => {
    const capital = words.map((word) => terraformText(word.charAt(0).toUpperCase() + word.slice(1)));
    return `${ARGUMENTS[kind]} = [${capital.join(', ')}]`;
  });
  return list === '' ? 'with no permissions' : list;
}

function permissionsOf(
  policy: Json,
  write: (kind: keyof typeof ARGUMENTS, words: readonly string[]) => string,
): string {
  const permissions = memberOf(policy, 'permissions');
  return (['keys', 'secrets', 'certificates', 'storage'] as const)
    .flatMap((kind) => {
      const words = memberOf(permissions, kind);
      const texts = Array.isArray(words) ? (words as Json[]).filter((word) => typeof word === 'string') : [];
      return texts.length === 0 ? [] : [write(kind, texts)];
    })
    .join(', ');
}

function memberOf(value: Json | undefined, key: string): Json | undefined {
  return getIgnoringCase(value, key);
}
