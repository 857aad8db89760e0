import type { Edit } from '../types/edit.js';
import type { Json } from '../types/json.js';
import type { VaultObservation } from '../types/observation.js';
import { addressChanges, outlivedAmong } from '../vault/address-changes.js';
import { firewallWarnings } from '../vault/firewall-warnings.js';
import { parseBlock, toCidr } from '../vault/ip-range.js';
import { readRanges } from '../vault/needed-addresses.js';
import {
  FIREWALL_WRITE_ACTIONS,
  IP_RULES_PATH,
  MAX_IP_RULES,
  MAX_VNET_RULES,
  nameOfRule,
  ownedAmong,
  readNetworkAcls,
  readNetworkRules,
  UNREADABLE_FIREWALL,
  VNET_RULES_PATH,
  type IpRule,
  type NetworkRules,
  type VnetRule,
} from '../vault/network-rules.js';
import { restoreRules, type Restoration } from '../vault/restore-rules.js';
import { foreignWideRules } from '../vault/wide-rules.js';
import { COMPLIANT, type Finding, type Plan, type Refusal, type VaultRemediator } from './remediator.js';

/** The firewall turns away whom no rule names, and has the rules it had when it was last seen shut. */
export const vaultFirewall: VaultRemediator = {
  id: 'vault-firewall',
  appliesTo: ['vault'],
  permissions: {
    read: ['Microsoft.KeyVault/vaults/read'],
    write: FIREWALL_WRITE_ACTIONS,
  },
  plan,
};

function plan(observation: VaultObservation): Plan {
  const network = readNetworkRules(observation.vault);
  if (network === null) return { ...COMPLIANT, refusals: [{ reason: UNREADABLE_FIREWALL, edits: [] }] };
  if (network.isStricter) return COMPLIANT;
  if (network.isShut) return { ...COMPLIANT, findings: ruleFindings(network, observation) };

  const restored = restorationFor(network, observation);
  const rules = [...network.ipRules, ...restored.ipRules];
  const findings = foreignWideRules(rules, observation.ownedRules).map(wideFinding);
  const edits = shut(network, restored, observation);
  const reason = reasonToLeaveOpen(rules, observation);
  if (reason !== null) return { ...COMPLIANT, refusals: [{ reason, edits }], findings };
  const warnings = [
    ...firewallWarnings(network, restored, observation),
    ...findings.map((finding) => finding.reason),
  ];
  return { edits, warnings, refusals: crowdedOut(restored), findings };
}

function restorationFor(network: NetworkRules, observation: VaultObservation): Restoration {
  const knownGood = readNetworkAcls(observation.knownGood?.networkAcls);
  if (knownGood === null || observation.knownGood === null) return restoreRules(network, network);
  const own = ownedAmong(knownGood.ipRules, observation.ownedRules);
  const overdue = ownedAmong(knownGood.ipRules, observation.overdueRules);
  return restoreRules(network, knownGood, new Set([...outlivedAmong(own, observation), ...overdue]));
}

function shut(network: NetworkRules, restored: Restoration, observation: VaultObservation): readonly Edit[] {
  const { defaultAction, bypass } = network.networkAcls ?? {};
  const edits: Edit[] = [set('defaultAction', defaultAction, 'Deny', 'the vault is open to all networks')];
  if (bypass === undefined || bypass === null) {
    // AzureServices is what Azure assumes where bypass is not set.
    const known = observation.knownGood?.networkAcls.bypass;
    edits.push(
      set('bypass', bypass, typeof known === 'string' ? known : 'AzureServices', 'bypass is not set'),
    );
  }
  return [...edits, ...restoreEdits(restored.ipRules, restored.vnetRules)];
}

function set(key: string, before: Json | undefined, after: Json, reason: string): Edit {
  return { op: 'set', path: `/properties/networkAcls/${key}`, before: before ?? null, after, reason };
}

function restoreEdits(ipRules: Restoration['ipRules'], vnetRules: Restoration['vnetRules']): readonly Edit[] {
  const reason = 'the last known good firewall had it';
  return [
    ...ipRules.map(
      ({ json }) => ({ op: 'add', path: IP_RULES_PATH, before: null, after: json, reason }) as const,
    ),
    ...vnetRules.map(
      ({ json }) => ({ op: 'add', path: VNET_RULES_PATH, before: null, after: json, reason }) as const,
    ),
  ];
}

/** Null where shutting the vault, with the rules as they would be, keeps its Logic Apps in. */
function reasonToLeaveOpen(rules: readonly IpRule[], observation: VaultObservation): string | null {
  const { fit } = addressChanges(rules, observation);
  const { addressUpkeep, knownGood } = observation;
  const missing = [...fit.added, ...fit.crowdedOut];
  if (addressUpkeep.kind === 'absent' && missing.length > 0) {
    const ids = [...new Set(missing.flatMap((rule) => rule.workflowIds))].sort();
    return `Shutting the vault would lock out Logic Apps that read it (${ids.join(', ')}), because its rules lack their addresses and vault-logic-app-ips does not add them: ${addressUpkeep.why}`;
  }
  const unknown = observation.readers.filter(({ addresses }) => readRanges(addresses).length === 0);
  if (knownGood === null && unknown.length > 0) {
    const ids = [...new Set(unknown.map(({ workflowId }) => workflowId))].sort();
    return `The vault was never seen shut, and Azure lists no IPv4 address for Logic Apps that read it: ${ids.join(', ')}`;
  }
  const refused = [...fit.crowdedOut, ...fit.unsendable.filter(({ why }) => why !== 'ipv6')];
  if (knownGood !== null || refused.length === 0) return null;
  const ids = [...new Set(refused.flatMap((rule) => rule.workflowIds))].sort();
  return `The vault was never seen shut, and shutting it would lock out Logic Apps whose addresses cannot all be added to its rules: ${ids.join(', ')}`;
}

function crowdedOut({ crowdedOut }: Restoration): readonly Refusal[] {
  const rules = [...crowdedOut.ipRules, ...crowdedOut.vnetRules];
  if (rules.length === 0) return [];
  const reason = `The last known good firewall had more rules than there is room for now (a vault holds ${MAX_IP_RULES} IP rules and ${MAX_VNET_RULES} virtual network rules). These stay away: ${rules.map(nameOfRule).join(', ')}`;
  return [{ reason, edits: restoreEdits(crowdedOut.ipRules, crowdedOut.vnetRules) }];
}

/** One finding for each rule that came in while the vault stood open, is very wide, or both. */
function ruleFindings(network: NetworkRules, observation: VaultObservation): readonly Finding[] {
  const { arrivedOpen, ownedRules } = observation;
  const all = [...network.ipRules, ...network.vnetRules];
  const arrived = new Set(all.filter(hasArrivedOpen(arrivedOpen)).map(nameOfRule));
  const wide = foreignWideRules(network.ipRules, ownedRules);
  const wideNames = new Set(wide.map(nameOfRule));
  return [
    ...[...arrived].map((name) => arrivedFinding(name, wideNames.has(name))),
    ...wide.filter((rule) => !arrived.has(nameOfRule(rule))).map(wideFinding),
  ];
}

function hasArrivedOpen(values: readonly string[]): (rule: IpRule | VnetRule) => boolean {
  const texts = new Set(values.map((value) => value.toLowerCase()));
  const ranges = new Set(values.map(keyOf).filter((key) => key !== null));
  return (rule) =>
    texts.has(nameOfRule(rule).toLowerCase()) ||
    ranges.has(keyOf('text' in rule ? (rule.text ?? '') : '') ?? '');
}

/** One text for `1.2.3.4` and `1.2.3.4/32`; null for what is no address. */
function keyOf(text: string): string | null {
  const range = parseBlock(text);
  return range === null ? null : toCidr(range);
}

function arrivedFinding(name: string, isWide: boolean): Finding {
  const width = isWide ? ', and is wider than /16' : '';
  return {
    severity: 'high',
    about: `rule:${name}`,
    reason: `The rule ${name} came in while the vault stood open to all networks${width}; it may be an intruder's.`,
    step: 'Find out whose rule it is, then accept it or take it out.',
  };
}

function wideFinding(rule: IpRule): Finding {
  return {
    severity: 'high',
    about: `rule:${nameOfRule(rule)}`,
    reason: `The rule ${nameOfRule(rule)} is wider than /16, so the firewall lets in far more than one network.`,
    step: 'Find out whose rule it is, and put the addresses that are really needed in its place.',
  };
}
