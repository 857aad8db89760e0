import { lettingInReason } from '../types/by-hand.js';
import type { AddEdit } from '../types/edit.js';
import type { TemporaryRule, VaultDocument } from '../types/observation.js';
import { hasOverlap, isCovered, isSameRange, parseBlock, rangesEqual } from './ip-range.js';
import {
  IP_RULES_PATH,
  MAX_IP_RULES,
  nameOfRule,
  rangesOf,
  readNetworkRules,
  UNREADABLE_FIREWALL,
} from './network-rules.js';

/** Who is to be let in, until when. */
export interface AccessRequest {
  /** A CIDR block as ARM returns it, e.g. `203.0.113.7/32`. */
  readonly value: string;
  /** RFC 3339, UTC. */
  readonly until: string;
  /** For people; null if unknown. */
  readonly by: string | null;
}

export type AccessDecision =
  | { readonly kind: 'refused'; readonly why: string }
  /** The address is let in already, by a rule that is not for Holdfast to take out: nothing is added, and nothing will go. */
  | { readonly kind: 'present'; readonly rule: string }
  /** It is let in for a while already; that lasts until the later of the two times. */
  | { readonly kind: 'extended'; readonly until: string; readonly temporaryRules: readonly TemporaryRule[] }
  | { readonly kind: 'added'; readonly edit: AddEdit; readonly temporaryRules: readonly TemporaryRule[] };

/** Decides how an address gets into a vault's rules for a while, so that only what was added for it ever goes again. */
export function decideAccess(
  vault: VaultDocument,
  temporaryRules: readonly TemporaryRule[],
  { value, until, by }: AccessRequest,
  now: Date,
): AccessDecision {
  const range = parseBlock(value);
  const network = readNetworkRules(vault);
  if (range === null) return { kind: 'refused', why: `${value} is not an IPv4 address or block.` };
  if (network === null) return { kind: 'refused', why: UNREADABLE_FIREWALL };
  if (network.isStricter) return { kind: 'refused', why: STRICTER };
  if (!network.isShut) return { kind: 'refused', why: OPEN };
  const known = temporaryRules.find((rule) => rangesEqual(rule.value, value));
  const same = network.ipRules.find((rule) => rule.range !== null && isSameRange(rule.range, range));
  if (known !== undefined && same !== undefined) {
    const later = known.until > until ? known.until : until;
    const extended = temporaryRules.map((rule) => (rule === known ? { ...rule, until: later } : rule));
    return { kind: 'extended', until: later, temporaryRules: extended };
  }
  const holder = network.ipRules.find((rule) => rule.range !== null && isCovered(range, [rule.range]));
  if (holder !== undefined) return { kind: 'present', rule: nameOfRule(holder) };
  const overlapping = network.ipRules.filter(
    (rule) => rule.range !== null && hasOverlap([rule.range], range),
  );
  if (overlapping.length > 0) {
    // It is not known that Key Vault takes overlapping rules.
    const names = overlapping.map(nameOfRule).join(', ');
    return {
      kind: 'refused',
      why: `${value} overlaps with rules that the vault has (${names}): give a block, or an address, outside of them.`,
    };
  }
  if (isCovered(range, rangesOf(network.ipRules))) return { kind: 'present', rule: 'several rules together' };
  if (network.ipRules.length >= MAX_IP_RULES) {
    return { kind: 'refused', why: `The vault has ${MAX_IP_RULES} IP rules, which is as many as it takes.` };
  }
  const added: TemporaryRule = { value, until, addedAt: now.toISOString(), by };
  const reason = lettingInReason(until, by);
  return {
    kind: 'added',
    edit: { op: 'add', path: IP_RULES_PATH, before: null, after: { value }, reason },
    temporaryRules: [...temporaryRules.filter((rule) => rule !== known), added],
  };
}

const STRICTER =
  'Public network access to the vault is off, so that no IP rule has any effect; turning it on would open more than an address. Come through its private endpoint, or have somebody decide that.';
const OPEN =
  'The vault is open to all networks: every address is let in. Shut its firewall first (holdfast fix).';
