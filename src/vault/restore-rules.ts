import { isSameJson } from '../types/apply-edits.js';
import { cidrBlocks, isSameRange, subtract, toCidr } from './ip-range.js';
import {
  MAX_IP_RULES,
  MAX_VNET_RULES,
  rangesOf,
  readIpRule,
  type IpRule,
  type NetworkRules,
  type VnetRule,
} from './network-rules.js';

export interface Restoration {
  readonly ipRules: readonly IpRule[];
  readonly vnetRules: readonly VnetRule[];
  /** What the limits of one vault leave no room for. */
  readonly crowdedOut: { readonly ipRules: readonly IpRule[]; readonly vnetRules: readonly VnetRule[] };
  /** Known good rules that stay away because rules which came in since hold all their addresses. */
  readonly hidden: readonly IpRule[];
  /** Rules that the last known good firewall did not have. */
  readonly newcomers: { readonly ipRules: readonly IpRule[]; readonly vnetRules: readonly VnetRule[] };
}

/**
 * Which rules of the last known good firewall come back into one that stood open. They come back as they were
 * written; only a rule that newcomers hold in part comes back as the rest, because it is not known that Key
 * Vault takes overlapping rules, and a write that it rejects would leave the vault open. `outlived` rules of the
 * last known good firewall stay away.
 */
export function restoreRules(
  now: NetworkRules,
  knownGood: NetworkRules,
  outlived: ReadonlySet<IpRule> = new Set(),
): Restoration {
  const newcomers = {
    ipRules: now.ipRules.filter((rule) => !hasIpRule(knownGood.ipRules, rule)),
    vnetRules: now.vnetRules.filter((rule) => !hasVnetRule(knownGood.vnetRules, rule)),
  };
  const missing = knownGood.ipRules
    .filter((rule) => !outlived.has(rule) && !hasIpRule(now.ipRules, rule))
    .map((rule) => ({ rule, rest: restOf(rule, newcomers.ipRules) }));
  const ipRules = missing.flatMap(({ rest }) => rest);
  const vnetRules = knownGood.vnetRules.filter((rule) => !hasVnetRule(now.vnetRules, rule));
  const ipRoom = Math.max(0, MAX_IP_RULES - now.ipRules.length);
  const vnetRoom = Math.max(0, MAX_VNET_RULES - now.vnetRules.length);
  return {
    ipRules: ipRules.slice(0, ipRoom),
    vnetRules: vnetRules.slice(0, vnetRoom),
    crowdedOut: { ipRules: ipRules.slice(ipRoom), vnetRules: vnetRules.slice(vnetRoom) },
    hidden: missing.filter(({ rest }) => rest.length === 0).map(({ rule }) => rule),
    newcomers,
  };
}

function restOf(rule: IpRule, newcomers: readonly IpRule[]): readonly IpRule[] {
  if (rule.range === null) return [rule];
  const rest = subtract([rule.range], rangesOf(newcomers));
  if (rest.length === 1 && rest[0] && isSameRange(rest[0], rule.range)) return [rule];
  return cidrBlocks(rest).map((block) => readIpRule({ value: toCidr(block) }));
}

/** Two texts of one range are one rule, `1.2.3.4` and `1.2.3.4/32`; what is no range is compared as it stands. */
function hasIpRule(rules: readonly IpRule[], wanted: IpRule): boolean {
  return rules.some((rule) => {
    if (rule.range && wanted.range) return isSameRange(rule.range, wanted.range);
    return rule.text === null ? isSameJson(rule.json, wanted.json) : rule.text === wanted.text;
  });
}

function hasVnetRule(rules: readonly VnetRule[], wanted: VnetRule): boolean {
  return rules.some((rule) =>
    rule.subnetId === null ? isSameJson(rule.json, wanted.json) : rule.subnetId === wanted.subnetId,
  );
}
