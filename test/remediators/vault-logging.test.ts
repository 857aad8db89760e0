import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { vaultLogging } from '../../src/remediators/vault-logging.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import { sendsAudit, workspaceOf } from '../../src/vault/diagnostics/audit-setting.js';
import { observe } from '../vault/vault-observation.js';

const WORKSPACE = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/law';
const OTHER = `${WORKSPACE}-2`;
const STORAGE = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st';
const AUDIT = { category: 'AuditEvent', enabled: true };
const OFF = { category: 'AuditEvent', enabled: false, retentionPolicy: { enabled: false, days: 0 } };
const setting = (name: string, properties: JsonObject): JsonObject => ({
  id: `/x/${name}`,
  name,
  properties,
});
const own = (properties: JsonObject) => setting('holdfast-audit', properties);
const planOf = (diagnosticSettings: readonly JsonObject[] | null, logWorkspace: string | null = WORKSPACE) =>
  vaultLogging.plan(
    observe(null, { logWorkspace, surroundings: { roleAssignments: null, diagnosticSettings, hidden: [] } }),
  );
const edit = (before: Json, properties: JsonObject) => ({
  op: 'set',
  path: '/diagnosticSettings/holdfast-audit',
  before,
  after: { properties },
  reason: expect.any(String) as unknown,
});
const isSameName = (name: Json | undefined, wanted: string) =>
  typeof name === 'string' && name.toLowerCase() === wanted;
const NEW = { workspaceId: WORKSPACE, logs: [AUDIT] };

describe('vault-logging: what it sets', () => {
  const rows: readonly (readonly [string, readonly JsonObject[] | null, JsonObject | null])[] = [
    ['not read yet: nothing', null, null],
    ['compliant by category', [setting('soc', NEW)], null],
    [
      'compliant by the audit group',
      [setting('soc', { workspaceId: WORKSPACE, logs: [{ categoryGroup: 'audit', enabled: true }] })],
      null,
    ],
    [
      'compliant in another case, by all logs',
      [
        setting('soc', {
          WorkspaceId: WORKSPACE.toUpperCase(),
          logs: [{ category: null, categoryGroup: 'AllLogs', enabled: true }],
        }),
      ],
      null,
    ],
    ['missing: no setting at all', [], NEW],
    ['unexpected: another workspace gets them', [setting('soc', { ...NEW, workspaceId: OTHER })], NEW],
    [
      'unexpected: only a storage account gets them',
      [setting('soc', { storageAccountId: STORAGE, logs: [AUDIT] })],
      NEW,
    ],
    [
      'half-set: a setting of others has them off, and stays as it is',
      [setting('soc', { workspaceId: WORKSPACE, logs: [OFF] })],
      NEW,
    ],
    [
      'half-set: a setting of others sends something else there',
      [
        setting('soc', {
          workspaceId: WORKSPACE,
          logs: [{ category: 'AzurePolicyEvaluationDetails', enabled: true }],
        }),
      ],
      NEW,
    ],
    [
      'hostile: logs of a text, members of numbers',
      [setting('soc', { workspaceId: WORKSPACE, logs: 'all' }), { properties: { logs: [1, null] } }],
      NEW,
    ],
    [
      'drifted: its own has them off',
      [own({ workspaceId: WORKSPACE, logs: [OFF] })],
      { workspaceId: WORKSPACE, logs: [{ ...OFF, enabled: true }] },
    ],
    [
      'drifted: its own lost the category; what somebody added stays',
      [
        own({
          workspaceId: WORKSPACE.toUpperCase(),
          storageAccountId: STORAGE,
          metrics: [{ category: 'AllMetrics', enabled: true }],
          logs: [{ category: 'X', enabled: true }],
        }),
      ],
      {
        workspaceId: WORKSPACE.toUpperCase(),
        storageAccountId: STORAGE,
        metrics: [{ category: 'AllMetrics', enabled: true }],
        logs: [{ category: 'X', enabled: true }, AUDIT],
      },
    ],
    [
      'drifted: its own has groups, which do not go with categories',
      [
        own({
          workspaceId: WORKSPACE,
          logs: [
            { categoryGroup: 'other', enabled: true },
            { categoryGroup: 'audit', enabled: false },
          ],
        }),
      ],
      {
        workspaceId: WORKSPACE,
        logs: [
          { categoryGroup: 'other', enabled: true },
          { categoryGroup: 'audit', enabled: true },
        ],
      },
    ],
    ['drifted: its own has no properties', [{ name: 'Holdfast-Audit', properties: null }], NEW],
    [
      'drifted: its own sends elsewhere and to a storage account, which stays',
      [own({ workspaceId: OTHER, storageAccountId: STORAGE, logs: [AUDIT] })],
      { ...NEW, storageAccountId: STORAGE },
    ],
    [
      'drifted: its own has a group off, beside which a category may stand',
      [own({ workspaceId: WORKSPACE, logs: [{ categoryGroup: 'audit', enabled: false }] })],
      { workspaceId: WORKSPACE, logs: [{ categoryGroup: 'audit', enabled: false }, AUDIT] },
    ],
    ['drifted: its own sends elsewhere', [own({ ...NEW, workspaceId: OTHER })], NEW],
  ];
  test.each(rows)('%s', (_, settings, properties) => {
    const plan = planOf(settings);
    const before = settings?.find((one) => isSameName(one.name, 'holdfast-audit')) ?? null;
    expect(plan.edits).toEqual(properties === null ? [] : [edit(before, properties)]);
    expect(plan).toMatchObject({ refusals: [], findings: [] });
  });

  it('warns of the workspace that gets nothing any more', () => {
    expect(planOf([own({ ...NEW, workspaceId: OTHER })]).warnings).toEqual([
      expect.stringContaining(OTHER.toLowerCase()),
    ]);
    expect(planOf([own({ workspaceId: WORKSPACE })]).warnings).toEqual([]);
  });
});

describe('vault-logging: what it leaves to a person', () => {
  it('a sixth setting', () => {
    const five = [1, 2, 3, 4, 5].map((n) => setting(`s${n}`, { workspaceId: OTHER, logs: [] }));
    const plan = planOf(five);
    expect(plan.edits).toEqual([]);
    expect(plan.refusals).toMatchObject([{ edits: [{ after: { properties: NEW } }] }]);
    expect(planOf([own({ workspaceId: WORKSPACE }), ...five.slice(1)]).edits).toHaveLength(1);
  });

  it('a destination that another setting sends audit events to already', () => {
    const plan = planOf([
      own({ workspaceId: WORKSPACE, storageAccountId: STORAGE, logs: [OFF] }),
      setting('archive', { storageAccountId: STORAGE.toUpperCase(), logs: [AUDIT] }),
    ]);
    expect(plan.edits).toEqual([]);
    expect(plan.refusals[0]?.reason).toContain('"archive"');
  });

  it.each<[string, readonly JsonObject[] | null, boolean]>([
    ['audit events go nowhere', [], true],
    ['a setting sends them to no place', [setting('soc', { logs: [AUDIT] })], true],
    ['they go somewhere', [setting('soc', { storageAccountId: STORAGE, logs: [AUDIT] })], false],
    ['the settings were not read', null, false],
  ])('no workspace is set, and %s', (_, settings, isFinding) => {
    const plan = planOf(settings, null);
    expect(plan).toMatchObject({ edits: [], refusals: [] });
    expect(plan.findings.map(({ severity }) => severity)).toEqual(isFinding ? ['medium'] : []);
    expect(plan.findings.every(({ step }) => step.includes('HOLDFAST_LOG_WORKSPACE'))).toBe(true);
  });
});

describe('vault-logging: laws', () => {
  const log = fc.record(
    {
      category: fc.constantFrom('AuditEvent', 'auditevent', 'X', null),
      categoryGroup: fc.constantFrom('audit', 'allLogs', 'other', null),
      enabled: fc.boolean(),
    },
    { requiredKeys: ['enabled'] },
  );
  const some = fc
    .record(
      {
        workspaceId: fc.constantFrom(WORKSPACE, WORKSPACE.toLowerCase(), OTHER, null),
        storageAccountId: fc.constantFrom(STORAGE),
        logs: fc.oneof(fc.array(log, { maxLength: 4 }), fc.constant(null)),
        metrics: fc.constant([{ category: 'AllMetrics', enabled: true }]),
      },
      { requiredKeys: [] },
    )
    .map((properties): JsonObject => properties);
  const settings = fc
    .uniqueArray(fc.tuple(fc.constantFrom('holdfast-audit', 'soc', 'ops', 'x'), some), {
      selector: ([name]) => name,
    })
    .map((list) => list.map(([name, properties]) => setting(name, properties)));

  it('a plan applied leaves nothing more to plan, sends audit events, and loses nothing', () => {
    fc.assert(
      fc.property(settings, (before) => {
        const [planned] = planOf(before).edits;
        if (planned === undefined) return;
        const after: JsonObject = { name: 'holdfast-audit', ...(planned.after as JsonObject) };
        expect([sendsAudit(after), workspaceOf(after)]).toEqual([true, WORKSPACE.toLowerCase()]);
        const others = before.filter(({ name }) => name !== 'holdfast-audit');
        expect(planOf([...others, after])).toEqual({ edits: [], warnings: [], refusals: [], findings: [] });
        const was = ((planned.before as JsonObject | null)?.properties ?? {}) as JsonObject;
        const is = after.properties as JsonObject;
        for (const key of ['storageAccountId', 'metrics']) expect(is[key]).toEqual(was[key]);
        const on = (json: Json | undefined) =>
          ((json ?? []) as readonly JsonObject[]).filter((one) => one.enabled);
        expect(on(is.logs)).toEqual(expect.arrayContaining([...on(was.logs)]));
      }),
    );
  });
});
