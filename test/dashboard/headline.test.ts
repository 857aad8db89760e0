import { describe, expect, it } from 'vitest';
import { DEEDS, NOT_TOLD, type Abilities } from '../../src/dashboard/abilities.js';
import type { Finding, Mode, Posture, RemediatorId } from '../../src/dashboard/answers.js';
import type { Estate } from '../../src/dashboard/estate.js';
import { headlineOf } from '../../src/dashboard/headline.js';
import { REMEDIATOR_IDS } from '../../src/types/remediator-id.js';
import { aRecord, vaultIdOf } from '../state/records.js';

const NOW = Date.parse('2026-11-26T12:00:00.000Z');
const all = <T>(items: readonly T[]) => ({ items, state: 'all', why: null }) as const;
const there = <T>(value: T) => ({ kind: 'there', value }) as const;

function posture(drifted: number, sweptAt: string | null = '2026-11-26T11:00:00.000Z'): Posture {
  const findings = { high: 0, medium: 0, low: 0 };
  const counts = { compliant: 3, drifted, exempt: 0, refused: 0, findings };
  return {
    sweptAt,
    scopes: [
      { scope: '/subscriptions/x', resources: 3 + drifted, remediators: { 'vault-firewall': counts } },
    ],
  };
}

function policy(mode: Mode): Estate['policy'] {
  const modes = Object.fromEntries(REMEDIATOR_IDS.map((id) => [id, mode])) as Record<RemediatorId, Mode>;
  return there({ scopes: ['/subscriptions/x'], modes, portal: null, signIn: null });
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
    resources: all([]),
    abilities: Object.fromEntries(DEEDS.map((deed) => [deed, NOT_TOLD])) as unknown as Abilities,
    ...about,
  };
}

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
      'nobody has looked yet',
      { posture: there({ sweptAt: null, scopes: [] }) },
      [/has not swept its scopes/, /^Nobody knows yet/, /HOLDFAST_SWEEP_SCHEDULE/, 'wait'],
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
