/** Whether a vault's IP rules let every address of a list in. Written for tests: addresses as Azure lists them. */
export function uncovered(addresses: readonly string[], rules: readonly string[]): readonly string[] {
  const allowed = merged(rules.flatMap((rule) => rangeOf(rule) ?? []));
  return addresses.filter((address) => {
    const range = rangeOf(address);
    return range === null || !allowed.some(({ first, last }) => first <= range.first && range.last <= last);
  });
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Ranges that touch count as one: an address block may lie across two rules. */
function merged(ranges: readonly Range[]): readonly Range[] {
  const sorted = ranges.toSorted((a, b) => a.first - b.first);
  return sorted.reduce<readonly Range[]>((done, range) => {
    const before = done.at(-1);
    if (before === undefined || range.first > before.last + 1) return [...done, range];
    return [...done.slice(0, -1), { first: before.first, last: Math.max(before.last, range.last) }];
  }, []);
}

/** Of an address, a CIDR block or `a-b`; null for what is none of them. */
function rangeOf(text: string): Range | null {
  const [from = '', to] = text.split('-');
  const [address = '', bits = '32'] = from.trim().split('/');
  const first = numberOf(address);
  const prefix = Number(bits);
  if (first === null || !(prefix >= 0 && prefix <= 32)) return null;
  const size = 2 ** (32 - prefix);
  const start = Math.floor(first / size) * size;
  const end = to === undefined ? start + size - 1 : numberOf(to.trim());
  return end === null ? null : { first: start, last: end };
}

function numberOf(address: string): number | null {
  const parts = address.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : NaN));
  const isAddress = parts.length === 4 && parts.every((part) => part <= 255);
  return isAddress ? parts.reduce((number, part) => number * 256 + part, 0) : null;
}
