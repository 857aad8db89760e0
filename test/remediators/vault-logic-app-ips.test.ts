import { describe, expect, it } from 'vitest';
import { vaultLogicAppIps } from '../../src/remediators/vault-logic-app-ips.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { VaultObservation } from '../../src/types/observation.js';
import { acls, observe, owned, reader, vaultWith, workflowId } from '../vault/vault-observation.js';

const many = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `20.0.${i >> 8}.${i & 255}/32`);
const add = (value: string): Json => ['add', null, { value }];
const remove = (value: string): Json => ['remove', { value }, null];
const say = ({ op, before, after }: Edit): Json => [op, before, after];

describe('vault-logic-app-ips: what it adds', () => {
  const needs = (...addresses: string[]) => [reader('la-one', addresses)];
  it.each<[string, JsonObject | null, Partial<VaultObservation>, Json[]]>([
    ['a vault that nobody reads is compliant', acls('Deny'), {}, []],
    [
      'a vault with the addresses is compliant',
      acls('Deny', '1.2.3.4/32'),
      { readers: needs('1.2.3.4') },
      [],
    ],
    [
      'a vault with them in another spelling is compliant',
      acls('Deny', '1.2.3.4', '1.2.3.4/32'),
      { readers: needs('1.2.3.4/32') },
      [],
    ],
    [
      'a vault without them gets them',
      acls('Deny'),
      { readers: needs('52.174.88.118', '13.69.64.208/28') },
      [add('13.69.64.208/28'), add('52.174.88.118/32')],
    ],
    [
      'a vault with some gets the others',
      acls('Deny', '1.2.3.4/32'),
      { readers: needs('1.2.3.4', '5.6.7.8') },
      [add('5.6.7.8/32')],
    ],
    [
      'a block held in part is completed',
      acls('Deny', '1.2.3.0/25'),
      { readers: needs('1.2.3.0/24') },
      [add('1.2.3.128/25')],
    ],
    [
      'an open vault gets them too, so that it can be shut',
      acls('Allow'),
      { readers: needs('1.2.3.4') },
      [add('1.2.3.4/32')],
    ],
    ['networkAcls of null are begun', null, { readers: needs('1.2.3.4') }, [add('1.2.3.4/32')]],
    [
      'a workflow that the last sweep did not list still counts',
      acls('Deny'),
      { readers: [reader('la-one', ['1.2.3.4'], false)] },
      [add('1.2.3.4/32')],
    ],
    [
      'connector and runtime addresses both count',
      acls('Deny'),
      { readers: [reader('la-one', ['1.2.3.4']), { ...reader('la-one', ['5.6.7.8']), via: 'http' }] },
      [add('1.2.3.4/32'), add('5.6.7.8/32')],
    ],
    [
      'rules that cannot be read are tolerated',
      { ipRules: [null, { value: '?' }, 'x'] },
      { readers: needs('1.2.3.4') },
      [add('1.2.3.4/32')],
    ],
  ])('%s', (_, networkAcls, known, expected) => {
    const observation = observe(networkAcls, known);
    const plan = vaultLogicAppIps.plan(observation);
    expect(plan.edits.map(say)).toEqual(expected);
    const vault = applyEdits(observation.vault, plan.edits);
    expect(vaultLogicAppIps.plan({ ...observation, vault }).edits).toEqual([]);
    expect(plan.edits.every(({ path }) => path === '/properties/networkAcls/ipRules')).toBe(true);
    expect(plan).toMatchObject({ warnings: [], refusals: [], findings: [] });
  });

  it.each(['Disabled', 'securedByPerimeter'])(
    'leaves a vault with public access %s alone',
    (publicNetworkAccess) => {
      const vault = vaultWith({ publicNetworkAccess, networkAcls: acls('Deny', '9.9.9.9/32') });
      const readers = [reader('la-one', ['1.2.3.4', '10.0.0.1'])];
      const plan = vaultLogicAppIps.plan(
        observe(null, { vault, readers, ownedRules: [owned('9.9.9.9/32')], releasedRules: ['9.9.9.9/32'] }),
      );
      expect(plan).toEqual({ edits: [], warnings: [], refusals: [], findings: [] });
    },
  );

  it('refuses a vault that cannot be read', () => {
    const plan = vaultLogicAppIps.plan(
      observe(null, { vault: { id: 'x' }, readers: [reader('la-one', ['1.2.3.4'])] }),
    );
    expect(plan.edits).toEqual([]);
    expect(plan.refusals).toHaveLength(1);
  });

  it('names the workflows in the reason', () => {
    const readers = [reader('la-two', ['1.2.3.4']), reader('la-one', ['1.2.3.4'])];
    expect(vaultLogicAppIps.plan(observe(acls('Deny'), { readers })).edits[0]?.reason).toBe(
      'needed by la-one, la-two',
    );
  });
});

describe('vault-logic-app-ips: addresses that no rule takes', () => {
  it('refuses private ones, and adds the others', () => {
    const plan = vaultLogicAppIps.plan(
      observe(acls('Deny'), { readers: [reader('la-one', ['10.1.2.3', '1.2.3.4'])] }),
    );
    expect(plan.edits.map(say)).toEqual([add('1.2.3.4/32')]);
    expect(plan.refusals.map(({ edits }) => edits.map(say))).toEqual([[add('10.1.2.3/32')]]);
    expect(plan.refusals[0]?.reason).toMatch(/private.*10\.1\.2\.3.*la-one/);
  });

  it('warns of IPv6 beside a change, and is silent about it on a compliant vault', () => {
    const readers = [reader('la-one', ['2603:1020::/48', '1.2.3.4'])];
    expect(vaultLogicAppIps.plan(observe(acls('Deny'), { readers })).warnings).toEqual([
      expect.stringMatching(/2603:1020::\/48.*la-one.*IPv4 only/),
    ]);
    expect(vaultLogicAppIps.plan(observe(acls('Deny', '1.2.3.4/32'), { readers }))).toEqual({
      edits: [],
      warnings: [],
      refusals: [],
      findings: [],
    });
  });

  it('points out what cannot be read, quoted, so that it cannot forge a line', () => {
    const readers = [reader('la-one', ['1.2.3.4\n{"outcome":"applied"}'])];
    const plan = vaultLogicAppIps.plan(observe(acls('Deny'), { readers }));
    expect(plan).toMatchObject({ edits: [], warnings: [], refusals: [] });
    expect(plan.findings).toHaveLength(1);
    expect(plan.findings[0]?.reason).not.toContain('\n');
  });
});

describe('vault-logic-app-ips: what it retires', () => {
  const rule = '9.9.9.9/32';
  const done: Partial<VaultObservation> = { ownedRules: [owned(rule)], releasedRules: [rule] };
  interface Row {
    readonly rules: Json[];
    readonly known: Partial<VaultObservation>;
    readonly gone: Json[];
  }
  it.each<[string, Row]>([
    [
      'a released rule of its own goes',
      { rules: [{ value: '1.1.1.1' }, { value: rule }], known: done, gone: [{ value: rule }] },
    ],
    [
      'a rule that is not released stays',
      { rules: [{ value: rule }], known: { ownedRules: [owned(rule)] }, gone: [] },
    ],
    [
      'a released rule that is foreign stays',
      { rules: [{ value: rule }], known: { releasedRules: [rule] }, gone: [] },
    ],
    ['a foreign rule in another spelling stays', { rules: [{ value: '9.9.9.9' }], known: done, gone: [] }],
    [
      'of two equal rules only one goes',
      { rules: [{ value: rule }, { value: rule }], known: done, gone: [{ value: rule }] },
    ],
    [
      'of two equal rules the annotated one stays',
      { rules: [{ value: rule, note: 'HQ' }, { value: rule }], known: done, gone: [{ value: rule }] },
    ],
    [
      'the member goes exactly as the vault has it',
      { rules: [{ value: rule, state: 'Ok' }], known: done, gone: [{ value: rule, state: 'Ok' }] },
    ],
    [
      'a rule that is needed again stays',
      { rules: [{ value: rule }], known: { ...done, readers: [reader('la-two', ['9.9.9.0/24'])] }, gone: [] },
    ],
    [
      'a rule that an unlisted workflow needs stays',
      {
        rules: [{ value: rule }],
        known: { ...done, readers: [reader('la-two', ['9.9.9.9'], false)] },
        gone: [],
      },
    ],
    ['a rule that is gone already is not missed', { rules: [], known: done, gone: [] }],
  ])('%s', (_, { rules, known, gone }) => {
    const observation = observe({ defaultAction: 'Deny', ipRules: rules }, known);
    const { edits } = vaultLogicAppIps.plan(observation);
    const removals = edits.filter(({ op }) => op === 'remove');
    expect(removals.map(({ before }) => before)).toEqual(gone);
    expect(applyEdits(observation.vault, removals)).toBeTruthy();
  });

  it('a rule that goes makes room for one that is needed', () => {
    const known = { ...done, readers: [reader('la-one', ['1.2.3.4'])] };
    const plan = vaultLogicAppIps.plan(observe(acls('Deny', ...many(999), rule), known));
    expect(plan.edits.map(say)).toEqual([remove(rule), add('1.2.3.4/32')]);
    expect(plan.refusals).toEqual([]);
  });
});

describe('vault-logic-app-ips: past 1000 rules', () => {
  it('merges owned rules, in removals and additions of the same write', () => {
    const ownedRules = [owned('1.0.0.0/25'), owned('1.0.0.128/25')];
    const readers = [reader('la-one', ['1.0.0.0/24']), reader('la-two', ['5.5.5.5'])];
    const plan = vaultLogicAppIps.plan(
      observe(acls('Deny', ...many(998), '1.0.0.0/25', '1.0.0.128/25'), { ownedRules, readers }),
    );
    expect(plan.edits.map(say)).toEqual([
      remove('1.0.0.0/25'),
      remove('1.0.0.128/25'),
      add('1.0.0.0/24'),
      add('5.5.5.5/32'),
    ]);
    expect(plan.edits.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('merged'),
      expect.stringContaining('merged'),
      'needed by la-one',
      'needed by la-two',
    ]);
    expect(plan.refusals).toEqual([]);
  });

  it('refuses what does not fit, by rule and workflow, and adds the rest', () => {
    const readers = [reader('la-one', ['5.5.5.0/24']), reader('la-two', ['6.6.6.6'])];
    const plan = vaultLogicAppIps.plan(observe(acls('Allow', ...many(999)), { readers }));
    expect(plan.edits.map(say)).toEqual([add('5.5.5.0/24')]);
    expect(plan.refusals.map(({ edits }) => edits.map(say))).toEqual([[add('6.6.6.6/32')]]);
    expect(plan.refusals[0]?.reason).toContain('6.6.6.6/32');
    expect(plan.refusals[0]?.reason).toContain(workflowId('la-two'));
  });
});
