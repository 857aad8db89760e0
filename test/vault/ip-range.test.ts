import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cidrBlocks,
  hasOverlap,
  hasPrivateAddress,
  isCovered,
  parseBlock,
  parseRange,
  rangesEqual,
  sizeOf,
  subtract,
  toCidr,
  unionOf,
  type IpRange,
} from '../../src/vault/ip-range.js';

const text = (ranges: readonly IpRange[]): readonly string[] => cidrBlocks(ranges).map(toCidr);

describe('parseRange', () => {
  it.each([
    ['a single address', '52.174.88.118', ['52.174.88.118/32']],
    ['a block', '13.69.64.208/28', ['13.69.64.208/28']],
    ['an unaligned block means the one that holds it', '13.69.64.213/28', ['13.69.64.208/28']],
    ['a from-to range', '13.69.64.208-13.69.64.223', ['13.69.64.208/28']],
    ['a from-to range of one', '1.2.3.4-1.2.3.4', ['1.2.3.4/32']],
    ['everything', '0.0.0.0/0', ['0.0.0.0/0']],
    ['the first address', '0.0.0.0', ['0.0.0.0/32']],
    ['the last address', '255.255.255.255/32', ['255.255.255.255/32']],
    ['the upper half', '128.0.0.0/1', ['128.0.0.0/1']],
    ['the whole space as a from-to range', '0.0.0.0-255.255.255.255', ['0.0.0.0/0']],
  ])('reads %s: %s', (_, given, expected) => {
    const range = parseRange(given);
    expect(range && text([range])).toEqual(expected);
  });

  it.each([
    ['nothing', ''],
    ['an octal-looking part', '010.0.0.1'],
    ['a leading zero', '1.2.3.04'],
    ['a hexadecimal part', '0x1.2.3.4'],
    ['one number', '16909060'],
    ['three parts', '1.2.3'],
    ['five parts', '1.2.3.4.5'],
    ['a part over 255', '1.2.3.256'],
    ['a prefix over 32', '1.2.3.4/33'],
    ['a prefix with a leading zero', '1.2.3.4/08'],
    ['an empty prefix', '1.2.3.4/'],
    ['a mask', '1.2.3.0/255.255.255.0'],
    ['a reversed range', '1.2.3.9-1.2.3.4'],
    ['a range of blocks', '1.2.3.0/25-1.2.3.128/25'],
    ['surrounding space', ' 1.2.3.4'],
    ['a trailing line break', '1.2.3.4\n'],
    ['quotes', "'10.91.4.0/24'"],
    ['a sign', '1.2.3.-4'],
    ['digits of another script', '١.2.3.4'],
    ['IPv6', '2603:1020::/48'],
    ['IPv4 in IPv6', '::ffff:1.2.3.4'],
    ['a name', 'localhost'],
  ])('reads no range in %s: %s', (_, given) => {
    expect(parseRange(given)).toBeNull();
  });

  it('leaves from-to ranges out of what a rule may say', () => {
    expect(parseBlock('1.2.3.4-1.2.3.5')).toBeNull();
  });
});

describe('the text of a block', () => {
  it('is read back as the same block', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(32), (address, bits) => {
        const size = 2 ** bits;
        const first = address - (address % size);
        const block = { first, last: first + size - 1 };
        expect(parseBlock(toCidr(block))).toEqual(block);
      }),
    );
  });

  it.each([
    ['1.2.3.4', '1.2.3.4/32', true],
    ['1.2.3.4/24', '1.2.3.0/24', true],
    ['1.2.3.0/24', '1.2.3.0/25', false],
    ['x', 'x', false],
  ])('%s and %s name the same addresses: %s', (a, b, expected) => {
    expect(rangesEqual(a, b)).toBe(expected);
  });
});

describe('cidrBlocks', () => {
  it.each([
    ['neighbours become one block', ['1.2.3.0/25', '1.2.3.128/25'], ['1.2.3.0/24']],
    [
      'neighbours that are not aligned stay two',
      ['1.2.3.128/25', '1.2.4.0/25'],
      ['1.2.3.128/25', '1.2.4.0/25'],
    ],
    ['a block in another one disappears', ['1.2.3.0/24', '1.2.3.7'], ['1.2.3.0/24']],
    ['two neighbouring addresses are never a /31', ['1.2.3.4', '1.2.3.5'], ['1.2.3.4/32', '1.2.3.5/32']],
    ['a /31 becomes two addresses', ['1.2.3.4/31'], ['1.2.3.4/32', '1.2.3.5/32']],
    [
      'an odd range',
      ['1.2.3.1-1.2.3.6'],
      ['1.2.3.1/32', '1.2.3.2/32', '1.2.3.3/32', '1.2.3.4/32', '1.2.3.5/32', '1.2.3.6/32'],
    ],
    ['both halves are everything', ['0.0.0.0/1', '128.0.0.0/1'], ['0.0.0.0/0']],
    ['nothing', [], []],
  ])('%s', (_, given, expected) => {
    expect(text(given.map(parseRange).filter((range) => range !== null))).toEqual(expected);
  });
});

describe('private addresses', () => {
  it.each([
    ['10.0.0.0', true],
    ['10.255.255.255', true],
    ['9.255.255.255', false],
    ['11.0.0.0', false],
    ['172.15.255.255', false],
    ['172.16.0.0/12', true],
    ['172.31.255.255', true],
    ['172.32.0.0', false],
    ['192.168.0.1', true],
    ['192.167.255.255-192.168.0.0', true],
    ['0.0.0.0/0', true],
    ['100.64.0.1', false],
  ])('%s has one: %s', (given, expected) => {
    const range = parseRange(given);
    expect(range && hasPrivateAddress(range)).toBe(expected);
  });
});

describe('range arithmetic, against sets of addresses', () => {
  // The space ends at the last address of IPv4, where overflow would show.
  const BASE = 2 ** 32 - 64;
  const range = fc
    .tuple(fc.nat(63), fc.nat(63))
    .map(([a, b]) => ({ first: BASE + Math.min(a, b), last: BASE + Math.max(a, b) }));
  const ranges = fc.array(range, { maxLength: 8 });
  const addresses = (list: readonly IpRange[]): number[] => {
    const found = new Set<number>();
    for (const { first, last } of list) for (let i = first; i <= last; i++) found.add(i);
    return [...found].sort((a, b) => a - b);
  };

  it('a union neither gains nor loses an address, and its ranges do not touch', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const union = unionOf(list);
        expect(addresses(union)).toEqual(addresses(list));
        expect(union.every((one, i) => i === 0 || (union[i - 1]?.last ?? 0) + 1 < one.first)).toBe(true);
      }),
    );
  });

  it('a subtraction leaves exactly what was not taken', () => {
    fc.assert(
      fc.property(ranges, ranges, (list, taken) => {
        const gone = new Set(addresses(taken));
        expect(addresses(subtract(list, taken))).toEqual(addresses(list).filter((one) => !gone.has(one)));
      }),
    );
  });

  it('coverage and overlap agree with the sets', () => {
    fc.assert(
      fc.property(range, ranges, (one, list) => {
        const held = new Set(addresses(list));
        expect(isCovered(one, list)).toBe(addresses([one]).every((address) => held.has(address)));
        expect(hasOverlap(list, one)).toBe(addresses([one]).some((address) => held.has(address)));
      }),
    );
  });

  it('blocks hold exactly the addresses, are aligned, and none is a /31', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const blocks = cidrBlocks(list);
        expect(addresses(blocks)).toEqual(addresses(list));
        for (const block of blocks) {
          expect(Number.isInteger(Math.log2(sizeOf(block)))).toBe(true);
          expect(block.first % sizeOf(block)).toBe(0);
          expect(sizeOf(block)).not.toBe(2);
        }
      }),
    );
  });

  it('there are as few blocks as any cover without a /31 can have', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const held = new Set(addresses(list));
        const fewest = (first: number, size: number): number => {
          const inside = Array.from({ length: size }, (_, i) => held.has(first + i));
          if (!inside.includes(true)) return 0;
          if (size !== 2 && !inside.includes(false)) return 1;
          return fewest(first, size / 2) + fewest(first + size / 2, size / 2);
        };
        expect(cidrBlocks(list)).toHaveLength(fewest(BASE, 64));
      }),
    );
  });
});
