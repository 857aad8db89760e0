import { cidrBlocks, isSameRange, sizeOf, unionOf, type IpRange } from './ip-range.js';
import { rangesOf, type IpRule } from './network-rules.js';

export interface MergedRules {
  /** The blocks to add, merged ones among them. */
  readonly added: readonly IpRange[];
  /** The owned rules that they stand in for. */
  readonly replaced: readonly IpRule[];
  /** The wanted blocks that did not fit. */
  readonly crowdedOut: readonly IpRange[];
}

/**
 * Merges owned rules and as many of the wanted blocks as fit into the fewest blocks of the same addresses, for
 * a vault whose rules would pass `limit`. Every row counts, readable or not; rows that are not in `own` stay.
 */
export function mergeRules(
  rules: readonly IpRule[],
  own: ReadonlySet<IpRule>,
  wanted: readonly IpRange[],
  limit: number,
): MergedRules {
  const ours = rules.filter((rule) => own.has(rule) && rule.range !== null);
  const { taken, left } = takeWhatFits(rangesOf(ours), wanted, limit - (rules.length - ours.length));
  if (taken.size === 0) return { added: [], replaced: [], crowdedOut: left };
  const blocks = cidrBlocks([...rangesOf(ours), ...taken]);
  const byFirst = new Map(blocks.map((block) => [block.first, block]));
  const kept = new Map<IpRange, IpRule>();
  for (const rule of ours) {
    const block = rule.range === null ? undefined : byFirst.get(rule.range.first);
    if (block && rule.range && isSameRange(block, rule.range) && !kept.has(block)) kept.set(block, rule);
  }
  const keptRules = new Set(kept.values());
  return {
    added: blocks.filter((block) => !kept.has(block)),
    replaced: ours.filter((rule) => !keptRules.has(rule)),
    crowdedOut: left,
  };
}

/**
 * Takes wanted blocks, the widest gain first, as long as `room` rules can hold them together with `held`.
 * Neighbours are tried together before they are tried alone, because they may become one block; and what did
 * not fit is tried again after each that did.
 */
function takeWhatFits(
  held: readonly IpRange[],
  wanted: readonly IpRange[],
  room: number,
): { readonly taken: ReadonlySet<IpRange>; readonly left: readonly IpRange[] } {
  let runs = unionOf(held);
  let count = cidrBlocks(runs).length;
  let candidates = familiesOf(held, wanted);
  const taken = new Set<IpRange>();
  for (let tookAny = true; tookAny;) {
    const refused: (readonly IpRange[])[] = [];
    for (const family of candidates) {
      const blocks = family.filter((block) => !taken.has(block));
      // Only the runs that touch a block change, so only they are counted again.
      const touching = runs.filter((run) => blocks.some((block) => isTouching(run, block)));
      const joined = unionOf([...touching, ...blocks]);
      const after = count - cidrBlocks(touching).length + cidrBlocks(joined).length;
      if (after > Math.max(room, count)) {
        refused.push(family);
        continue;
      }
      runs = [...runs.filter((run) => !touching.includes(run)), ...joined];
      count = after;
      for (const block of blocks) taken.add(block);
    }
    tookAny = refused.length < candidates.length;
    candidates = refused;
  }
  // A vault that holds too many already may have come closer to the limit, but not below it.
  if (count > room) taken.clear();
  return { taken, left: wanted.filter((block) => !taken.has(block)) };
}

/** The wanted blocks, and those of them that lie together in a block that `held` and `wanted` fill. */
function familiesOf(held: readonly IpRange[], wanted: readonly IpRange[]): readonly (readonly IpRange[])[] {
  const families = cidrBlocks([...held, ...wanted]).flatMap((block) => familiesIn(block, wanted));
  const gain = (family: readonly IpRange[]): number => family.reduce((sum, block) => sum + sizeOf(block), 0);
  return families.toSorted((a, b) => gain(b) - gain(a));
}

function familiesIn(block: IpRange, wanted: readonly IpRange[]): readonly (readonly IpRange[])[] {
  const family = wanted.filter(({ first, last }) => block.first <= first && last <= block.last);
  if (family.length < 2) return family.length === 0 ? [] : [family];
  const middle = block.first + sizeOf(block) / 2;
  const halves = [
    { first: block.first, last: middle - 1 },
    { first: middle, last: block.last },
  ];
  const parts = halves.flatMap((half) => familiesIn(half, family));
  return parts[0]?.length === family.length ? parts : [family, ...parts];
}

function isTouching(a: IpRange, b: IpRange): boolean {
  return a.first <= b.last + 1 && b.first <= a.last + 1;
}
