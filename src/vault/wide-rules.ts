import type { OwnedRule } from '../types/observation.js';
import { sizeOf } from './ip-range.js';
import { ownedAmong, type IpRule } from './network-rules.js';

/** A `/16`: with a few rules much wider than that a firewall shuts nothing (`0.0.0.0/1` and `128.0.0.0/1`). */
const MOST_ADDRESSES = 2 ** 16;

/** The rules wider than a `/16` that Holdfast did not write, each range once. */
export function foreignWideRules(rules: readonly IpRule[], owned: readonly OwnedRule[]): readonly IpRule[] {
  const own = ownedAmong(rules, owned);
  const wide = rules.filter(
    (rule) => !own.has(rule) && rule.range !== null && sizeOf(rule.range) > MOST_ADDRESSES,
  );
  return wide.filter((rule, i) => wide.findIndex((other) => other.text === rule.text) === i);
}
