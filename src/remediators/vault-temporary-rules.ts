import type { RemoveEdit } from '../types/edit.js';
import type { TemporaryRule, VaultObservation } from '../types/observation.js';
import { hasOverlap, parseBlock } from '../vault/ip-range.js';
import { readRanges } from '../vault/needed-addresses.js';
import {
  FIREWALL_WRITE_ACTIONS,
  IP_RULES_PATH,
  readNetworkRules,
  type IpRule,
} from '../vault/network-rules.js';
import { isNeededWhole, memberOf } from '../vault/temporary-rules.js';
import { COMPLIANT, type Plan, type Refusal, type VaultRemediator } from './remediator.js';

/** No address stays in the vault's firewall longer than it was let in for. */
export const vaultTemporaryRules: VaultRemediator = {
  id: 'vault-temporary-rules',
  appliesTo: ['vault'],
  permissions: {
    read: ['Microsoft.KeyVault/vaults/read'],
    write: FIREWALL_WRITE_ACTIONS,
  },
  plan,
};

function plan(observation: VaultObservation): Plan {
  const { overdueRules, readers } = observation;
  const network = readNetworkRules(observation.vault);
  if (network === null || overdueRules.length === 0) return COMPLIANT;
  const due = overdueRules
    // It is the Logic Apps' from now on.
    .filter((rule) => !isNeededWhole(rule, readers))
    .flatMap((rule) => {
      const member = memberOf(network.ipRules, rule);
      return member === undefined ? [] : [{ rule, edit: remove(member, rule) }];
    });
  const kept = due.filter(({ rule }) => isMissed(rule, observation));
  return {
    ...COMPLIANT,
    edits: due.filter((one) => !kept.includes(one)).map(({ edit }) => edit),
    refusals: kept.map(({ rule, edit }) => refusal(rule, edit)),
  };
}

/** Whether a Logic App calls from a part of it, and would be locked out, because nothing puts that part in. */
function isMissed({ value }: TemporaryRule, { readers, addressUpkeep }: VaultObservation): boolean {
  const range = parseBlock(value);
  if (range === null || addressUpkeep.kind === 'enforced') return false;
  return hasOverlap(
    readers.flatMap(({ addresses }) => readRanges(addresses)),
    range,
  );
}

function remove({ json }: IpRule, { until, by }: TemporaryRule): RemoveEdit {
  const who = by === null ? '' : ` (by ${by})`;
  const reason = `it was let in until ${until}${who}, and the time is up`;
  return { op: 'remove', path: IP_RULES_PATH, before: json, after: null, reason };
}

function refusal({ value }: TemporaryRule, edit: RemoveEdit): Refusal {
  const reason = `The time of ${value} is up, but a Logic App that reads the vault calls from a part of it, and vault-logic-app-ips does not put that in. Set vault-logic-app-ips to enforce, or change the rules by hand.`;
  return { reason, edits: [edit] };
}
