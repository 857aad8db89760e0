import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PlannedRemediation, ResourcePlan } from '../../src/engine/plan-resource.js';
import type { ResourceStanding } from '../../src/engine/ports/standings.js';
import { noteStanding, standingFrom, standingOf } from '../../src/engine/standing.js';
import { COMPLIANT, type Finding, type Plan } from '../../src/remediators/remediator.js';
import type { Edit } from '../../src/types/edit.js';
import type { JsonObject } from '../../src/types/json.js';
import { NO_MEMORY } from '../../src/engine/ports/memory.js';
import { fakeWorld, vaultId, workflowId } from './fake-world.js';

/*
 * How a resource stands, by its plan.
 */

const NOW = new Date('2026-11-23T12:00:00.000Z');
const LATER = new Date('2026-11-24T12:00:00.000Z');

const edit: Edit = {
  op: 'set',
  path: '/properties/networkAcls/defaultAction',
  before: 'Allow',
  after: 'Deny',
  reason: 'open',
};
const finding = (change: Partial<Finding> = {}): Finding => ({
  severity: 'high',
  about: 'rule:0.0.0.0/1',
  reason: 'The rule 0.0.0.0/1 is wide.',
  step: 'Take it out.',
  ...change,
});
const refusal = { reason: 'There is no room.', edits: [edit] };

const planned = (
  plan: Partial<Plan>,
  disposition: PlannedRemediation['disposition'] = 'enforce',
  remediator: PlannedRemediation['remediator'] = 'vault-firewall',
): PlannedRemediation => ({ remediator, mode: 'enforce', disposition, plan: { ...COMPLIANT, ...plan } });

const planOf = (
  remediations: readonly PlannedRemediation[],
  findings: readonly Finding[] = [],
): ResourcePlan => ({
  remediations,
  findings,
});

const stand = (
  plan: ResourcePlan,
  before: ResourceStanding | null = null,
  now = NOW,
  id = vaultId(),
): ResourceStanding => standingFrom(plan, id, before, now);

describe('how a resource stands with a remediator', () => {
  test.each<[string, PlannedRemediation, string | undefined]>([
    ['nothing to do is compliant', planned({}), 'compliant'],
    ['a finding alone is compliant', planned({ findings: [finding()] }), 'compliant'],
    ['something to write is drifted', planned({ edits: [edit] }), 'drifted'],
    ['something to write in audit mode is drifted', planned({ edits: [edit] }, 'audit'), 'drifted'],
    ['a refusal is refused', planned({ refusals: [refusal] }), 'refused'],
    [
      'a refusal beside something to write is refused',
      planned({ edits: [edit], refusals: [refusal] }),
      'refused',
    ],
    ['something to write of what is exempt is exempt', planned({ edits: [edit] }, 'exempt'), 'exempt'],
    ['a refusal of what is exempt is exempt', planned({ refusals: [refusal] }, 'exempt'), 'exempt'],
    ['what is exempt and needs no exemption is compliant', planned({}, 'exempt'), 'compliant'],
    ['one that is only watched is not counted', planned({ edits: [edit] }, 'watch'), undefined],
    ['one that is off is not counted', planned({ edits: [edit] }, 'off'), undefined],
  ])('%s', (_name, remediation, expected) => {
    expect(stand(planOf([remediation])).remediators['vault-firewall']).toBe(expected);
  });
});

describe('what stands open', () => {
  const findingsOf = (plan: ResourcePlan): readonly string[] =>
    stand(plan).findings.map(
      ({ remediator, severity, reason }) => `${remediator ?? '-'} ${severity} ${reason}`,
    );

  test.each<[string, ResourcePlan, readonly string[]]>([
    [
      'a finding',
      planOf([planned({ findings: [finding()] })]),
      ['vault-firewall high The rule 0.0.0.0/1 is wide.'],
    ],
    [
      'a finding of one that is only watched',
      planOf([planned({ findings: [finding()] }, 'watch', 'vault-deleted')]),
      ['vault-deleted high The rule 0.0.0.0/1 is wide.'],
    ],
    [
      'nothing of what is exempt',
      planOf([planned({ findings: [finding()], refusals: [refusal] }, 'exempt')]),
      [],
    ],
    ['a refusal', planOf([planned({ refusals: [refusal] })]), ['vault-firewall medium There is no room.']],
    [
      'what is to be seen on the resource itself',
      planOf([], [finding({ severity: 'low' })]),
      ['- low The rule 0.0.0.0/1 is wide.'],
    ],
    [
      'the same once',
      planOf([planned({ findings: [finding(), finding()] })]),
      ['vault-firewall high The rule 0.0.0.0/1 is wide.'],
    ],
  ])('is %s', (_name, plan, expected) => {
    expect(findingsOf(plan)).toEqual(expected);
  });

  test('of a refusal says where the change would be, each place once', () => {
    const [open] = stand(planOf([planned({ refusals: [{ ...refusal, edits: [edit, edit] }] })])).findings;
    expect(open?.step.split(edit.path)).toHaveLength(2);
    const [bare] = stand(planOf([planned({ refusals: [{ ...refusal, edits: [] }] })])).findings;
    expect(bare?.step).not.toContain('/');
  });

  const idOf = (
    change: Partial<Finding>,
    remediator: PlannedRemediation['remediator'] = 'vault-firewall',
    id = vaultId(),
  ) =>
    stand(planOf([planned({ findings: [finding(change)] }, 'enforce', remediator)]), null, NOW, id)
      .findings[0]?.id;

  test.each<[string, string | undefined, boolean]>([
    ['another wording of the same', idOf({ reason: 'It lets in 2147483648 addresses.' }), true],
    ['another severity of the same', idOf({ severity: 'low' }), true],
    ['another id in another case', idOf({}, 'vault-firewall', vaultId('KV-ONE')), true],
    ['another rule', idOf({ about: 'rule:128.0.0.0/1' }), false],
    ['another remediator', idOf({}, 'vault-logic-app-ips'), false],
    ['another vault', idOf({}, 'vault-firewall', vaultId('kv-two')), false],
  ])('has an id that tells it: %s', (_name, id, isSame) => {
    expect(id === idOf({})).toBe(isSame);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  test('has been open since it was first seen, whatever its wording', () => {
    const first = stand(planOf([planned({ findings: [finding()] })]));
    const next = stand(planOf([planned({ findings: [finding({ reason: 'Wide still.' })] })]), first, LATER);
    expect(next.findings).toMatchObject([{ since: NOW.toISOString(), reason: 'Wide still.' }]);
  });

  test('is new when it comes back', () => {
    const first = stand(planOf([planned({ findings: [finding()] })]));
    const gone = stand(planOf([planned({})]), first, NOW);
    const again = stand(planOf([planned({ findings: [finding()] })]), gone, LATER);
    expect([gone.findings, again.findings[0]?.since]).toEqual([[], LATER.toISOString()]);
    expect(again.findings[0]?.id).toBe(first.findings[0]?.id);
  });

  test('stays accepted while it stands, and only then', () => {
    const first = stand(planOf([planned({ findings: [finding()] })]));
    const acceptance = { at: NOW.toISOString(), reason: 'ours', severity: finding().severity };
    const accepted = { ...first, accepted: { [first.findings[0]?.id ?? '']: acceptance } };
    const same = stand(planOf([planned({ findings: [finding()] })]), accepted, LATER);
    const gone = stand(planOf([planned({})]), same, LATER);
    expect([same.accepted, gone.accepted]).toEqual([accepted.accepted, {}]);
  });
});

test('the same plan of a resource that stands so already changes nothing, at any time', () => {
  const findings = fc.array(
    fc.record({
      severity: fc.constantFrom('low' as const, 'medium' as const, 'high' as const),
      about: fc.string(),
      reason: fc.string(),
      step: fc.string(),
    }),
  );
  const remediation = fc.record({
    disposition: fc.constantFrom('enforce' as const, 'audit' as const, 'exempt' as const, 'watch' as const),
    findings,
    edits: fc.constantFrom([], [edit]),
    refusals: fc.constantFrom([], [refusal]),
  });
  fc.assert(
    fc.property(
      fc.array(remediation, { maxLength: 3 }),
      findings,
      fc.date({ noInvalidDate: true }),
      (list, own, at) => {
        const ids = ['vault-firewall', 'vault-logging', 'vault-readers'] as const;
        const plan = planOf(
          list.map(({ disposition, ...rest }, i) => planned({ ...rest, warnings: [] }, disposition, ids[i])),
          own,
        );
        const first = stand(plan);
        expect(stand(plan, first, at)).toEqual(first);
        expect(new Set(first.findings.map(({ id }) => id)).size).toBe(first.findings.length);
      },
    ),
  );
});

describe('noting how a resource stands', () => {
  const open: JsonObject = {
    location: 'westeurope',
    properties: {
      enableSoftDelete: true,
      enablePurgeProtection: true,
      networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [], virtualNetworkRules: [] },
    },
  };
  const observed = {
    kind: 'vault',
    id: vaultId(),
    vault: open,
    readers: [],
    unresolvedReaders: [],
    ownedRules: [],
    releasedRules: [],
    overdueRules: [],
    knownGood: null,
    arrivedOpen: [],
    surroundings: { roleAssignments: null, diagnosticSettings: null, hidden: [] },
    keepPrincipals: new Set<string>(),
    logWorkspace: null,
    recentCallers: null,
  } as const;

  test('goes by the document as it is now, not as it was planned from', () => {
    const { deps } = fakeWorld();
    const shut: JsonObject = {
      ...open,
      properties: {
        ...(open.properties as JsonObject),
        networkAcls: { bypass: 'AzureServices', defaultAction: 'Deny', ipRules: [], virtualNetworkRules: [] },
      },
    };
    expect(standingOf(deps, observed, open, NO_MEMORY, null).remediators['vault-firewall']).toBe('drifted');
    expect(standingOf(deps, observed, shut, NO_MEMORY, null).remediators['vault-firewall']).toBe('compliant');
  });

  test('is written where it is another, and not where it is the same', async () => {
    const { deps, standings } = fakeWorld();
    let writes = 0;
    const counted = {
      ...deps,
      standings: {
        ...deps.standings,
        write: (...given: Parameters<typeof deps.standings.write>) => {
          writes += 1;
          return deps.standings.write(...given);
        },
      },
    };
    await noteStanding(counted, observed, open, NO_MEMORY);
    await noteStanding({ ...counted, now: () => LATER }, observed, open, NO_MEMORY);
    expect([writes, standings.size]).toEqual([1, 1]);
  });

  test('does not rest on who asked for a workflow by name', () => {
    const { deps } = fakeWorld();
    const definition = {
      triggers: { Recurrence: { type: 'Recurrence', recurrence: { frequency: 'Day', interval: 1 } } },
      actions: {
        Get_secret: {
          type: 'Http',
          inputs: { method: 'GET', uri: 'https://kv-one.vault.azure.net/secrets/a?api-version=7.4' },
        },
      },
    };
    const workflow = { properties: { state: 'Enabled', definition } };
    const standings = [true, false].map((askedForByName) =>
      standingOf(
        deps,
        {
          kind: 'workflow',
          id: workflowId(),
          workflow,
          connections: new Map(),
          askedForByName,
          flowBetween: { returnsSecret: new Set(), receivesSecret: false },
          exposures: [],
          successors: new Map(),
        },
        workflow,
        NO_MEMORY,
        null,
      ),
    );
    expect(standings[0]).toEqual(standings[1]);
    expect(standings[0]?.remediators['workflow-secure-outputs']).toBe('refused');
  });
});
