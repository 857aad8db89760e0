import { type ArmFailure, badRequest, invalidContent } from '../arm/arm-error.js';
import { isObject, textAt, type JsonObject } from '../json.js';
import { demandJoin } from '../arm/linked-access.js';
import { checkedLocation } from '../arm/location.js';
import type { ExistingCall, Provider, ProviderCall, Written } from '../arm/provider.js';
import { isNullText, isObjectText, membersOf, objectText, spelledAs, type Members } from '../raw-json.js';
import { VAULT } from '../resource-types.js';
import { documentText } from '../resource.js';
import { systemData } from '../arm/system-data.js';
import { checkedTags, patchedTags } from '../arm/tags.js';
import { checkAccessPolicies } from './vault-access-policies.js';
import { isRegistering, recoverVault, registeredAt } from './recover-vault.js';
import { checkVaultName } from './vault-name.js';
import { normaliseNetworkAcls, shownNetworkAcls, subnetsOf } from './vault-network-acls.js';
import { accessPolicyWrite } from './vault-policy-writes.js';
import {
  checkVaultTransitions,
  checkVaultValues,
  VAULT_PROPERTIES,
  VAULT_READ_ONLY,
} from './vault-properties.js';

/**
 * Kept over a PUT that does not name them: they cannot be undone, belong to the service, or (RBAC) are never
 * switched by an update.
 */
const LASTING = [
  'enablePurgeProtection',
  'enableSoftDelete',
  'softDeleteRetentionInDays',
  'enableRbacAuthorization',
  'privateEndpointConnections',
];

/** The version from which a new vault uses RBAC unless it says otherwise (Key Vault's access-control-default page). */
const RBAC_BY_DEFAULT_SINCE = '2026-02-01';

const SENT_MEMBERS = ['location', 'tags', 'properties'];
const OWN_MEMBERS = new Set(['id', 'name', 'type', 'location', 'tags', 'properties', 'systemdata']);

/** Microsoft.KeyVault/vaults. */
export const keyVault: Provider = {
  type: VAULT,
  text,
  put,
  patch,
  child: accessPolicyWrite,
  adopt: (_world, _place, state) => state,
};

function text(...[world, resource, state]: Parameters<Provider['text']>): string {
  const properties = new Map(state.properties);
  const acls = properties.get('networkAcls');
  const shown = acls === undefined ? undefined : shownNetworkAcls(acls, world.switches.values);
  if (shown === undefined) properties.delete('networkAcls');
  else properties.set('networkAcls', shown);
  properties.set('vaultUri', JSON.stringify(`https://${resource.name.toLowerCase()}.vault.azure.net/`));
  properties.set('provisioningState', isRegistering(world, state) ? '"RegisteringDns"' : '"Succeeded"');
  return documentText(resource, state, state.top, properties);
}

function put(call: ProviderCall): Written {
  const { world, existing } = call;
  const body = spelledAs(membersOf(call.body), SENT_MEMBERS);
  const sent = sentProperties(body.get('properties'));
  const parsed = parsedOf(sent);
  const tags = checkedTags(body.get('tags'));
  const location = checkedLocation(call, body.get('location'));
  if (textAt(parsed, 'createMode')?.toLowerCase() === 'recover') return recoverVault(call, location);
  checkVaultName(call);
  for (const name of ['tenantId', 'sku']) if (isNullText(sent.get(name))) throw missing(name);
  checkVaultValues(parsed);
  const stored = parsedOf(existing?.state.properties);
  checkVaultTransitions(parsed, stored, existing === undefined, world.switches.values);

  const properties = withoutNulls(sent);
  properties.delete('createMode');
  for (const name of LASTING) {
    const kept = existing?.state.properties.get(name);
    if (kept !== undefined && !properties.has(name)) properties.set(name, kept);
  }
  const defaultsToRbac = existing === undefined && call.apiVersion >= RBAC_BY_DEFAULT_SINCE;
  if (defaultsToRbac && !properties.has('enableRbacAuthorization')) {
    properties.set('enableRbacAuthorization', 'true');
  }
  settlePolicies(properties);
  settleNetworkAcls(call, properties, undefined);
  const top = topOf(call, body, new Map());
  return { state: { location, tags, top, properties, secrets: new Map(), ...registeredAt(call) } };
}

function patch(call: ExistingCall): Written {
  const { existing, world } = call;
  const body = spelledAs(membersOf(call.body), SENT_MEMBERS);
  // A null says as little as a missing key: the service's models do not tell them apart.
  const sent = withoutNulls(sentProperties(body.get('properties') ?? '{}'));
  sent.delete('createMode');
  const parsed = parsedOf(sent);
  checkVaultValues(parsed);
  checkVaultTransitions(parsed, parsedOf(existing.state.properties), false, world.switches.values);
  const properties = new Map([...existing.state.properties, ...sent]);
  if (sent.has('accessPolicies')) settlePolicies(properties);
  if (sent.has('networkAcls')) {
    const keeps = world.switches.values.networkAclsSubkeyOmitted === 'keep';
    settleNetworkAcls(call, properties, keeps ? existing.state.properties.get('networkAcls') : undefined);
  }
  const tags = patchedTags(existing.state.tags, body.get('tags'), world.switches.values);
  const top = topOf(call, body, existing.state.top);
  return { state: { ...existing.state, tags, top, properties } };
}

/** Whether they can be left out depends on the mode: https://github.com/Azure/azure-quickstart-templates/issues/5517 */
function settlePolicies(properties: Map<string, string>): void {
  if (!properties.has('accessPolicies')) {
    if (properties.get('enableRbacAuthorization')?.trim() !== 'true') throw missing('accessPolicies');
    properties.set('accessPolicies', '[]');
  }
  const tenant: unknown = JSON.parse(properties.get('tenantId') ?? '""');
  checkAccessPolicies(JSON.parse(properties.get('accessPolicies') ?? 'null'), String(tenant));
}

function settleNetworkAcls(
  call: ProviderCall,
  properties: Map<string, string>,
  previous: string | undefined,
): void {
  const sent = properties.get('networkAcls');
  if (sent === undefined) return;
  const stored = normaliseNetworkAcls(sent, previous, call.world.switches.values);
  const before = subnetsOf(call.existing?.state.properties.get('networkAcls'));
  const join = 'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action';
  demandJoin(call, join, subnetsOf(stored), before);
  properties.set('networkAcls', stored);
}

function topOf(call: ProviderCall, body: Members, kept: Members): Members {
  const { existing, principal, now, world } = call;
  const others = [...body].filter(([name]) => !OWN_MEMBERS.has(name.toLowerCase()));
  const earlier = existing?.state.top.get('systemData');
  return new Map([
    ...kept,
    ...others,
    ['systemData', systemData(earlier, principal, now, world.switches.values)],
  ]);
}

function sentProperties(text: string | undefined): Map<string, string> {
  if (!isObjectText(text)) throw invalidContent("Required property 'properties' not found in JSON. Path ''");
  const properties = spelledAs(membersOf(text), [...VAULT_PROPERTIES, ...VAULT_READ_ONLY]);
  for (const name of VAULT_READ_ONLY) properties.delete(name);
  return properties;
}

function parsedOf(members: Members | undefined): JsonObject {
  const parsed: unknown = JSON.parse(objectText(members ?? new Map<string, string>()));
  return isObject(parsed) ? parsed : {};
}

function withoutNulls(members: Members): Map<string, string> {
  const known = new Set(VAULT_PROPERTIES);
  return new Map([...members].filter(([name, value]) => !known.has(name) || !isNullText(value)));
}

/** The code is sure, the wording is not. */
function missing(name: string): ArmFailure {
  return badRequest(`Parameter 'properties.${name}' is required and was not specified.`);
}
