import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vaultFirewall } from '../../src/remediators/vault-firewall.js';
import { vaultLogicAppIps } from '../../src/remediators/vault-logic-app-ips.js';
import { vaultPurgeProtection } from '../../src/remediators/vault-purge-protection.js';
import type { Plan } from '../../src/remediators/remediator.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { VaultDocument, VaultObservation } from '../../src/types/observation.js';
import { subtract, unionOf, type IpRange } from '../../src/vault/ip-range.js';
import { readRanges } from '../../src/vault/needed-addresses.js';
import { rangesOf, readIpRule, readNetworkRules } from '../../src/vault/network-rules.js';
import { ageOwnedRules, ownAfterWrite } from '../../src/vault/rule-ledger.js';
import { acls, observe, owned, reader, SUBNET, workflowId } from './vault-observation.js';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const FULL = Array.from({ length: 994 }, (_, i): Json => ({ value: `30.0.${i >> 8}.${i & 255}/32` }));

interface Chained {
  readonly vault: VaultDocument;
  readonly edits: readonly Edit[];
  readonly addressPlan: Plan;
  readonly firewallPlan: Plan;
}

/** Asks the three in order, each seeing the earlier ones' edits, as one write of the vault folds them. */
function chain(observation: VaultObservation): Chained {
  const purgeEdits = vaultPurgeProtection.plan(observation).edits;
  const protectedVault = applyEdits(observation.vault, purgeEdits);
  const firewallPlan = vaultFirewall.plan({ ...observation, vault: protectedVault });
  const shutVault = applyEdits(protectedVault, firewallPlan.edits);
  const addressPlan = vaultLogicAppIps.plan({ ...observation, vault: shutVault });
  return {
    vault: applyEdits(shutVault, addressPlan.edits),
    edits: [...purgeEdits, ...firewallPlan.edits, ...addressPlan.edits],
    addressPlan,
    firewallPlan,
  };
}

const block = fc
  .tuple(fc.nat(63), fc.constantFrom(32, 32, 32, 31, 30, 29, 28))
  .map(([last, prefix]) => `20.0.0.${last - (last % 2 ** (32 - prefix))}/${prefix}`);
const rule = fc.oneof(
  { arbitrary: block.map((value): Json => ({ value })), weight: 6 },
  {
    arbitrary: fc.constantFrom<Json>({ value: '20.0.0.1' }, { value: '?' }, null, {
      value: '20.0.0.9/32',
      by: 'x',
    }),
    weight: 1,
  },
);
const subnets = fc.subarray<Json>([{ id: `${SUBNET}/a` }, { id: `${SUBNET}/b`, x: 1 }]);

/** A vault with rules of its own and of others, near the limit or not, open or shut, known before or not. */
const situation = fc
  .record({
    defaultAction: fc.constantFrom('Allow', 'Deny'),
    isNearlyFull: fc.boolean(),
    foreign: fc.array(rule, { maxLength: 8 }),
    own: fc.uniqueArray(block, { maxLength: 6 }),
    wiped: fc.boolean(),
    subnets,
    known: fc.option(fc.record({ ipRules: fc.array(rule, { maxLength: 4 }), virtualNetworkRules: subnets })),
    needed: fc.array(fc.tuple(fc.nat(2), block), { maxLength: 10 }),
    released: fc.array(fc.nat(5), { maxLength: 3 }),
  })
  .map((s) => {
    const others = s.isNearlyFull ? [...FULL, ...s.foreign] : s.foreign;
    const ours = s.own.map((value): Json => ({ value }));
    // No foreign rule spells an owned one here: that pair has rows of its own in the tables.
    const foreign = others.filter((json) => !s.own.includes(readIpRule(json).text ?? ''));
    const networkAcls: JsonObject = {
      defaultAction: s.defaultAction,
      ipRules: s.wiped ? foreign : [...foreign, ...ours],
      virtualNetworkRules: s.subnets,
    };
    const known = s.known && {
      ...s.known,
      ipRules: [...s.known.ipRules.filter((json) => !s.own.includes(readIpRule(json).text ?? '')), ...ours],
    };
    return {
      foreign,
      observation: observe(networkAcls, {
        readers: s.needed.map(([i, value]) => reader(`la-${i}`, [value])),
        ownedRules: s.own.map((value) => owned(value, ['la-0'])),
        releasedRules: s.released.map((i) => s.own[i]).filter((value) => value !== undefined),
        knownGood:
          known === null
            ? null
            : { seenAt: NOW.toISOString(), networkAcls: { defaultAction: 'Deny', ...known } },
      }),
    };
  });

function countOf(members: readonly Json[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const member of members) {
    const text = JSON.stringify(member);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

const rangesIn = (vault: VaultDocument): readonly IpRange[] =>
  rangesOf(readNetworkRules(vault)?.ipRules ?? []);
const valuesOf = (edits: readonly Edit[]): string[] =>
  edits.map((edit) => readIpRule(edit.op === 'remove' ? edit.before : edit.after).text ?? '');
const ipEdits = (edits: readonly Edit[], op: Edit['op']): readonly Edit[] =>
  edits.filter((edit) => edit.op === op && edit.path.endsWith('/ipRules'));

describe('the three remediators of a vault, one after the other', () => {
  it('leave nothing more to plan, whether or not the ledger was written after them', () => {
    fc.assert(
      fc.property(situation, ({ observation }) => {
        const { vault, edits, addressPlan } = chain(observation);
        const left = new Set(readNetworkRules(vault)?.ipRules.map(({ text }) => text));
        const hasTwin = valuesOf(ipEdits(edits, 'remove')).some((value) => left.has(value));
        // With an equal foreign rule left behind, only the ledger knows that ours is gone.
        if (!hasTwin) expect(chain({ ...observation, vault }).edits).toEqual([]);
        const written = ownAfterWrite(
          observation.ownedRules,
          addressPlan.edits,
          vault,
          observation.readers,
          NOW,
        );
        const ownedRules = ageOwnedRules(written, vault, observation.readers, NOW);
        expect(chain({ ...observation, vault, ownedRules }).edits).toEqual([]);
      }),
    );
  });

  it('never remove or rewrite a foreign rule, nor change a subnet', () => {
    fc.assert(
      fc.property(situation, ({ foreign, observation }) => {
        const { vault, edits } = chain(observation);
        const rules = readNetworkRules(vault);
        const values = observation.ownedRules.map(({ value }) => value);
        const after = countOf(rules?.ipRules.map(({ json }) => json) ?? []);
        const lost = [...countOf(foreign)].filter(([json, count]) => (after.get(json) ?? 0) < count);
        expect(lost).toEqual([]);
        expect(valuesOf(ipEdits(edits, 'remove')).filter((value) => !values.includes(value))).toEqual([]);
        const before = readNetworkRules(observation.vault)?.vnetRules ?? [];
        expect(rules?.vnetRules.slice(0, before.length)).toEqual(before);
      }),
    );
  });

  it('leave exactly the addresses from before, those restored and those needed, less the retired and refused', () => {
    fc.assert(
      fc.property(situation, ({ observation }) => {
        const { vault, addressPlan, firewallPlan } = chain(observation);
        const restored = readRanges(valuesOf(ipEdits(firewallPlan.edits, 'add')));
        const refused = readRanges(addressPlan.refusals.flatMap(({ edits }) => valuesOf(edits)));
        const needed = readRanges(observation.readers.flatMap(({ addresses }) => addresses));
        const retiring = addressPlan.edits.filter(({ reason }) => reason.includes('no Logic App has needed'));
        const retired = readRanges(valuesOf(retiring));
        expect(subtract(retired, needed)).toEqual(unionOf(retired));

        const most = [...rangesIn(observation.vault), ...restored, ...subtract(needed, refused)];
        const least = subtract(most, retired);
        expect(subtract(rangesIn(vault), most)).toEqual([]);
        expect(subtract(least, rangesIn(vault))).toEqual([]);
      }),
    );
  });

  it('write no /31 that was not there before, and no rule past 1000', () => {
    fc.assert(
      fc.property(situation, ({ observation }) => {
        const { vault, addressPlan } = chain(observation);
        expect(
          valuesOf(addressPlan.edits.filter(({ op }) => op === 'add')).filter((value) =>
            value.endsWith('/31'),
          ),
        ).toEqual([]);
        const count = (of: VaultDocument): number => readNetworkRules(of)?.ipRules.length ?? 0;
        expect(count(vault)).toBeLessThanOrEqual(Math.max(1000, count(observation.vault)));
      }),
    );
  });

  const path = '/properties/networkAcls/defaultAction';
  const open: Edit = { op: 'set', path, before: null, after: 'Allow', reason: '' };
  it('never shut a vault that was never shut before without its Logic Apps’ addresses', () => {
    fc.assert(
      fc.property(situation, ({ observation }) => {
        const vault = applyEdits(observation.vault, [open]);
        const after = readNetworkRules(chain({ ...observation, vault, knownGood: null }).vault);
        fc.pre(after?.isShut === true);
        const needed = readRanges(observation.readers.flatMap(({ addresses }) => addresses));
        expect(subtract(needed, rangesOf(after.ipRules))).toEqual([]);
      }),
    );
  });

  it('bring wiped rules, the Logic Apps’ addresses and the Deny into one write', () => {
    const observation = observe(
      { ...acls('Allow'), bypass: null },
      {
        readers: [reader('la-one', ['52.174.88.118', '13.69.64.208/28'])],
        ownedRules: [owned('13.69.64.208/28')],
        knownGood: {
          seenAt: NOW.toISOString(),
          networkAcls: acls('Deny', '203.0.113.0/24', '13.69.64.208/28'),
        },
      },
    );
    const { vault, addressPlan } = chain(observation);
    expect(vault.properties).toMatchObject({
      enableSoftDelete: true,
      enablePurgeProtection: true,
      networkAcls: acls('Deny', '203.0.113.0/24', '13.69.64.208/28', '52.174.88.118/32'),
    });
    expect(
      ownAfterWrite(observation.ownedRules, addressPlan.edits, vault, observation.readers, NOW),
    ).toMatchObject([
      { value: '13.69.64.208/28' },
      { value: '52.174.88.118/32', workflowIds: [workflowId('la-one')] },
    ]);
  });
});
