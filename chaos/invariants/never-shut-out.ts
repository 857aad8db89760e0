import { uncovered } from '../../simulator/access/address-cover.js';
import { valueAt } from '../../src/types/apply-edits.js';
import type { Json } from '../../src/types/json.js';
import {
  connectionsOf,
  connectorAddresses,
  documentAt,
  known,
  vaultOf,
  type Known,
} from '../evidence/known-readers.js';
import { ownWrites, type OwnWrite } from '../evidence/own-writes.js';
import type { Evidence } from '../evidence/evidence.js';
import type { Invariant, Violation } from './invariant.js';

/**
 * (4) No vault is ever shut, or kept shut with fewer rules, without the addresses of the Logic Apps that read it and
 * are known from the last sweep and the events since: as they were known when the look began, or as they were read
 * since.
 */
export const neverShutOut: Invariant = (world) => {
  const workflows = known(world, 'workflow');
  const connections = known(world, 'connection');
  return ownWrites(world)
    .filter(
      ({ change, before, after, read }) =>
        isVault(change.resourceId) &&
        shuts(before, after) &&
        // Otherwise somebody opened it after it had been read, and the write only puts the list back as it was.
        (read === null || shuts(read.document, after)),
    )
    .flatMap((write) => shutOut(world, write, workflows, connections));
};

function shutOut(
  world: Evidence,
  write: OwnWrite,
  workflows: readonly Known[],
  connections: readonly Known[],
): readonly Violation[] {
  const { change, after, lookedFrom, exchange } = write;
  const vault = change.resourceId.split('/').at(-1)?.toLowerCase() ?? '';
  const rules = rulesOf(after);
  const isKnown = ({ knownFrom }: Known): boolean => knownFrom !== null && knownFrom <= lookedFrom;
  // A connection that has come to be for this vault counts once Holdfast must know of it.
  const leading = new Set(
    connections.flatMap(({ key }) => {
      const latest = connections.findLast((one) => one.key === key && isKnown(one));
      const now = documentAt(world, key, change.sequence);
      return vaultOf(latest?.document ?? null) === vault && vaultOf(now) === vault ? [key] : [];
    }),
  );
  const isReader = (workflow: Json): boolean => connectionsOf(workflow).some((id) => leading.has(id));
  const keys = new Set(workflows.map(({ key }) => key));
  return [...keys].flatMap((key): readonly Violation[] => {
    const versions = workflows.filter((one) => one.key === key);
    const latest = versions.findLast(isKnown);
    if (latest === undefined || !isReader(latest.document)) return [];
    // It still is there, and it still reads this vault.
    if (!isReader(documentAt(world, key, change.sequence))) return [];
    const since = versions.filter(
      ({ readAt }) => readAt > latest.readAt && readAt <= (exchange?.sentAt ?? Infinity),
    );
    const missing = [latest, ...since].map(({ document }) => uncovered(connectorAddresses(document), rules));
    if (missing.some((addresses) => addresses.length === 0)) return [];
    const what = `the vault was shut to ${key.split('/').at(-1) ?? ''}: ${(missing[0] ?? []).join(', ')} in no rule`;
    return [{ invariant: 'never-shut-out', at: Date.parse(change.time), what, about: change.resourceId }];
  });
}

/** Whether a write shuts a vault, or takes rules from one that stays shut. */
function shuts(before: Json, after: Json): boolean {
  if (!isShut(after)) return false;
  return !isShut(before) || uncovered(rulesOf(before), rulesOf(after)).length > 0;
}

function isShut(vault: Json): boolean {
  return valueAt(vault, '/properties/networkAcls/defaultAction') === 'Deny';
}

export function rulesOf(vault: Json): readonly string[] {
  const rules = valueAt(vault, '/properties/networkAcls/ipRules');
  if (!Array.isArray(rules)) return [];
  return (rules as readonly Json[]).flatMap((rule) => {
    const value = valueAt(rule, '/value');
    return typeof value === 'string' ? [value] : [];
  });
}

function isVault(id: string): boolean {
  return /\/vaults\/[^/]+$/i.test(id);
}
