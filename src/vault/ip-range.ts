import ipaddr from 'ipaddr.js';

/** IPv4 addresses from `first` to `last`, both included, as unsigned 32-bit numbers. */
export interface IpRange {
  readonly first: number;
  readonly last: number;
}

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ADDRESS = `${OCTET}(?:\\.${OCTET}){3}`;
const BLOCK = new RegExp(`^(${ADDRESS})(?:/(3[0-2]|[12]?\\d))?$`);
const SPAN = new RegExp(`^(${ADDRESS})-(${ADDRESS})$`);

/**
 * Reads `1.2.3.4` or `1.2.3.0/24`; a block that is not aligned means the one that holds the address. Null for
 * anything else: the text is gated because `ipaddr.js` alone reads `010.0.0.1` as octal and `1.2` as `1.0.0.2`.
 */
export function parseBlock(text: string): IpRange | null {
  const [, address, prefix = '32'] = BLOCK.exec(text) ?? [];
  if (address === undefined) return null;
  const size = 2 ** (32 - Number(prefix));
  const first = toNumber(address) - (toNumber(address) % size);
  return { first, last: first + size - 1 };
}

/** Reads what {@link parseBlock} reads, and `from-to` ranges, which Logic Apps documents for its addresses. */
export function parseRange(text: string): IpRange | null {
  const [, from, to] = SPAN.exec(text) ?? [];
  if (from === undefined || to === undefined) return parseBlock(text);
  const range = { first: toNumber(from), last: toNumber(to) };
  return range.first <= range.last ? range : null;
}

/** The text of one CIDR block in the form that ARM returns: always with a prefix length, `52.174.88.118/32`. */
export function toCidr(block: IpRange): string {
  const octets = [24, 16, 8, 0].map((shift) => (block.first >>> shift) & 255);
  return `${octets.join('.')}/${32 - Math.log2(sizeOf(block))}`;
}

export function sizeOf(range: IpRange): number {
  return range.last - range.first + 1;
}

export function isSameRange(a: IpRange, b: IpRange): boolean {
  return a.first === b.first && a.last === b.last;
}

/** Whether two texts name the same addresses, as `1.2.3.4` and `1.2.3.4/32` do. */
export function rangesEqual(a: string, b: string): boolean {
  const [first, second] = [parseBlock(a), parseBlock(b)];
  return first !== null && second !== null && isSameRange(first, second);
}

export function hasOverlap(ranges: readonly IpRange[], range: IpRange): boolean {
  return ranges.some((other) => other.first <= range.last && range.first <= other.last);
}

/** The same addresses as the fewest ranges: sorted, apart from each other, none touching the next. */
export function unionOf(ranges: readonly IpRange[]): readonly IpRange[] {
  const union: IpRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const previous = union.at(-1);
    if (previous === undefined || previous.last + 1 < range.first) union.push(range);
    else if (previous.last < range.last) union[union.length - 1] = { ...previous, last: range.last };
  }
  return union;
}

/** The addresses of `ranges` that are in none of `taken`, as {@link unionOf} gives them. */
export function subtract(ranges: readonly IpRange[], taken: readonly IpRange[]): readonly IpRange[] {
  const gaps = unionOf(taken);
  return unionOf(ranges).flatMap((range) => {
    const rest: IpRange[] = [];
    let { first } = range;
    for (const gap of gaps) {
      if (gap.last < first || range.last < gap.first) continue;
      if (first < gap.first) rest.push({ first, last: gap.first - 1 });
      first = gap.last + 1;
    }
    return first <= range.last ? [...rest, { first, last: range.last }] : rest;
  });
}

export function isCovered(range: IpRange, ranges: readonly IpRange[]): boolean {
  return subtract([range], ranges).length === 0;
}

/**
 * The fewest CIDR blocks that hold exactly these addresses, none of them a `/31`: nothing documents that Key
 * Vault takes one, so its two addresses are blocks of their own.
 */
export function cidrBlocks(ranges: readonly IpRange[]): readonly IpRange[] {
  return unionOf(ranges).flatMap(({ first, last }) => {
    const blocks: IpRange[] = [];
    for (let next = first; next <= last;) {
      let size = next === 0 ? 2 ** 32 : (next & -next) >>> 0;
      while (size > last - next + 1) size /= 2;
      if (size === 2) size = 1;
      blocks.push({ first: next, last: next + size - 1 });
      next += size;
    }
    return blocks;
  });
}

/** RFC 1918. Key Vault answers 400 to a rule that lies in one of these ("belongs to forbidden range"). */
const PRIVATE_BLOCKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']
  .map(parseBlock)
  .filter((block) => block !== null);

/** Whether any of the range is private, which is enough for Key Vault to reject it. */
export function hasPrivateAddress(range: IpRange): boolean {
  return hasOverlap(PRIVATE_BLOCKS, range);
}

function toNumber(address: string): number {
  return ipaddr.IPv4.parse(address).octets.reduce((number, octet) => number * 256 + octet, 0);
}
