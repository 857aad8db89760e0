import type { AddEdit, RemoveEdit } from '../types/edit.js';
import type { VaultObservation } from '../types/observation.js';
import { addressChanges } from '../vault/address-changes.js';
import type { AddressFit, NeededRule } from '../vault/fit-addresses.js';
import { cidrBlocks, toCidr } from '../vault/ip-range.js';
import type { UnsendableAddress } from '../vault/needed-addresses.js';
import {
  FIREWALL_WRITE_ACTIONS,
  IP_RULES_PATH,
  MAX_IP_RULES,
  readNetworkRules,
  UNREADABLE_FIREWALL,
  type IpRule,
} from '../vault/network-rules.js';
import { workflowNames } from '../vault/workflow-names.js';
import { COMPLIANT, type Finding, type Plan, type Refusal, type VaultRemediator } from './remediator.js';

/** The vault's IP rules hold the addresses of the Logic Apps that read it, and no outlived rule of Holdfast's. */
export const vaultLogicAppIps: VaultRemediator = {
  id: 'vault-logic-app-ips',
  appliesTo: ['vault'],
  permissions: {
    read: [
      'Microsoft.KeyVault/vaults/read',
      'Microsoft.Logic/workflows/read',
      'Microsoft.Web/connections/read',
    ],
    write: FIREWALL_WRITE_ACTIONS,
  },
  plan,
};

function plan(observation: VaultObservation): Plan {
  const network = readNetworkRules(observation.vault);
  if (network === null) return { ...COMPLIANT, refusals: [{ reason: UNREADABLE_FIREWALL, edits: [] }] };
  // With public access off no IP rule has any effect.
  if (network.isStricter) return COMPLIANT;
  const { retired, fit } = addressChanges(network.ipRules, observation);
  const edits = [
    ...retired.map((rule) =>
      remove(rule, 'Holdfast added it, and no Logic App has needed it for long enough'),
    ),
    ...fit.replaced.map((rule) =>
      remove(rule, `merged with other rules that Holdfast added, to stay within ${MAX_IP_RULES} rules`),
    ),
    ...fit.added.map(add),
  ];
  const refusals = [...crowdedOut(fit), ...forbidden(fit)];
  const isCompliant = edits.length === 0 && refusals.length === 0;
  return {
    edits,
    warnings: isCompliant ? [] : fit.unsendable.filter(({ why }) => why !== 'private').map(unsendableWarning),
    refusals,
    findings: fit.unsendable.filter(({ why }) => why === 'unreadable').map(unreadableFinding),
  };
}

function add(rule: NeededRule): AddEdit {
  const reason =
    rule.workflowIds.length === 0
      ? 'stands in for rules that Holdfast added'
      : `needed by ${workflowNames(rule.workflowIds)}`;
  return { op: 'add', path: IP_RULES_PATH, before: null, after: { value: rule.value }, reason };
}

function remove(rule: IpRule, reason: string): RemoveEdit {
  return { op: 'remove', path: IP_RULES_PATH, before: rule.json, after: null, reason };
}

function crowdedOut(fit: AddressFit): readonly Refusal[] {
  if (fit.crowdedOut.length === 0) return [];
  const names = fit.crowdedOut.map((rule) => `${rule.value} (${rule.workflowIds.join(', ')})`);
  const reason = `A vault holds at most ${MAX_IP_RULES} IP rules, and these do not fit even with Holdfast's own rules merged: ${names.join(', ')}. Remove rules that are not needed.`;
  return [{ reason, edits: fit.crowdedOut.map(add) }];
}

function forbidden(fit: AddressFit): readonly Refusal[] {
  return fit.unsendable.flatMap(({ address, why, range, workflowIds }) => {
    if (why !== 'private' || range === null) return [];
    const reason = `Key Vault rejects rules with private addresses (RFC 1918): ${address}, needed by ${workflowNames(workflowIds)}. Let that traffic in through a virtual network rule or a private endpoint.`;
    return [
      { reason, edits: cidrBlocks([range]).map((block) => add({ value: toCidr(block), workflowIds })) },
    ];
  });
}

function unsendableWarning({ address, why, workflowIds }: UnsendableAddress): string {
  const names = workflowNames(workflowIds);
  return why === 'ipv6'
    ? `${address}, an address of ${names}, is left out: Key Vault's firewall takes IPv4 only.`
    : `${JSON.stringify(address)}, given as an address of ${names}, is left out: it cannot be read.`;
}

function unreadableFinding({ address, workflowIds }: UnsendableAddress): Finding {
  return {
    severity: 'medium',
    reason: `${JSON.stringify(address)}, given as an outgoing address of ${workflowNames(workflowIds)}, cannot be read as IPv4, so the vault's rules may lack it.`,
    step: 'Look at the outgoing addresses on the Properties page of the Logic App, and add the missing rule by hand.',
  };
}
