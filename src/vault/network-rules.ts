import type { OwnedRule, VaultDocument } from '../types/observation.js';
import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../types/json.js';
import { parseBlock, type IpRange } from './ip-range.js';

export const IP_RULES_PATH = '/properties/networkAcls/ipRules';
export const VNET_RULES_PATH = '/properties/networkAcls/virtualNetworkRules';

/**
 * What Azure takes for `networkAcls`, and for each key of it, that is not set: a vault without rules that stands open may be
 * shown without any (https://github.com/hashicorp/terraform-provider-azurerm/issues/2164).
 */
export const UNSET_NETWORK_ACLS = {
  bypass: 'AzureServices',
  defaultAction: 'Allow',
  ipRules: [],
  virtualNetworkRules: [],
} satisfies JsonObject;

/** The same for its settings, by their paths in the vault. */
export const UNSET_FIREWALL_SETTINGS: Readonly<Record<string, string>> = {
  '/properties/networkAcls/defaultAction': UNSET_NETWORK_ACLS.defaultAction,
  '/properties/networkAcls/bypass': UNSET_NETWORK_ACLS.bypass,
};

/** https://learn.microsoft.com/azure/key-vault/general/network-security: limits of one vault's firewall. */
export const MAX_IP_RULES = 1000;
export const MAX_VNET_RULES = 200;

/** What writing `networkAcls` takes: it is always written whole, and whoever names a subnet is asked for that subnet, too. */
export const FIREWALL_WRITE_ACTIONS = [
  'Microsoft.KeyVault/vaults/write',
  'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action',
] as const;

/** Why nothing is planned for a vault that {@link readNetworkRules} cannot read. */
export const UNREADABLE_FIREWALL =
  'The vault as Azure returned it has no readable properties.networkAcls, so its firewall is left alone.';

/** One member of `ipRules`. Somebody else may have written it, so it need not be readable. */
export interface IpRule {
  /** As the vault has it; null where the member says none. */
  readonly text: string | null;
  /** Null where the text is not an address or a block. */
  readonly range: IpRange | null;
  readonly json: Json;
}

/** One member of `virtualNetworkRules`. */
export interface VnetRule {
  /** The subnet's id in lower case, because ARM returns it in another case than it was sent. */
  readonly subnetId: string | null;
  readonly json: Json;
}

export interface NetworkRules {
  /** The `networkAcls` object; null where the vault has none, which means open to all. */
  readonly networkAcls: JsonObject | null;
  /** Whether addresses that no rule names are turned away. */
  readonly isShut: boolean;
  /** Whether public access is off altogether, whatever the rules say. */
  readonly isStricter: boolean;
  readonly ipRules: readonly IpRule[];
  readonly vnetRules: readonly VnetRule[];
}

const STRICTER = ['disabled', 'securedbyperimeter'];

/** Null where the document is not a vault's as ARM documents it, so that nothing can be said of its firewall. */
export function readNetworkRules(vault: VaultDocument): NetworkRules | null {
  const { properties } = vault;
  if (!isJsonObject(properties) || isInOtherCase(properties, ['networkAcls'])) return null;
  const isStricter = STRICTER.includes(lowerCase(getIgnoringCase(properties, 'publicNetworkAccess')) ?? '');
  return readNetworkAcls(properties.networkAcls, isStricter);
}

/** Reads `networkAcls` alone, e.g. that of the last known good firewall. */
export function readNetworkAcls(networkAcls: Json | undefined, isStricter = false): NetworkRules | null {
  if (networkAcls === undefined || networkAcls === null) {
    return { networkAcls: null, isShut: false, isStricter, ipRules: [], vnetRules: [] };
  }
  if (!isJsonObject(networkAcls) || isInOtherCase(networkAcls, ACL_KEYS)) return null;
  const ipRules = networkAcls.ipRules ?? [];
  const vnetRules = networkAcls.virtualNetworkRules ?? [];
  if (!Array.isArray(ipRules) || !Array.isArray(vnetRules)) return null;
  return {
    networkAcls,
    isShut: lowerCase(networkAcls.defaultAction) === 'deny',
    isStricter,
    ipRules: (ipRules as Json[]).map(readIpRule),
    vnetRules: (vnetRules as Json[]).map(readVnetRule),
  };
}

const ACL_KEYS = ['defaultAction', 'bypass', 'ipRules', 'virtualNetworkRules'];

/** Key Vault spells its keys in one way. Of another, the rules would be overlooked, and written over. */
function isInOtherCase(object: JsonObject, keys: readonly string[]): boolean {
  return keys.some((key) => !Object.hasOwn(object, key) && getIgnoringCase(object, key) !== undefined);
}

export function readIpRule(json: Json): IpRule {
  const value = getIgnoringCase(json, 'value');
  const text = typeof value === 'string' ? value : null;
  return { text, range: text === null ? null : parseBlock(text), json };
}

/** The addresses that the rules let in, as far as they can be read. */
export function rangesOf(rules: readonly IpRule[]): readonly IpRange[] {
  return rules.map((rule) => rule.range).filter((range) => range !== null);
}

/**
 * The members that Holdfast wrote: one per owned value, in exactly that text. Key Vault keeps duplicates, so a
 * second member of equal text is somebody else's; the one without further keys is taken for ours.
 */
export function ownedAmong(
  rules: readonly IpRule[],
  owned: readonly Pick<OwnedRule, 'value'>[],
): ReadonlySet<IpRule> {
  const ours = new Map<string, IpRule>();
  const values = new Set(owned.map((rule) => rule.value));
  for (const rule of rules) {
    if (rule.text === null || !values.has(rule.text)) continue;
    const chosen = ours.get(rule.text);
    if (chosen === undefined || (keyCount(chosen.json) > 1 && keyCount(rule.json) === 1)) {
      ours.set(rule.text, rule);
    }
  }
  return new Set(ours.values());
}

/** The name to show for a rule: its address or subnet, or the member itself where it says none. */
export function nameOfRule(rule: IpRule | VnetRule): string {
  return ('text' in rule ? rule.text : rule.subnetId) ?? JSON.stringify(rule.json);
}

function readVnetRule(json: Json): VnetRule {
  return { subnetId: lowerCase(getIgnoringCase(json, 'id')), json };
}

function keyCount(json: Json): number {
  return isJsonObject(json) ? Object.keys(json).length : 0;
}

function lowerCase(value: Json | undefined): string | null {
  return typeof value === 'string' ? value.toLowerCase() : null;
}
