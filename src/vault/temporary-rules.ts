import type { Edit } from '../types/edit.js';
import type { OwnedRule, TemporaryRule, VaultDocument, VaultReader } from '../types/observation.js';
import type { RemediatorId } from '../types/remediator-id.js';
import { isCovered, isSameRange, parseBlock } from './ip-range.js';
import { readRanges, workflowsByRange } from './needed-addresses.js';
import { IP_RULES_PATH, ownedAmong, readIpRule, readNetworkRules, type IpRule } from './network-rules.js';

/** A write may take so long to show, and an address that is not there yet is not gone. */
const SHOWN_WITHIN_MS = 5 * 60_000;

/** Whether its time is up. */
export function isOver({ until }: TemporaryRule, now: Date): boolean {
  return Date.parse(until) <= now.getTime();
}

/** The member of the vault's list that a temporary rule is: in its own text, or in another of the same range. */
export function memberOf(
  rules: readonly IpRule[],
  { value }: Pick<TemporaryRule, 'value'>,
): IpRule | undefined {
  const [exact] = ownedAmong(rules, [{ value }]);
  const range = parseBlock(value);
  return (
    exact ?? rules.find((rule) => rule.range !== null && range !== null && isSameRange(rule.range, range))
  );
}

/** Whether Logic Apps call from all addresses of a rule, so that it has to stay for them. */
export function isNeededWhole(
  { value }: Pick<TemporaryRule, 'value'>,
  readers: readonly VaultReader[],
): boolean {
  const range = parseBlock(value);
  const needed = readers.flatMap(({ addresses }) => readRanges(addresses));
  return range !== null && isCovered(range, needed);
}

/** Without those that a confirmed write took out; the same array where it took out none. */
export function withoutTakenOut(
  rules: readonly TemporaryRule[],
  edits: readonly Edit[],
): readonly TemporaryRule[] {
  const removed = edits.flatMap((edit) =>
    edit.op === 'remove' && edit.path === IP_RULES_PATH ? [readIpRule(edit.before)] : [],
  );
  const left = rules.filter((rule) => memberOf(removed, rule) === undefined);
  return left.length === rules.length ? rules : left;
}

/**
 * Without those that a write was to add and that Azure has certainly not let in: who lets the address in after that, because
 * the write was turned down, does so for good. The same object where there are none.
 */
export function withoutTurnedDown<T extends Pick<Ledger, 'temporaryRules'>>(
  ledger: T,
  records: readonly { readonly remediator: RemediatorId; readonly edits: readonly Edit[] }[],
): T {
  const added = records
    .filter(({ remediator }) => remediator === 'vault-temporary-rules')
    .flatMap(({ edits }) => edits)
    .flatMap(({ op, path, after }) => (op === 'add' && path === IP_RULES_PATH ? [readIpRule(after)] : []));
  const temporaryRules = ledger.temporaryRules.filter((rule) => memberOf(added, rule) === undefined);
  return temporaryRules.length === ledger.temporaryRules.length ? ledger : { ...ledger, temporaryRules };
}

export interface Ledger {
  readonly ownedRules: readonly OwnedRule[];
  readonly temporaryRules: readonly TemporaryRule[];
}

/**
 * The ledger after a look at the vault: a temporary rule that somebody took out is forgotten, and one whose time is up and
 * whose addresses Logic Apps call from by now is theirs from here on, to go when they need it no more. While the vault
 * stands open none is forgotten: it may have been wiped with the rest and come back. The same object where nothing changed.
 */
export function settleTemporaryRules(
  ledger: Ledger,
  vault: VaultDocument,
  readers: readonly VaultReader[],
  now: Date,
): Ledger {
  if (ledger.temporaryRules.length === 0) return ledger;
  const network = readNetworkRules(vault);
  const rules = network?.ipRules ?? [];
  const temporaryRules: TemporaryRule[] = [];
  const handedOver: OwnedRule[] = [];
  for (const rule of ledger.temporaryRules) {
    const member = memberOf(rules, rule);
    const isYoung = now.getTime() - Date.parse(rule.addedAt) < SHOWN_WITHIN_MS;
    if (member === undefined) {
      if (network?.isShut !== true || isYoung) temporaryRules.push(rule);
    } else if (isOver(rule, now) && isNeededWhole(rule, readers))
      handedOver.push(ownedFrom(rule, member, readers));
    else temporaryRules.push(rule);
  }
  if (temporaryRules.length === ledger.temporaryRules.length) return ledger;
  const values = new Set(handedOver.map(({ value }) => value));
  const kept = ledger.ownedRules.filter(({ value }) => !values.has(value));
  return {
    ownedRules: handedOver.length === 0 ? ledger.ownedRules : [...kept, ...handedOver],
    temporaryRules,
  };
}

function ownedFrom(rule: TemporaryRule, { text, range }: IpRule, readers: readonly VaultReader[]): OwnedRule {
  const workflowIds = range === null ? [] : workflowsByRange(readers)(range);
  return { value: text ?? rule.value, workflowIds, addedAt: rule.addedAt, unneededSince: null };
}
