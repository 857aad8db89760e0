import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vaultFirewall } from '../../src/remediators/vault-firewall.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { AddressUpkeep, VaultObservation } from '../../src/types/observation.js';
import { acls, observe, owned, reader, SUBNET, vaultWith, workflowId } from '../vault/vault-observation.js';

const SEEN_AT = '2026-03-01T12:00:00.000Z';
const knownGood = (networkAcls: JsonObject) => ({ seenAt: SEEN_AT, networkAcls });
const absent: AddressUpkeep = { kind: 'absent', why: 'the vault is exempt from vault-logic-app-ips' };
const many = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `20.0.${i >> 8}.${i & 255}/32`);
const say = ({ op, path, before, after }: Edit): Json => [
  op,
  path.split('/').slice(2).join('/'),
  before,
  after,
];
const deny = (before: Json): Json => ['set', 'networkAcls/defaultAction', before, 'Deny'];
const bypass = (after: Json): Json => ['set', 'networkAcls/bypass', null, after];
const back = (value: string): Json => ['add', 'networkAcls/ipRules', null, { value }];

describe('vault-firewall: what it shuts', () => {
  it.each<[string, JsonObject, Json[]]>([
    ['a shut vault is compliant', { networkAcls: acls('Deny', '1.2.3.4/32') }, []],
    ['a shut vault in another case is compliant', { networkAcls: { defaultAction: 'deny' } }, []],
    ['an open vault is shut', { networkAcls: acls('Allow') }, [deny('Allow')]],
    ['an open vault in another case is shut', { networkAcls: acls('ALLOW') }, [deny('ALLOW')]],
    [
      'a vault with rules but no default action is shut',
      { networkAcls: { bypass: 'None', ipRules: [] } },
      [deny(null)],
    ],
    [
      'a vault without networkAcls is shut, as Azure would let its services by',
      {},
      [deny(null), bypass('AzureServices')],
    ],
    [
      'a vault whose networkAcls is null is shut',
      { networkAcls: null },
      [deny(null), bypass('AzureServices')],
    ],
    [
      'a bypass of null is set',
      { networkAcls: { defaultAction: 'Allow', bypass: null } },
      [deny('Allow'), bypass('AzureServices')],
    ],
    [
      'a vault with public access disabled is left alone',
      { publicNetworkAccess: 'disabled', networkAcls: acls('Allow') },
      [],
    ],
    ['a vault in a perimeter is left alone', { publicNetworkAccess: 'SecuredByPerimeter' }, []],
    [
      'a vault with public access enabled is shut',
      { publicNetworkAccess: 'Enabled', networkAcls: acls('Allow') },
      [deny('Allow')],
    ],
  ])('%s', (_, properties, expected) => {
    const plan = vaultFirewall.plan(observe(null, { vault: vaultWith(properties) }));
    expect(plan.edits.map(say)).toEqual(expected);
    expect(plan).toMatchObject({ refusals: [], findings: [] });
  });

  it.each<[string, JsonObject]>([
    ['without properties', { id: 'x' }],
    ['with networkAcls of a text', { properties: { networkAcls: 'Allow' } }],
    ['with ipRules of an object', { properties: { networkAcls: { ipRules: {} } } }],
  ])('a vault %s cannot be read and is refused', (_, vault) => {
    const plan = vaultFirewall.plan(observe(null, { vault }));
    expect(plan.edits).toEqual([]);
    expect(plan.refusals).toMatchObject([{ edits: [] }]);
  });
});

describe('vault-firewall: what comes back', () => {
  interface Row {
    readonly now: JsonObject | null;
    readonly known: JsonObject;
    readonly more?: Partial<VaultObservation>;
    readonly edits: Json[];
    readonly warnings: RegExp[];
  }
  it.each<[string, Row]>([
    [
      'wiped rules come back, each with a warning of when it was seen',
      {
        now: acls('Allow'),
        known: acls('Deny', '1.2.3.4/32', '5.0.0.0/24'),
        edits: [deny('Allow'), back('1.2.3.4/32'), back('5.0.0.0/24')],
        warnings: [
          /1\.2\.3\.4\/32 comes back.*2026-03-01T12:00:00/,
          /5\.0\.0\.0\/24 comes back.*2026-03-01T12/,
        ],
      },
    ],
    [
      'everything comes back into networkAcls of null, with the bypass of then',
      {
        now: null,
        known: { ...acls('Deny', '1.2.3.4/32'), bypass: 'None' },
        edits: [deny(null), bypass('None'), back('1.2.3.4/32')],
        warnings: [/1\.2\.3\.4\/32 comes back/],
      },
    ],
    [
      'a subnet comes back as it was',
      {
        now: acls('Allow'),
        known: {
          ...acls('Deny'),
          virtualNetworkRules: [{ id: `${SUBNET}/one`, ignoreMissingVnetServiceEndpoint: false }],
        },
        edits: [
          deny('Allow'),
          [
            'add',
            'networkAcls/virtualNetworkRules',
            null,
            { id: `${SUBNET}/one`, ignoreMissingVnetServiceEndpoint: false },
          ],
        ],
        warnings: [/subnets\/one comes back/],
      },
    ],
    [
      'rules that are still there are left as they are',
      {
        now: acls('Allow', '1.2.3.4'),
        known: acls('Deny', '1.2.3.4/32'),
        edits: [deny('Allow')],
        warnings: [],
      },
    ],
    [
      'a rule that came in is kept, and may be an intruder’s',
      {
        now: acls('Allow', '6.6.6.6/32'),
        known: acls('Deny'),
        edits: [deny('Allow')],
        warnings: [/6\.6\.6\.6\/32 is not in the last known good.*intruder/],
      },
    ],
    [
      'a subnet that came in is kept, and may be an intruder’s',
      {
        now: { ...acls('Allow'), virtualNetworkRules: [{ id: `${SUBNET}/x` }] },
        known: acls('Deny'),
        edits: [deny('Allow')],
        warnings: [/subnets\/x is not in the last known good.*intruder/],
      },
    ],
    [
      'a rule that Holdfast added since is no intruder’s',
      {
        now: acls('Allow', '7.7.7.7/32'),
        known: acls('Deny'),
        more: { ownedRules: [owned('7.7.7.7/32')] },
        edits: [deny('Allow')],
        warnings: [],
      },
    ],
    [
      'a rule hidden by a newcomer stays away, and the record says so',
      {
        now: acls('Allow', '1.2.0.0/16'),
        known: acls('Deny', '1.2.3.4/32'),
        edits: [deny('Allow')],
        warnings: [/1\.2\.3\.4\/32.*does not come back/, /1\.2\.0\.0\/16 is not in the last known good/],
      },
    ],
    [
      'a bypass that was widened is kept, and the record says so',
      {
        now: acls('Allow'),
        known: { ...acls('Deny'), bypass: 'None' },
        edits: [deny('Allow')],
        warnings: [/bypass is AzureServices.*was None/],
      },
    ],
    [
      'an outlived rule of Holdfast’s stays away',
      {
        now: acls('Allow'),
        known: acls('Deny', '7.7.7.7/32'),
        more: { ownedRules: [owned('7.7.7.7/32')], releasedRules: ['7.7.7.7/32'] },
        edits: [deny('Allow')],
        warnings: [],
      },
    ],
    [
      'a rule that was let in for a while, and whose time is up, stays away',
      {
        now: acls('Allow'),
        known: acls('Deny', '7.7.7.7/32', '8.8.8.8/32'),
        more: {
          overdueRules: [
            {
              value: '7.7.7.7/32',
              until: '2026-01-02T00:00:00.000Z',
              addedAt: '2026-01-01T00:00:00.000Z',
              by: null,
            },
          ],
        },
        edits: [deny('Allow'), back('8.8.8.8/32')],
        warnings: [/8\.8\.8\.8\/32 comes back/],
      },
    ],
    [
      'a released rule that is needed again comes back',
      {
        now: acls('Allow'),
        known: acls('Deny', '7.7.7.7/32'),
        more: {
          ownedRules: [owned('7.7.7.7/32')],
          releasedRules: ['7.7.7.7/32'],
          readers: [reader('la-one', ['7.7.7.7'])],
        },
        edits: [deny('Allow'), back('7.7.7.7/32')],
        warnings: [/7\.7\.7\.7\/32 comes back/],
      },
    ],
    [
      'a last known good that cannot be read brings nothing back',
      { now: acls('Allow', '6.6.6.6/32'), known: { ipRules: 'x' }, edits: [deny('Allow')], warnings: [] },
    ],
  ])('%s', (_, { now, known, more = {}, edits, warnings }) => {
    const plan = vaultFirewall.plan(observe(now, { knownGood: knownGood(known), ...more }));
    expect(plan.edits.map(say)).toEqual(edits);
    expect(plan.warnings).toEqual(warnings.map((warning) => expect.stringMatching(warning) as unknown));
    expect(plan.refusals).toEqual([]);
  });

  it('rules taken out while the vault stays shut do not come back', () => {
    const plan = vaultFirewall.plan(
      observe(acls('Deny'), { knownGood: knownGood(acls('Deny', '1.2.3.4/32')) }),
    );
    expect(plan).toEqual({ edits: [], warnings: [], refusals: [], findings: [] });
  });

  it('what there is no room for is refused, and the vault is shut all the same', () => {
    const plan = vaultFirewall.plan(
      observe(acls('Allow', ...many(999)), {
        knownGood: knownGood(acls('Deny', '1.2.3.4/32', '5.6.7.8/32')),
      }),
    );
    expect(plan.edits.map(say)).toEqual([deny('Allow'), back('1.2.3.4/32')]);
    expect(plan.refusals.map(({ edits }) => edits.map(say))).toEqual([[back('5.6.7.8/32')]]);
    expect(plan.refusals[0]?.reason).toContain('5.6.7.8/32');
  });
});

describe('vault-firewall: who might be shut out', () => {
  it('a vault that was never shut gets a warning', () => {
    expect(vaultFirewall.plan(observe(acls('Allow'))).warnings).toEqual([
      expect.stringContaining('was never seen shut'),
    ]);
  });

  it('the warning names workflows whose vault cannot be told', () => {
    const unresolvedReaders = [workflowId('la-dark')];
    const { warnings } = vaultFirewall.plan(observe(acls('Allow'), { unresolvedReaders }));
    expect(warnings.join()).toContain(workflowId('la-dark'));
    const seen = observe(acls('Allow'), { unresolvedReaders, knownGood: knownGood(acls('Deny')) });
    expect(vaultFirewall.plan(seen).warnings).toEqual([]);
  });

  interface Row {
    readonly now: JsonObject;
    readonly known?: JsonObject;
    readonly addresses: string[];
    readonly upkeep?: AddressUpkeep;
    readonly refused: boolean;
  }
  it.each<[string, Row]>([
    [
      'needed addresses that come in the same write do not hold it up',
      { now: acls('Allow'), addresses: ['1.2.3.4'], refused: false },
    ],
    [
      'needed addresses that nobody adds are a reason to refuse',
      { now: acls('Allow'), addresses: ['1.2.3.4'], upkeep: absent, refused: true },
    ],
    [
      'so they are where the vault was seen shut before',
      { now: acls('Allow'), known: acls('Deny'), addresses: ['1.2.3.4'], upkeep: absent, refused: true },
    ],
    [
      'a part that nobody adds is enough to refuse',
      { now: acls('Allow', '1.2.3.0/25'), addresses: ['1.2.3.0/24'], upkeep: absent, refused: true },
    ],
    [
      'addresses in the rules need nobody to add them',
      { now: acls('Allow', '1.2.3.0/24'), addresses: ['1.2.3.4'], upkeep: absent, refused: false },
    ],
    [
      'addresses in rules that come back need nobody to add them',
      {
        now: acls('Allow'),
        known: acls('Deny', '1.2.3.0/24'),
        addresses: ['1.2.3.4'],
        upkeep: absent,
        refused: false,
      },
    ],
    [
      'a reader whose addresses Azure does not list is a reason to refuse on a vault never seen shut',
      { now: acls('Allow'), addresses: [], refused: true },
    ],
    [
      'a reader whose addresses Azure does not list is none on a vault seen shut before',
      { now: acls('Allow'), known: acls('Deny'), addresses: [], refused: false },
    ],
    [
      'addresses that do not fit are a reason to refuse on a vault never seen shut',
      { now: acls('Allow', ...many(1000)), addresses: ['1.2.3.4'], refused: true },
    ],
    [
      'addresses that do not fit are none on a vault seen shut before',
      { now: acls('Allow', ...many(1000)), known: acls('Deny'), addresses: ['1.2.3.4'], refused: false },
    ],
    [
      'addresses that do not fit and that nobody adds are one even so',
      {
        now: acls('Allow', ...many(1000)),
        known: acls('Deny'),
        addresses: ['1.2.3.4'],
        upkeep: absent,
        refused: true,
      },
    ],
    [
      'a private address is a reason to refuse on a vault never seen shut',
      { now: acls('Allow'), addresses: ['10.1.2.3'], refused: true },
    ],
    [
      'a private address is none on a vault seen shut before',
      { now: acls('Allow'), known: acls('Deny'), addresses: ['10.1.2.3'], refused: false },
    ],
    [
      'an IPv6 address beside those that can be let in is no reason to refuse',
      { now: acls('Allow'), addresses: ['2603:1020::1', '1.2.3.4'], refused: false },
    ],
    [
      'nothing but IPv6 addresses is a reason to refuse on a vault never seen shut',
      { now: acls('Allow'), addresses: ['2603:1020::1'], refused: true },
    ],
    [
      'an unreadable address is a reason to refuse on a vault never seen shut',
      { now: acls('Allow'), addresses: ['1.2.3.4', '13.69.64.208/33'], refused: true },
    ],
    [
      'an unreadable address is none on a vault seen shut before',
      { now: acls('Allow'), known: acls('Deny'), addresses: ['1.2.3.4', '?'], refused: false },
    ],
  ])('%s', (_, { now, known, addresses, upkeep = { kind: 'enforced' }, refused }) => {
    const plan = vaultFirewall.plan(
      observe(now, {
        knownGood: known === undefined ? null : knownGood(known),
        readers: [reader('la-one', addresses)],
        addressUpkeep: upkeep,
      }),
    );
    expect(plan.edits.length > 0).toBe(!refused);
    expect(plan.refusals.length > 0).toBe(refused);
    if (!refused) return;
    expect(plan.warnings).toEqual([]);
    expect(plan.refusals[0]?.edits[0]).toMatchObject({
      path: '/properties/networkAcls/defaultAction',
      after: 'Deny',
    });
    expect(plan.refusals[0]?.reason).toContain(workflowId('la-one'));
    if (upkeep.kind === 'absent') expect(plan.refusals[0]?.reason).toContain(upkeep.why);
  });
});

describe('vault-firewall: foreign rules that shut nothing', () => {
  const wide = acls('Deny', '0.0.0.0/1', '128.0.0.0/1', '20.0.0.0/16');
  it('are findings on a shut vault, and no reason for edits or warnings', () => {
    const plan = vaultFirewall.plan(observe(wide));
    expect(plan).toMatchObject({ edits: [], warnings: [], refusals: [] });
    expect(plan.findings.map(({ severity, reason }) => [severity, /rule (\S+)/.exec(reason)?.[1]])).toEqual([
      ['high', '0.0.0.0/1'],
      ['high', '128.0.0.0/1'],
    ]);
  });

  it('are findings and warnings on an open one, kept and restored ones alike', () => {
    const open = acls('Allow', '0.0.0.0/1');
    const plan = vaultFirewall.plan(
      observe(open, { knownGood: knownGood(acls('Deny', '0.0.0.0/1', '128.0.0.0/1')) }),
    );
    expect(plan.findings).toHaveLength(2);
    expect(plan.warnings.filter((warning) => warning.includes('wider than /16'))).toHaveLength(2);
  });

  it('are not findings where Holdfast wrote them', () => {
    expect(
      vaultFirewall.plan(observe(wide, { ownedRules: [owned('0.0.0.0/1'), owned('128.0.0.0/1')] })).findings,
    ).toEqual([]);
  });

  it('are nothing on a vault with public access disabled', () => {
    const vault = vaultWith({ publicNetworkAccess: 'Disabled', networkAcls: wide });
    expect(vaultFirewall.plan(observe(null, { vault })).findings).toEqual([]);
  });
});

describe('vault-firewall: callers of the last 30 days', () => {
  const WORKSPACE =
    '/subscriptions/s/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/logs';
  const caller = (address: string, lastSeen: string) => ({ address, caller: 'app-1', calls: 3, lastSeen });
  const plan = (count: number, known: Partial<VaultObservation> = {}) =>
    vaultFirewall.plan(
      observe(acls('Allow', '1.2.3.4/32'), {
        recentCallers: [
          caller('1.2.3.4', '2026-03-01T00:00:00Z'),
          ...Array.from({ length: count }, (_, i) =>
            caller(`9.9.9.${i}`, `2026-03-01T00:00:${String(i).padStart(2, '0')}Z`),
          ),
        ],
        ...known,
      }),
    );

  it('are named where no rule will let them in', () => {
    expect(plan(1).warnings.slice(1)).toEqual([
      '"app-1" called the vault from "9.9.9.0" 3 times in the last 30 days, last on 2026-03-01T00:00:00Z; no rule will let that address in.',
    ]);
    expect(plan(1).edits).not.toEqual([]);
  });

  it('are named up to twenty, the most recent first, and counted beyond', () => {
    const warnings = plan(25).warnings.slice(1);
    expect(warnings).toHaveLength(21);
    expect(warnings[0]).toContain('"9.9.9.24"');
    expect(warnings.at(-1)).toContain('5 more');
  });

  it('are not named on a vault that was seen shut before', () => {
    expect(plan(3, { knownGood: knownGood(acls('Deny', '1.2.3.4/32')) }).warnings).toEqual([]);
  });

  it.each([
    ['did not answer', WORKSPACE, null, true],
    ['named nobody', WORKSPACE, [], false],
    ['is none that was set', null, null, false],
  ])('are not known where the log %s: %s', (_name, logWorkspace, recentCallers, isUnknown) => {
    const said = plan(0, { logWorkspace, recentCallers }).warnings.join('\n');
    expect(said.includes('did not say who called the vault')).toBe(isUnknown);
    expect(said).toContain('never seen shut');
  });

  it('cannot break a line of the record', () => {
    const recentCallers = [{ address: 'a\nb', caller: 'c\nd', calls: 1, lastSeen: 'x' }];
    expect(plan(0, { recentCallers }).warnings.join()).not.toContain('\n');
  });
});

describe('vault-firewall: rules that came in while the vault stood open', () => {
  const subnets = { ...acls('Deny', '6.6.6.6/32'), virtualNetworkRules: [{ id: `${SUBNET}/X` }] };
  it.each<[string, JsonObject, string[], string[]]>([
    [
      'one that is still there',
      acls('Deny', '1.1.1.1/32', '6.6.6.6/32'),
      ['6.6.6.6/32'],
      ['rule:6.6.6.6/32'],
    ],
    ['one in another spelling', acls('Deny', '6.6.6.6'), ['6.6.6.6/32'], ['rule:6.6.6.6']],
    ['one that is gone', acls('Deny', '1.1.1.1/32'), ['6.6.6.6/32'], []],
    ['a subnet', subnets, [`${SUBNET}/x`], [`rule:${SUBNET}/x`.toLowerCase()]],
    ['one that is wide, too, is one finding', acls('Deny', '6.0.0.0/8'), ['6.0.0.0/8'], ['rule:6.0.0.0/8']],
    [
      'one beside a wide one',
      acls('Deny', '7.0.0.0/8', '6.6.6.6/32'),
      ['6.6.6.6/32'],
      ['rule:6.6.6.6/32', 'rule:7.0.0.0/8'],
    ],
    ['one while the vault is open still', acls('Allow', '6.6.6.6/32'), ['6.6.6.6/32'], []],
  ])('%s', (_, networkAcls, arrivedOpen, abouts) => {
    const { findings } = vaultFirewall.plan(observe(networkAcls, { arrivedOpen }));
    expect(findings.map(({ about }) => about)).toEqual(abouts);
    expect(findings.every(({ severity }) => severity === 'high')).toBe(true);
  });

  it('says both of one that is wide', () => {
    const { findings } = vaultFirewall.plan(
      observe(acls('Deny', '6.0.0.0/8'), { arrivedOpen: ['6.0.0.0/8'] }),
    );
    expect(findings[0]?.reason).toMatch(/came in while the vault stood open.*wider than \/16/);
  });
});

describe('vault-firewall: laws', () => {
  const rule = fc.oneof(
    fc
      .tuple(fc.nat(15), fc.constantFrom(30, 31, 32))
      .map(([n, bits]): Json => ({ value: `20.0.0.${n}/${bits}` })),
    fc.constantFrom<Json>({ value: '20.0.0.1' }, { value: '?' }, null, 7, {
      value: '20.0.0.1/32',
      note: 'HQ',
    }),
  );
  const subnet = fc.constantFrom<Json>(
    { id: `${SUBNET}/a` },
    { id: `${SUBNET}/A` },
    { id: `${SUBNET}/b`, x: 1 },
    {},
  );
  const network = (actions: string[]) =>
    fc.record(
      {
        defaultAction: fc.constantFrom(...actions),
        bypass: fc.constantFrom('None', 'AzureServices'),
        ipRules: fc.array(rule, { maxLength: 6 }),
        virtualNetworkRules: fc.array(subnet, { maxLength: 3 }),
        future: fc.constant<Json>({ kept: 12 }),
      },
      { requiredKeys: [] },
    );
  const situation = fc
    .tuple(
      fc.option(network(['Allow', 'allow', 'Deny', 'deny'])),
      fc.option(network(['Deny'])),
      fc.array(
        fc.nat(15).map((n) => `20.0.0.${n}`),
        { maxLength: 3 },
      ),
      fc.boolean(),
    )
    .map(([now, known, addresses, isKept]) =>
      observe(now as JsonObject | null, {
        knownGood: known === null ? null : knownGood(known as JsonObject),
        readers: [reader('la-one', addresses)],
        addressUpkeep: isKept ? { kind: 'enforced' } : absent,
      }),
    );

  it('a plan applied leaves nothing more to plan', () => {
    fc.assert(
      fc.property(situation, (observation) => {
        const { edits } = vaultFirewall.plan(observation);
        const vault = applyEdits(observation.vault, edits);
        expect(vaultFirewall.plan({ ...observation, vault }).edits).toEqual([]);
      }),
    );
  });

  it('only the default action, a missing bypass and missing rules are ever written', () => {
    fc.assert(
      fc.property(situation, (observation) => {
        const { edits } = vaultFirewall.plan(observation);
        const was = (observation.vault.properties as JsonObject).networkAcls as JsonObject | null;
        const is = (applyEdits(observation.vault, edits).properties as JsonObject)
          .networkAcls as JsonObject | null;
        const list = (value: Json | undefined): readonly Json[] => (value ?? []) as readonly Json[];
        for (const key of ['ipRules', 'virtualNetworkRules']) {
          const before = list(was?.[key]);
          expect(list(is?.[key]).slice(0, before.length)).toEqual(before);
        }
        if (was?.bypass !== undefined) expect(is?.bypass).toBe(was.bypass);
        expect(is?.future).toEqual(was?.future);
      }),
    );
  });
});
