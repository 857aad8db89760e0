import { uncovered } from '../../simulator/access/address-cover.js';
import { valueAt } from '../../src/types/apply-edits.js';
import type { Json } from '../../src/types/json.js';
import {
  connectionsOf,
  connectorAddresses,
  documentAt,
  knownWorkflows,
  vaultOf,
  type KnownWorkflow,
} from '../evidence/known-readers.js';
import { ownWrites, type OwnWrite } from '../evidence/own-writes.js';
import type { World } from '../world/world.js';
import type { Invariant, Violation } from './invariant.js';

/**
 * (4) No vault is ever shut, or kept shut with fewer rules, without the addresses of the Logic Apps that read it and
 * are known from the last sweep and the events since: as they were known when the look began, or as they were read
 * since.
 */
export const neverShutOut: Invariant = (world) => {
  const known = knownWorkflows(world);
  return ownWrites(world)
    .filter(({ change, before, after }) => isVault(change.resourceId) && shuts(before, after))
    .flatMap((write) => shutOut(world, write, known));
};

function shutOut(world: World, write: OwnWrite, known: readonly KnownWorkflow[]): readonly Violation[] {
  const { change, after, lookedFrom, exchange } = write;
  const vault = change.resourceId.split('/').at(-1)?.toLowerCase() ?? '';
  const rules = rulesOf(after);
  const keys = new Set(known.map(({ key }) => key));
  return [...keys].flatMap((key): readonly Violation[] => {
    const versions = known.filter((one) => one.key === key);
    const latest = versions.findLast(({ knownFrom }) => knownFrom !== null && knownFrom <= lookedFrom);
    if (latest === undefined) return [];
    // It still is there, and it still reads this vault.
    const now = documentAt(world, key, change.sequence);
    if (!reads(world, now, vault, change.sequence) || !reads(world, latest.document, vault, change.sequence))
      return [];
    const since = versions.filter(
      ({ readAt }) => readAt > latest.readAt && readAt <= (exchange?.sentAt ?? Infinity),
    );
    const missing = [latest, ...since].map(({ document }) => uncovered(connectorAddresses(document), rules));
    if (missing.some((addresses) => addresses.length === 0)) return [];
    const what = `the vault was shut to ${key.split('/').at(-1) ?? ''}: ${(missing[0] ?? []).join(', ')} in no rule`;
    return [{ invariant: 'never-shut-out', at: Date.parse(change.time), what, about: change.resourceId }];
  });
}

function reads(world: World, workflow: Json, vault: string, sequence: number): boolean {
  return connectionsOf(workflow).some((id) => vaultOf(documentAt(world, id, sequence)) === vault);
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
