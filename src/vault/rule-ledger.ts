import { isSameJson } from '../types/apply-edits.js';
import type { Edit } from '../types/edit.js';
import type { KnownGoodFirewall, OwnedRule, VaultDocument, VaultReader } from '../types/observation.js';
import { hasOverlap, isSameRange, parseBlock, type IpRange } from './ip-range.js';
import { readRanges, workflowsByRange } from './needed-addresses.js';
import { IP_RULES_PATH, readIpRule, readNetworkRules, type IpRule } from './network-rules.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOWHERE: IpRange = { first: -1, last: -1 };

/**
 * Whether a workflow with these addresses still needs a rule. A rule that cannot be read is taken as needed,
 * so that it is never released.
 */
export function stillNeeds(rule: Pick<OwnedRule, 'value'>, addresses: readonly string[]): boolean {
  return isNeeded(rule, readRanges(addresses));
}

/**
 * Notes since when each owned rule has been unneeded by the listed readers, and forgets the rules that somebody
 * took out. While the vault stands open they are kept: they may have been wiped with the rest and come back.
 * Returns the same array where nothing changed, so that it need not be stored.
 */
export function ageOwnedRules(
  owned: readonly OwnedRule[],
  vault: VaultDocument,
  readers: readonly VaultReader[],
  now: Date,
): readonly OwnedRule[] {
  const network = readNetworkRules(vault);
  const listed = readers.filter((reader) => reader.listed).flatMap((reader) => readRanges(reader.addresses));
  const present = new Set(network?.ipRules.map((rule) => rule.text));
  const aged = owned
    .filter((rule) => network?.isShut !== true || present.has(rule.value))
    .map((rule) => withAge(rule, isNeeded(rule, listed), now));
  return isUnchanged(aged, owned) ? owned : aged;
}

/**
 * The ledger after a confirmed write: what was added is owned, for the workflows that call from it and those of
 * the owned rules it stands in for; what was removed is not. `edits` must be those of `vault-logic-app-ips`
 * alone: a rule that another remediator brought back may be somebody else's.
 */
export function ownAfterWrite(
  owned: readonly OwnedRule[],
  edits: readonly Edit[],
  vaultAfterWrite: VaultDocument,
  readers: readonly VaultReader[],
  now: Date,
): readonly OwnedRule[] {
  const rules = readNetworkRules(vaultAfterWrite)?.ipRules ?? [];
  const inList = edits.filter((edit) => edit.path === IP_RULES_PATH);
  const removed = new Set(
    inList.filter((edit) => edit.op === 'remove').map((edit) => readIpRule(edit.before).text),
  );
  const gone = owned.filter((rule) => removed.has(rule.value));
  const callersOf = workflowsByRange(readers);
  const added = inList
    .filter((edit) => edit.op === 'add')
    .map((edit) => asReturned(readIpRule(edit.after), rules))
    .filter((rule) => rule !== null)
    .map((rule) => ownedNow(rule, owned, gone, callersOf, now));
  const values = new Set(added.map((rule) => rule.value));
  const kept = owned.filter((rule) => !removed.has(rule.value) && !values.has(rule.value));
  const after = [...kept, ...added];
  return isUnchanged(after, owned) ? owned : after;
}

/** The owned rules that have been unneeded for at least `retireAfterMs`. */
export function dueForRelease(
  owned: readonly OwnedRule[],
  now: Date,
  retireAfterMs: number,
): readonly OwnedRule[] {
  return owned.filter(
    ({ unneededSince }) =>
      unneededSince !== null && now.getTime() - Date.parse(unneededSince) >= retireAfterMs,
  );
}

/**
 * The last known good firewall after a look at the vault: what it has, where it is shut. `previous` itself comes
 * back where the vault is open or shows the same; only once a day is the same noted with a new `seenAt`, so that
 * not every look is a write.
 */
export function knownGoodFirewall(
  vault: VaultDocument,
  previous: KnownGoodFirewall | null,
  now: Date,
): KnownGoodFirewall | null {
  const network = readNetworkRules(vault);
  if (!network?.networkAcls || !network.isShut) return previous;
  const isRecent = previous !== null && now.getTime() - Date.parse(previous.seenAt) < DAY_MS;
  if (isRecent && isSameJson(previous.networkAcls, network.networkAcls)) return previous;
  return { seenAt: now.toISOString(), networkAcls: network.networkAcls };
}

function isNeeded(rule: Pick<OwnedRule, 'value'>, ranges: readonly IpRange[]): boolean {
  const range = parseBlock(rule.value);
  return range === null || hasOverlap(ranges, range);
}

function withAge(rule: OwnedRule, needed: boolean, now: Date): OwnedRule {
  if (needed === (rule.unneededSince === null)) return rule;
  return { ...rule, unneededSince: needed ? null : now.toISOString() };
}

/** The rule as the vault now has it, because ARM may spell an address otherwise than it was sent. */
function asReturned(sent: IpRule, rules: readonly IpRule[]): IpRule | null {
  const exact = rules.find((rule) => rule.text === sent.text);
  return (
    exact ?? rules.find((rule) => rule.range && sent.range && isSameRange(rule.range, sent.range)) ?? null
  );
}

function ownedNow(
  rule: IpRule,
  owned: readonly OwnedRule[],
  gone: readonly OwnedRule[],
  callersOf: (range: IpRange) => readonly string[],
  now: Date,
): OwnedRule {
  const value = rule.text ?? '';
  const ranges = rule.range === null ? [] : [rule.range];
  const callers = ranges.flatMap(callersOf);
  const before = owned.find((other) => other.value === value);
  const merged = gone.filter((other) => hasOverlap(ranges, parseBlock(other.value) ?? NOWHERE));
  const sources = before === undefined ? merged : [before, ...merged];
  const workflowIds = [...new Set([...callers, ...sources.flatMap((other) => other.workflowIds)])].sort();
  if (before !== undefined) return { ...before, workflowIds };
  return { value, workflowIds, addedAt: now.toISOString(), unneededSince: ageOf(merged, callers) };
}

/** A merged rule that nobody calls from is as young as the youngest rule it stands in for. */
function ageOf(merged: readonly OwnedRule[], callers: readonly string[]): string | null {
  const times = merged.map((other) => other.unneededSince);
  if (callers.length > 0 || times.includes(null)) return null;
  return (
    times
      .filter((time) => time !== null)
      .sort()
      .at(-1) ?? null
  );
}

function isUnchanged(after: readonly OwnedRule[], before: readonly OwnedRule[]): boolean {
  return after.length === before.length && after.every((rule, i) => rule === before[i]);
}
