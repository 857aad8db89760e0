import type { VaultReader } from '../types/observation.js';
import { cidrBlocks, isCovered, sizeOf, subtract, toCidr, unionOf, type IpRange } from './ip-range.js';
import { mergeRules } from './merge-rules.js';
import { readNeededAddresses, workflowsByRange, type UnsendableAddress } from './needed-addresses.js';
import { MAX_IP_RULES, rangesOf, type IpRule } from './network-rules.js';

export interface NeededRule {
  /** A CIDR block, never a `/31`. */
  readonly value: string;
  /** The workflows that call from it; none for a merged rule that nobody needs at present. */
  readonly workflowIds: readonly string[];
}

export interface AddressFit {
  readonly added: readonly NeededRule[];
  /** Owned rules whose addresses are in the added ones: they go in the same write. */
  readonly replaced: readonly IpRule[];
  /** Needed rules for which there is no room. */
  readonly crowdedOut: readonly NeededRule[];
  /** Needed addresses that cannot be in any rule and that the present rules do not cover. */
  readonly unsendable: readonly UnsendableAddress[];
}

/**
 * Decides how the addresses of a vault's readers get into its IP rules. Only rules in `own` are ever replaced,
 * and only when the total would pass the limit.
 */
export function fitAddresses(
  rules: readonly IpRule[],
  own: ReadonlySet<IpRule>,
  readers: readonly VaultReader[],
  limit: number = MAX_IP_RULES,
): AddressFit {
  const needed = readNeededAddresses(readers);
  const present = unionOf(rangesOf(rules));
  const wanted = uncovered(needed.blocks, present);
  const workflowsOf = workflowsByRange(readers);
  const named = (block: IpRange): NeededRule => ({ value: toCidr(block), workflowIds: workflowsOf(block) });
  const unsendable = needed.unsendable.filter(({ range }) => range === null || !isCovered(range, present));
  if (rules.length + wanted.length <= limit) {
    return { added: inOrder(wanted).map(named), replaced: [], crowdedOut: [], unsendable };
  }
  const merged = mergeRules(rules, own, wanted, limit);
  return {
    added: inOrder(merged.added).map(named),
    replaced: merged.replaced,
    crowdedOut: inOrder(merged.crowdedOut).map(named),
    unsendable,
  };
}

/**
 * The blocks to add so that all of `blocks` are covered: a block as it is where no rule holds any of it, else
 * only the rest, because it is not known that Key Vault takes overlapping rules. The widest come first, so
 * that a block inside another one is not added.
 */
function uncovered(blocks: readonly IpRange[], present: readonly IpRange[]): readonly IpRange[] {
  const added: IpRange[] = [];
  let covered = present;
  for (const block of blocks.toSorted((a, b) => sizeOf(b) - sizeOf(a) || a.first - b.first)) {
    const rest = subtract([block], covered);
    if (rest.length === 0) continue;
    added.push(...cidrBlocks(rest));
    covered = unionOf([...covered, block]);
  }
  return added;
}

function inOrder(blocks: readonly IpRange[]): readonly IpRange[] {
  return blocks.toSorted((a, b) => a.first - b.first);
}
