import type { JsonObject } from '../../src/types/json.js';
import type { OwnedRule, VaultObservation, VaultReader } from '../../src/types/observation.js';
import { parseResourceId } from '../../src/types/resource-id.js';

const GROUP = '/subscriptions/6b1f5f5e-0000-4000-8000-000000000001/resourceGroups/rg-soar/providers';
export const VAULT_ID = parseResourceId(`${GROUP}/Microsoft.KeyVault/vaults/kv-soar`);
export const SUBNET = `${GROUP}/Microsoft.Network/virtualNetworks/vnet/subnets`;

export function workflowId(name: string): string {
  return `${GROUP}/Microsoft.Logic/workflows/${name}`;
}

/** The object id of a workflow's own identity. */
export function principalOf(name: string): string {
  const digits = Array.from(name, (letter) => letter.charCodeAt(0).toString(16)).join('');
  return `00000000-0000-4000-8000-${digits.slice(-12).padStart(12, '0')}`;
}

/** A workflow that reads a secret through its connection, with its own identity. */
export function reader(name: string, addresses: readonly string[], listed = true): VaultReader {
  return {
    workflowId: workflowId(name),
    via: 'connector',
    signIn: { kind: 'managed-identity', principalId: principalOf(name), userAssignedId: null },
    uses: ['secrets/get'],
    hasUnknownUse: false,
    isEnabled: true,
    addresses,
    listed,
  };
}

export function owned(value: string, names: readonly string[] = ['la-one']): OwnedRule {
  return {
    value,
    workflowIds: names.map(workflowId),
    addedAt: '2026-01-01T00:00:00.000Z',
    unneededSince: null,
  };
}

/** The `networkAcls` of a vault with these IP rules. */
export function acls(defaultAction: string, ...values: readonly string[]): JsonObject {
  return {
    bypass: 'AzureServices',
    defaultAction,
    ipRules: values.map((value) => ({ value })),
    virtualNetworkRules: [],
  };
}

export function vaultWith(properties: JsonObject): JsonObject {
  return {
    id: VAULT_ID.id,
    name: VAULT_ID.name,
    tags: { team: 'soc' },
    properties: { sku: { name: 'standard', family: 'A' }, ...properties },
  };
}

/** A vault with this `networkAcls`, nobody who reads it, no memory, and the upkeep of addresses enforced. */
export function observe(
  networkAcls: JsonObject | null,
  known: Partial<VaultObservation> = {},
): VaultObservation {
  return {
    kind: 'vault',
    id: VAULT_ID,
    vault: vaultWith({ networkAcls }),
    readers: [],
    unresolvedReaders: [],
    ownedRules: [],
    releasedRules: [],
    overdueRules: [],
    knownGood: null,
    addressUpkeep: { kind: 'enforced' },
    arrivedOpen: [],
    surroundings: { roleAssignments: null, diagnosticSettings: null, hidden: [] },
    keepPrincipals: new Set(),
    logWorkspace: null,
    recentCallers: null,
    ...known,
  };
}
