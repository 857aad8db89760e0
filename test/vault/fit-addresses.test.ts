import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitAddresses, type AddressFit } from '../../src/vault/fit-addresses.js';
import { cidrBlocks, parseRange, subtract, unionOf, type IpRange } from '../../src/vault/ip-range.js';
import { rangesOf, readIpRule, type IpRule } from '../../src/vault/network-rules.js';
import { reader, workflowId } from './vault-observation.js';

const rulesOf = (values: readonly string[]): IpRule[] => values.map((value) => readIpRule({ value }));
const ranges = (values: readonly string[]): IpRange[] =>
  values.map(parseRange).filter((range) => range !== null);
const added = (fit: AddressFit): readonly string[] => fit.added.map(({ value }) => value);

describe('what a vault lacks of the needed addresses', () => {
  it.each<[string, string[], string[], string[]]>([
    ['nothing, where nobody needs anything', ['1.2.3.4/32'], [], []],
    ['a block, exactly as it is', [], ['13.69.64.208/28'], ['13.69.64.208/28']],
    ['a single address, with its prefix', [], ['52.174.88.118'], ['52.174.88.118/32']],
    ['an unaligned block, as the one that holds it', [], ['13.69.64.213/28'], ['13.69.64.208/28']],
    ['a from-to range, as blocks', [], ['1.2.3.0-1.2.3.8'], ['1.2.3.0/29', '1.2.3.8/32']],
    ['a /31, as two addresses', [], ['1.2.3.4/31'], ['1.2.3.4/32', '1.2.3.5/32']],
    ['nothing, where a rule in another spelling holds it', ['1.2.3.4'], ['1.2.3.4/32'], []],
    ['nothing, where a wider rule holds it', ['1.2.0.0/16'], ['1.2.3.0/24'], []],
    ['nothing, where two rules hold it together', ['1.2.3.0/25', '1.2.3.128/25'], ['1.2.3.0/24'], []],
    ['only the rest, where a rule holds a part', ['1.2.3.0/25'], ['1.2.3.0/24'], ['1.2.3.128/25']],
    ['the rest without a /31', ['1.2.3.0/31'], ['1.2.3.0/30'], ['1.2.3.2/32', '1.2.3.3/32']],
    ['one rule for a duplicate', [], ['1.2.3.4', '1.2.3.4/32'], ['1.2.3.4/32']],
    ['the wider of two overlapping blocks', [], ['1.2.3.7', '1.2.3.0/24'], ['1.2.3.0/24']],
    [
      'neighbouring blocks as they are, while there is room',
      [],
      ['1.2.3.0/25', '1.2.3.128/25'],
      ['1.2.3.0/25', '1.2.3.128/25'],
    ],
    ['it all the same, where a rule cannot be read', ["'1.2.3.4'", '01.2.3.4'], ['1.2.3.4'], ['1.2.3.4/32']],
  ])('is %s', (_, present, needed, expected) => {
    const fit = fitAddresses(rulesOf(present), new Set(), [reader('la-one', needed)]);
    expect(added(fit)).toEqual(expected);
    expect(fit).toMatchObject({ replaced: [], crowdedOut: [], unsendable: [] });
  });

  it('names every workflow that calls from a rule, once and in order', () => {
    const readers = [
      reader('la-two', ['1.2.3.4']),
      reader('la-one', ['1.2.3.0/24']),
      reader('la-one', ['1.2.3.9']),
      reader('la-gone', ['1.2.3.5'], false),
      reader('la-else', ['9.9.9.9']),
    ];
    expect(fitAddresses([], new Set(), readers).added[0]).toEqual({
      value: '1.2.3.0/24',
      workflowIds: ['la-gone', 'la-one', 'la-two'].map(workflowId),
    });
  });

  it.each([
    ['10.1.2.3', 'private'],
    ['172.16.0.0/12', 'private'],
    ['192.168.0.0-192.168.0.9', 'private'],
    ['0.0.0.0/0', 'private'],
    ['2603:1020:5:6::10', 'ipv6'],
    ['2603:1020::/48', 'ipv6'],
    ['010.0.0.1', 'unreadable'],
    ['', 'unreadable'],
    ['AzureConnectors.WestEurope', 'unreadable'],
    ['1.2.3.4:443', 'unreadable'],
  ])('never has %s, which is %s', (address, why) => {
    const fit = fitAddresses([], new Set(), [
      reader('la-one', [address, '1.2.3.4']),
      reader('la-two', [address]),
    ]);
    expect(added(fit)).toEqual(['1.2.3.4/32']);
    expect(fit.unsendable).toMatchObject([
      { address, why, workflowIds: ['la-one', 'la-two'].map(workflowId) },
    ]);
  });

  it('says nothing of a private address that a rule holds already', () => {
    expect(
      fitAddresses(rulesOf(['0.0.0.0/0']), new Set(), [reader('la-one', ['10.1.2.3'])]).unsendable,
    ).toEqual([]);
  });
});

describe('where the rules would pass the limit', () => {
  interface Row {
    readonly foreign?: string[];
    readonly own?: string[];
    readonly needed: string[];
    readonly limit: number;
    readonly adds: string[];
    readonly replaces?: string[];
    readonly crowdedOut?: string[];
  }
  it.each<[string, Row]>([
    [
      'the last free row is used without merging',
      { own: ['1.0.0.0/25', '1.0.0.128/25'], needed: ['2.0.0.1'], limit: 3, adds: ['2.0.0.1/32'] },
    ],
    [
      'owned rules are merged to make room',
      {
        own: ['1.0.0.0/25', '1.0.0.128/25'],
        needed: ['2.0.0.1'],
        limit: 2,
        adds: ['1.0.0.0/24', '2.0.0.1/32'],
        replaces: ['1.0.0.0/25', '1.0.0.128/25'],
      },
    ],
    [
      'an owned rule is merged with a new one',
      {
        own: ['1.0.0.0/25'],
        needed: ['1.0.0.128/25'],
        limit: 1,
        adds: ['1.0.0.0/24'],
        replaces: ['1.0.0.0/25'],
      },
    ],
    [
      'new rules are merged with each other',
      { needed: ['1.0.0.0/25', '1.0.0.128/25'], limit: 1, adds: ['1.0.0.0/24'] },
    ],
    [
      'owned rules with nothing to merge are not rewritten',
      {
        own: ['1.0.0.0/25', '1.0.0.128/25', '5.0.0.0/24'],
        needed: ['2.0.0.1'],
        limit: 3,
        adds: ['1.0.0.0/24', '2.0.0.1/32'],
        replaces: ['1.0.0.0/25', '1.0.0.128/25'],
      },
    ],
    [
      'foreign rules are not merged, however well they would fit',
      {
        foreign: ['1.0.0.0/25', '1.0.0.128/25'],
        needed: ['2.0.0.1'],
        limit: 2,
        adds: [],
        crowdedOut: ['2.0.0.1/32'],
      },
    ],
    [
      'duplicates and garbage take up rows too',
      {
        foreign: ['1.0.0.1', '1.0.0.1/32', '?'],
        needed: ['2.0.0.1'],
        limit: 3,
        adds: [],
        crowdedOut: ['2.0.0.1/32'],
      },
    ],
    [
      'two neighbouring addresses are not merged into a /31',
      { own: ['1.0.0.0/32'], needed: ['1.0.0.1'], limit: 1, adds: [], crowdedOut: ['1.0.0.1/32'] },
    ],
    [
      'the widest additions go first, and the rest is refused',
      {
        foreign: ['9.0.0.1'],
        needed: ['1.0.0.1', '3.0.0.0/24', '2.0.0.0/28'],
        limit: 3,
        adds: ['2.0.0.0/28', '3.0.0.0/24'],
        crowdedOut: ['1.0.0.1/32'],
      },
    ],
    [
      'additions that fit only together are taken together',
      {
        own: ['1.0.0.0/32', '1.0.0.3/32'],
        needed: ['1.0.0.1', '1.0.0.2'],
        limit: 2,
        adds: ['1.0.0.0/30'],
        replaces: ['1.0.0.0/32', '1.0.0.3/32'],
      },
    ],
    [
      'an addition that makes room is taken, and then one that did not fit before',
      {
        own: ['1.0.0.0/26', '1.0.0.128/25'],
        needed: ['5.0.0.0/24', '1.0.0.64/26'],
        limit: 2,
        adds: ['1.0.0.0/24', '5.0.0.0/24'],
        replaces: ['1.0.0.0/26', '1.0.0.128/25'],
      },
    ],
    [
      'a vault beyond the limit gets what merging makes room for',
      {
        foreign: ['9.0.0.1'],
        own: ['2.0.0.0/25', '2.0.0.128/25'],
        needed: ['3.0.0.1'],
        limit: 2,
        adds: [],
        crowdedOut: ['3.0.0.1/32'],
      },
    ],
    [
      'a vault beyond the limit with nothing needed is left alone',
      { foreign: ['1.0.0.1'], own: ['2.0.0.0/25', '2.0.0.128/25'], needed: [], limit: 2, adds: [] },
    ],
    [
      'a vault beyond the limit gets nothing, where merging does not bring it below',
      {
        foreign: ['1.0.0.1', '1.0.0.3'],
        own: ['2.0.0.0/25', '2.0.0.128/25'],
        needed: ['3.0.0.1'],
        limit: 3,
        adds: [],
        crowdedOut: ['3.0.0.1/32'],
      },
    ],
  ])('%s', (_, { foreign = [], own = [], needed, limit, adds, replaces = [], crowdedOut = [] }) => {
    const [theirs, ours] = [rulesOf(foreign), rulesOf(own)];
    const fit = fitAddresses([...theirs, ...ours], new Set(ours), [reader('la-one', needed)], limit);
    expect(added(fit)).toEqual(adds);
    expect(fit.replaced.map(({ text }) => text)).toEqual(replaces);
    expect(fit.crowdedOut.map(({ value }) => value)).toEqual(crowdedOut);
  });

  it('names the workflows of a merged rule and of a refused one', () => {
    const ours = rulesOf(['1.0.0.0/25']);
    const readers = [
      reader('la-one', ['1.0.0.0/25']),
      reader('la-two', ['1.0.0.128/25']),
      reader('la-three', ['9.9.9.9']),
    ];
    const fit = fitAddresses(ours, new Set(ours), readers, 1);
    expect(fit.added).toEqual([{ value: '1.0.0.0/24', workflowIds: ['la-one', 'la-two'].map(workflowId) }]);
    expect(fit.crowdedOut).toEqual([{ value: '9.9.9.9/32', workflowIds: [workflowId('la-three')] }]);
  });

  it('decides in good time on a full vault and thousands of needed addresses', () => {
    const ours = rulesOf(Array.from({ length: 1000 }, (_, i) => `20.${i >> 8}.${i & 255}.0/25`));
    const needed = Array.from({ length: 3000 }, (_, i) => `30.${i >> 8}.${i & 255}.7`);
    const fit = fitAddresses(ours, new Set(ours), [reader('la-one', needed)]);
    expect(fit.crowdedOut).toHaveLength(3000);
  }, 10_000);
});

describe('laws', () => {
  // A small space, so that blocks meet, hold each other and merge.
  const block = fc
    .tuple(fc.nat(63), fc.constantFrom(32, 32, 32, 31, 30, 29, 28))
    .map(([last, prefix]) => `20.0.0.${last}/${prefix}`);
  const values = fc.array(
    fc.oneof({ arbitrary: block, weight: 9 }, { arbitrary: fc.constant('?'), weight: 1 }),
    {
      maxLength: 10,
    },
  );
  const situation = fc.record({
    foreign: values,
    own: fc.uniqueArray(block, { maxLength: 10 }),
    needed: fc.array(block, { maxLength: 12 }),
    limit: fc.integer({ min: 0, max: 24 }),
  });
  const after = (rules: readonly IpRule[], fit: AddressFit): IpRule[] => [
    ...rules.filter((rule) => !fit.replaced.includes(rule)),
    ...rulesOf(added(fit)),
  ];
  const same = (a: readonly IpRange[], b: readonly IpRange[]): void => {
    expect(unionOf(a)).toEqual(unionOf(b));
  };

  it('the addresses afterwards are those before and the needed ones, less those refused', () => {
    fc.assert(
      fc.property(situation, ({ foreign, own, needed, limit }) => {
        const [theirs, ours] = [rulesOf(foreign), rulesOf(own)];
        const rules = [...theirs, ...ours];
        const fit = fitAddresses(rules, new Set(ours), [reader('la-one', needed)], limit);
        const refused = ranges(fit.crowdedOut.map(({ value }) => value));
        same(rangesOf(after(rules, fit)), [...rangesOf(rules), ...subtract(ranges(needed), refused)]);
        same(subtract(rangesOf(after(rules, fit)), refused), rangesOf(after(rules, fit)));
      }),
    );
  });

  it('no foreign rule is replaced, no /31 added, and the limit kept', () => {
    fc.assert(
      fc.property(situation, ({ foreign, own, needed, limit }) => {
        const [theirs, ours] = [rulesOf(foreign), rulesOf(own)];
        const rules = [...theirs, ...ours];
        const fit = fitAddresses(rules, new Set(ours), [reader('la-one', needed)], limit);
        expect(fit.replaced.every((rule) => ours.includes(rule))).toBe(true);
        expect(added(fit).filter((value) => value.endsWith('/31'))).toEqual([]);
        expect(after(rules, fit).length).toBeLessThanOrEqual(Math.max(limit, rules.length));
        if (added(fit).length > 0) expect(after(rules, fit).length).toBeLessThanOrEqual(limit);
        const lacking = subtract(ranges(needed), rangesOf(rules));
        if (cidrBlocks([...rangesOf(ours), ...lacking]).length + theirs.length <= limit) {
          expect(fit.crowdedOut).toEqual([]);
        }
      }),
    );
  });

  it('a second look, with the new rules owned or not yet, changes nothing more', () => {
    fc.assert(
      fc.property(situation, fc.boolean(), ({ foreign, own, needed, limit }, isLedgerWritten) => {
        const [theirs, ours] = [rulesOf(foreign), rulesOf(own)];
        const readers = [reader('la-one', needed)];
        const first = fitAddresses([...theirs, ...ours], new Set(ours), readers, limit);
        const staying = ours.filter((rule) => !first.replaced.includes(rule));
        const new_ = rulesOf(added(first));
        const second = fitAddresses(
          [...theirs, ...staying, ...new_],
          new Set(isLedgerWritten ? [...staying, ...new_] : staying),
          readers,
          limit,
        );
        expect(second).toMatchObject({ added: [], replaced: [], crowdedOut: first.crowdedOut });
      }),
    );
  });

  it('the order of readers and of their addresses does not matter', () => {
    fc.assert(
      fc.property(situation, ({ foreign, own, needed, limit }) => {
        const ours = rulesOf(own);
        const rules = [...rulesOf(foreign), ...ours];
        const readers = needed.map((value, i) => reader(`la-${i % 3}`, [value]));
        const one = fitAddresses(rules, new Set(ours), readers, limit);
        expect(fitAddresses(rules, new Set(ours), readers.toReversed(), limit)).toEqual(one);
      }),
    );
  });
});
