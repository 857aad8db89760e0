import { describe, expect, it } from 'vitest';
import { DEEDS, NOT_TOLD, type Abilities } from '../../src/dashboard/abilities.js';
import type {
  Finding,
  Mode,
  Posture,
  RemediatorId,
  Resource,
  Standing,
} from '../../src/dashboard/answers.js';
import type { Estate } from '../../src/dashboard/estate.js';
import { headlineOf } from '../../src/dashboard/headline.js';
import { REMEDIATOR_IDS } from '../../src/types/remediator-id.js';
import { takingBackReason } from '../../src/types/by-hand.js';
import { aRecord, vaultIdOf } from '../state/records.js';

const NOW = Date.parse('2026-11-26T12:00:00.000Z');
const all = <T>(items: readonly T[]) => ({ items, state: 'all', why: null }) as const;
const there = <T>(value: T) => ({ kind: 'there', value }) as const;

const SWEPT = '2026-11-26T11:00:00.000Z';

function posture(drifted: number, sweptAt: string | null = SWEPT, exempt = 0): Posture {
  const findings = { high: 0, medium: 0, low: 0 };
  const counts = { compliant: 3, drifted, exempt, refused: 0, findings };
  return {
    sweptAt,
    scopes: [
      { scope: '/subscriptions/x', resources: 3 + drifted, remediators: { 'vault-firewall': counts } },
    ],
  };
}

function policy(mode: Mode, others: Partial<Record<RemediatorId, Mode>> = {}): Estate['policy'] {
  const all = Object.fromEntries(REMEDIATOR_IDS.map((id) => [id, mode])) as Record<RemediatorId, Mode>;
  const modes = { ...all, ...others };
  return there({ scopes: ['/subscriptions/x'], modes, portal: null, signIn: null });
}

function resource(standing: Standing): Resource {
  const { resourceId, remediator } = aRecord();
  const findings = { high: 0, medium: 0, low: 0 };
  return { resourceId, kind: 'vault', remediators: { [remediator]: standing }, findings, accepted: 0 };
}

function finding(severity: Finding['severity']): Finding {
  const step = 'Take it out. Then look again.';
  return {
    id: 'a',
    resourceId: vaultIdOf('kv-one'),
    remediator: 'vault-firewall',
    severity,
    reason: 'wide',
    step,
    since: '2026-11-26T11:00:00.000Z',
  };
}

function estate(about: Partial<Estate> = {}): Estate {
  return {
    policy: policy('enforce'),
    posture: there(posture(0)),
    health: { kind: 'loading' },
    findings: all([]),
    records: all([]),
    resources: { items: [], state: 'loading', why: null },
    abilities: Object.fromEntries(DEEDS.map((deed) => [deed, NOT_TOLD])) as unknown as Abilities,
    ...about,
  };
}

const failed = <T>(items: readonly T[], why: string) => ({ items, state: 'failed', why }) as const;

const recent = { time: new Date(NOW - 60_000).toISOString(), armRequestId: 'arm', durationMs: 240 };

describe('headlineOf', () => {
  it.each<[string, Partial<Estate>, readonly [RegExp, RegExp, RegExp, string]]>([
    [
      'nothing is open and nothing happened',
      {},
      [
        /^Nothing had to be repaired/,
        /^Nothing\. All that Holdfast watches/,
        /^Nothing\. What drifts/,
        'good',
      ],
    ],
    [
      'something was repaired',
      { records: all([aRecord(recent)]) },
      [/^1 drift repaired in the last 24 hours\. Half of them within 240 ms/, /^Nothing/, /^Nothing/, 'good'],
    ],
    [
      'how long a repair took is unknown',
      { records: all([aRecord({ ...recent, armRequestId: null })]) },
      [/How long that took is unknown/, /^Nothing/, /^Nothing/, 'good'],
    ],
    [
      'somebody took a repair back by hand',
      {
        records: all([
          aRecord({
            ...recent,
            trigger: 'cli',
            edits: aRecord().edits.map((edit) => ({ ...edit, reason: takingBackReason('record-1') })),
          }),
        ]),
      },
      [/^Nothing had to be repaired/, /^Nothing/, /^Nothing/, 'good'],
    ],
    [
      'a repair is a day old',
      { records: all([aRecord({ ...recent, time: new Date(NOW - 90_000_000).toISOString() })]) },
      [/^Nothing had to be repaired/, /^Nothing/, /^Nothing/, 'good'],
    ],
    [
      'a finding is high',
      { findings: all([finding('high')]) },
      [/^Nothing/, /^1 finding \(1 high\)\.$/, /^kv-one, Vault firewall: Take it out\.$/, 'bad'],
    ],
    [
      'a finding is low',
      { findings: all([finding('low')]) },
      [/^Nothing/, /^1 finding \(1 low\)\.$/, /^kv-one/, 'wait'],
    ],
    [
      'a plan waits for approval',
      { policy: policy('approve'), records: all([aRecord({ ...recent, outcome: 'planned' })]) },
      [/^Nothing/, /^1 plan waiting for approval\.$/, /^Look at what waits for approval: 1 plan/, 'wait'],
    ],
    [
      'a plan waited, and was written since',
      {
        policy: policy('approve'),
        records: all([aRecord(recent), aRecord({ ...recent, outcome: 'planned' })]),
      },
      [/^1 drift repaired/, /^Nothing/, /^Nothing/, 'good'],
    ],
    [
      'all is audited and something has drifted',
      { policy: policy('audit'), posture: there(posture(2)) },
      [/^Nothing/, /^2 drifts not put right\.$/, /set HOLDFAST_MODE to enforce/, 'wait'],
    ],
    [
      'something has drifted, and how Holdfast is set is not known',
      { policy: { kind: 'failed', why: 'No policy.' }, posture: there(posture(1)) },
      [/^Nothing/, /^1 drift not put right\.$/, /How Holdfast is set cannot be told.*: No policy\.$/, 'wait'],
    ],
    [
      'nobody has looked yet',
      { posture: there({ sweptAt: null, scopes: [] }) },
      [/has not swept its scopes/, /^Nobody knows yet/, /HOLDFAST_SWEEP_SCHEDULE/, 'wait'],
    ],
    [
      'the key opens neither the findings nor the records',
      { findings: failed([], 'No findings.'), records: failed([], 'No records.') },
      [/^Cannot be told: No records\.$/, /^Cannot be told: No findings\.$/, /^See why/, 'wait'],
    ],
    [
      'the posture failed',
      { posture: { kind: 'failed', why: 'Storage is down.' }, findings: all([finding('low')]) },
      [
        /^Nothing had/,
        /^1 finding \(1 low\)\. The rest cannot be told: Storage is down\./,
        /^kv-one/,
        'wait',
      ],
    ],
    [
      'more was repaired in the day than has come',
      { records: { items: [aRecord(recent)], state: 'more', why: null } },
      [/^At least 1 drift repaired/, /^Nothing/, /^Nothing/, 'good'],
    ],
    [
      'no repair is among what has come of the day',
      { records: { items: [aRecord({ ...recent, outcome: 'planned' })], state: 'more', why: null } },
      [/^No repair is among the newest 1 record; older/, /^Nothing/, /^Nothing/, 'good'],
    ],
    [
      'a plan waited, and somebody else put it right',
      {
        policy: policy('approve'),
        records: all([aRecord({ ...recent, outcome: 'planned' })]),
        resources: all([resource('compliant')]),
      },
      [/^Nothing/, /^Nothing\. All/, /^Nothing/, 'good'],
    ],
    [
      'a plan waited, and its vault is gone',
      {
        policy: policy('approve'),
        records: all([aRecord({ ...recent, outcome: 'planned' })]),
        resources: all([]),
      },
      [/^Nothing/, /^Nothing\. All/, /^Nothing/, 'good'],
    ],
    [
      'one remediator is audited and something has drifted',
      { policy: policy('enforce', { 'vault-firewall': 'audit' }), posture: there(posture(2)) },
      [/^Nothing/, /^2 drifts not put right\.$/, /planned for Vault firewall.*HOLDFAST_REMEDIATORS/, 'wait'],
    ],
    [
      'something has drifted that the next sweep puts right',
      { posture: there(posture(1)) },
      [/^Nothing/, /^1 drift not put right\.$/, /^Wait for the next sweep/, 'wait'],
    ],
    [
      'nothing stands but what was allowed to',
      { posture: there(posture(0, SWEPT, 2)), resources: all([{ ...resource('exempt'), accepted: 1 }]) },
      [
        /^Nothing/,
        /^Nothing but what was allowed to stand: 2 drifts exempt, 1 finding accepted\.$/,
        /^Nothing/,
        'good',
      ],
    ],
    [
      'nothing is known to stand, and no sweep has seen everything',
      { posture: there(posture(0, null)), records: all([aRecord(recent)]) },
      [/^1 drift/, /^Nothing that is known yet/, /^Nothing/, 'wait'],
    ],
  ])('says so where %s', (_name, about, [happened, open, todo, tone]) => {
    const headline = headlineOf(estate(about), NOW);
    expect(headline?.happened).toMatch(happened);
    expect(headline?.open).toMatch(open);
    expect(headline?.todo[0]?.text).toMatch(todo);
    expect(headline?.tone).toBe(tone);
  });

  it.each<[string, Partial<Estate>]>([
    ['the posture', { posture: { kind: 'loading' } }],
    ['the findings', { findings: { items: [], state: 'loading', why: null } }],
    ['the first records', { records: { items: [], state: 'loading', why: null } }],
  ])('says nothing before %s have come', (_name, about) => {
    expect(headlineOf(estate(about), NOW)).toBeNull();
  });
});
