import { describe, expect, it, test } from 'vitest';
import { workflowSecretExposure } from '../../src/remediators/workflow-secret-exposure.js';
import type { SecretExposure } from '../../src/types/observation.js';
import { observeWorkflow } from '../workflow/workflow-observation.js';
import { workflowOf } from '../workflow/workflow-of.js';

const exposure = (more: Partial<SecretExposure> = {}): SecretExposure => ({
  action: 'Get_secret',
  pointer: '/properties/definition/actions/Get_secret',
  vaultName: 'payments',
  secretName: 'db-password',
  openSince: '2026-02-01T00:00:00.000Z',
  repairedAt: null,
  runs: null,
  ...more,
});
const planOf = (...exposures: readonly SecretExposure[]) =>
  workflowSecretExposure.plan(observeWorkflow(workflowOf({}), { exposures }));
const repairedAt = '2026-03-01T00:00:00.000Z';
const none = { count: 0, isAtLeast: false, first: null };
const some = { count: 12, isAtLeast: false, first: '2026-02-02T00:00:00Z' };

describe('workflow-secret-exposure', () => {
  /** What the reason says, and what the step says; null for no finding. */
  const rows: readonly (readonly [string, SecretExposure, readonly string[] | null, readonly string[]])[] = [
    [
      'drifted: open, not counted yet',
      exposure(),
      [
        '"Get_secret"',
        'the secret "db-password" of the vault payments',
        'not counted yet',
        '2026-02-01',
        'still stands open',
      ],
      ['workflow-secure-outputs', 'Rotate'],
    ],
    [
      'open and counted',
      exposure({ runs: some }),
      ['12 runs (the first at 2026-02-02T00:00:00Z)'],
      ['Rotate'],
    ],
    [
      'open, and no run so far: the next one may be under way',
      exposure({ runs: none }),
      ['0 runs'],
      ['Rotate'],
    ],
    [
      'repaired: to be rotated and confirmed',
      exposure({ repairedAt, runs: some }),
      [`until it was seen shut at ${repairedAt}`],
      ['Rotate', `newer than ${repairedAt}`, 'POST /api/findings/accept'],
    ],
    [
      'repaired, not counted yet',
      exposure({ repairedAt }),
      ['not counted yet'],
      ['POST /api/findings/accept'],
    ],
    [
      'more runs than were counted',
      exposure({ runs: { ...some, isAtLeast: true } }),
      ['at least 12 runs'],
      [],
    ],
    ['one run', exposure({ runs: { ...some, count: 1 } }), ['1 run ('], []],
    ['compliant: repaired, and no run wrote anything', exposure({ repairedAt, runs: none }), null, []],
    [
      'half-known: none counted, but there may be more',
      exposure({ repairedAt, runs: { ...none, isAtLeast: true } }),
      ['at least 0 runs'],
      [],
    ],
    [
      'unexpected: a secret whose name is not known',
      exposure({ secretName: null }),
      ['what it reads of the vault payments'],
      [],
    ],
    [
      'unexpected: a vault that is not known',
      exposure({ vaultName: null }),
      ['of a vault that cannot be told'],
      [],
    ],
  ];
  test.each(rows)('%s', (_, observed, reason, step) => {
    const { findings, ...rest } = planOf(observed);
    expect(rest).toEqual({ edits: [], refusals: [], warnings: [] });
    expect(findings.map(({ severity }) => severity)).toEqual(reason === null ? [] : ['high']);
    for (const part of reason ?? []) expect(findings[0]?.reason).toContain(part);
    for (const part of step) expect(findings[0]?.step).toContain(part);
  });

  it('compliant: nothing has stood open', () => {
    expect(planOf().findings).toEqual([]);
  });

  it('is the same finding while it is open, counted or not, and another once it is repaired', () => {
    const states = [exposure(), exposure({ runs: some }), exposure({ repairedAt, runs: some })];
    expect(states.map((state) => planOf(state).findings[0]?.about)).toEqual(
      ['open', 'open', repairedAt].map((state) => `exposure:payments/db-password:Get_secret:${state}`),
    );
  });

  it('tells exposures apart', () => {
    const { findings } = planOf(
      exposure(),
      exposure({ secretName: 'other' }),
      exposure({ action: 'B', secretName: null }),
    );
    expect(findings.map(({ about }) => about)).toEqual([
      'exposure:payments/db-password:Get_secret:open',
      'exposure:payments/other:Get_secret:open',
      'exposure:payments/?:B:open',
    ]);
  });
});
