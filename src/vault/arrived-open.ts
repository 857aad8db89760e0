import { isSameJson } from '../types/apply-edits.js';
import type { KnownGoodFirewall, OwnedRule, VaultDocument } from '../types/observation.js';
import { isSameRange } from './ip-range.js';
import {
  nameOfRule,
  ownedAmong,
  readNetworkAcls,
  readNetworkRules,
  type IpRule,
  type VnetRule,
} from './network-rules.js';

interface Remembered {
  readonly knownGood: KnownGoodFirewall | null;
  readonly arrivedOpen: readonly string[];
}

/**
 * The names of the foreign rules (an address, a subnet) that came in while a vault stood open and are in it still, now that it is shut:
 * they may be an intruder's. `before` and `after` are the vault as it was seen and as it is now; while it stands open
 * nothing is known yet.
 */
export function arrivedWhileOpen(
  { knownGood, arrivedOpen }: Remembered,
  before: VaultDocument,
  after: VaultDocument,
  owned: readonly OwnedRule[],
): readonly string[] {
  const network = readNetworkRules(after);
  if (network?.isShut !== true) return arrivedOpen;
  const own = ownedAmong(network.ipRules, owned);
  const foreign = [...network.ipRules.filter((rule) => !own.has(rule)), ...network.vnetRules];
  const present = new Set(foreign.map(nameOfRule));
  const remaining = arrivedOpen.filter((value) => present.has(value));
  const lastGood = knownGood === null ? null : readNetworkAcls(knownGood.networkAcls);
  const wasOpen = readNetworkRules(before)?.isShut === false;
  const isKnown = (rule: IpRule | VnetRule): boolean =>
    lastGood === null || [...lastGood.ipRules, ...lastGood.vnetRules].some((old) => isSameRule(old, rule));
  const newcomers = wasOpen ? foreign.filter((rule) => !isKnown(rule)).map(nameOfRule) : [];
  const arrived = [...new Set([...remaining, ...newcomers])];
  return isSameJson(arrived, arrivedOpen) ? arrivedOpen : arrived;
}

/** ARM spells an address otherwise than it was sent. */
function isSameRule(a: IpRule | VnetRule, b: IpRule | VnetRule): boolean {
  if ('subnetId' in a || 'subnetId' in b) return nameOfRule(a) === nameOfRule(b);
  return a.text === b.text || (a.range !== null && b.range !== null && isSameRange(a.range, b.range));
}
