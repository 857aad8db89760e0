import type { RecentCaller, VaultObservation } from '../types/observation.js';
import { callersShutOut } from './access/callers-shut-out.js';
import { nameOfRule, ownedAmong, type NetworkRules } from './network-rules.js';
import type { Restoration } from './restore-rules.js';

/** What whoever reads the record should know when a vault that stood open is shut. */
export function firewallWarnings(
  network: NetworkRules,
  restored: Restoration,
  observation: VaultObservation,
): readonly string[] {
  const { knownGood, ownedRules } = observation;
  if (knownGood === null) {
    return [...neverShut(observation), ...callerWarnings(callersShutOut(observation))];
  }
  const seen = `last seen ${knownGood.seenAt}`;
  const own = ownedAmong(network.ipRules, ownedRules);
  const newcomers = [
    ...restored.newcomers.ipRules.filter((rule) => !own.has(rule)),
    ...restored.newcomers.vnetRules,
  ];
  return [
    ...[...restored.ipRules, ...restored.vnetRules].map(
      (rule) => `The rule ${nameOfRule(rule)} comes back from the last known good firewall, ${seen}.`,
    ),
    ...restored.hidden.map(
      (rule) =>
        `The rule ${nameOfRule(rule)} of the last known good firewall, ${seen}, does not come back, because rules that came in since hold its addresses. Put it back if you remove those.`,
    ),
    ...newcomers.map(
      (rule) =>
        `The rule ${nameOfRule(rule)} is not in the last known good firewall, ${seen}; it is kept, but it may be an intruder's.`,
    ),
    ...bypassWarnings(network, knownGood.networkAcls.bypass, seen),
  ];
}

function neverShut({ unresolvedReaders, logWorkspace, recentCallers }: VaultObservation): readonly string[] {
  const isSilent = logWorkspace !== null && recentCallers === null;
  return [
    'This vault was never seen shut: whoever reads it from an address that no rule names loses access.',
    ...(isSilent ? [SILENT_LOG] : []),
    ...(unresolvedReaders.length === 0
      ? []
      : [
          `These workflows read a vault that could not be told, perhaps this one: ${unresolvedReaders.join(', ')}.`,
        ]),
  ];
}

/** That nobody is named must not read as if nobody had called. */
const SILENT_LOG =
  'Who that may be is not known: the workspace of HOLDFAST_LOG_WORKSPACE did not say who called the vault in the last 30 days. See that it is there, and that Holdfast may query it.';

const MOST_CALLERS = 20;

/** The log may hold thousands; the most recent are named. Whether one is a trusted service it does not say. */
function callerWarnings(callers: readonly RecentCaller[]): readonly string[] {
  const named = callers.slice(0, MOST_CALLERS).map(({ address, caller, calls, lastSeen }) => {
    const who = caller === null ? 'somebody' : JSON.stringify(caller);
    const times = calls === 1 ? 'once' : `${calls} times`;
    return `${who} called the vault from ${JSON.stringify(address)} ${times} in the last 30 days, last on ${lastSeen}; no rule will let that address in.`;
  });
  const more = callers.length - named.length;
  return more === 0 ? named : [...named, `So did callers from ${more} more addresses, longer ago.`];
}

function bypassWarnings(network: NetworkRules, before: unknown, seen: string): readonly string[] {
  const now = network.networkAcls?.bypass;
  if (typeof now !== 'string' || typeof before !== 'string' || now.toLowerCase() === before.toLowerCase()) {
    return [];
  }
  return [`bypass is ${now} and stays so; in the last known good firewall, ${seen}, it was ${before}.`];
}
