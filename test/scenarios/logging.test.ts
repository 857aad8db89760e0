import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OPEN, shut, vaultPath } from '../../demo/estate.js';
import type { RunningHost } from '../../demo/stack.js';
import type { FaultAction } from '../../simulator/faults.js';
import type { LogAnswer } from '../../simulator/logs/logs.js';
import type { AuditRecord } from '../../src/types/record.js';
import { openFindings } from './open-findings.js';
import {
  aclsOf,
  addVault,
  ALICE,
  BOB,
  GROUP,
  namesOf,
  OFFICE,
  recordsOf,
  remediate,
  settle,
  startScenario,
  sweep,
  trafficOf,
  withEvents,
  type Scenario,
} from './scenario.js';

/*
 * Where a vault's audit log goes, and what it tells before the vault is shut.
 */

const WORKSPACE = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs`;
const OTHER_WORKSPACE = `${WORKSPACE}-of-the-team`;
const STORAGE = `${GROUP}/providers/Microsoft.Storage/storageAccounts/archive`;

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({
    allRemediators: true,
    settings: { HOLDFAST_LOG_WORKSPACE: WORKSPACE },
    simulator: { events: { timeScale: 0.02 } },
  });
  scenario.azure.logs.addWorkspace(WORKSPACE);
  scenario.azure.logs.addWorkspace(OTHER_WORKSPACE);
});
afterAll(() => scenario.stack.close());
afterEach(() => {
  scenario.azure.switches.reset();
  scenario.azure.faults.clear();
  scenario.azure.permissions.unrestrict(scenario.appId);
});

interface Setting {
  readonly name: string;
  readonly properties: {
    readonly workspaceId: string | null;
    readonly storageAccountId: string | null;
    readonly logs: readonly {
      readonly category: string | null;
      readonly categoryGroup: string | null;
      readonly enabled: boolean;
    }[];
  };
}

const settingsPath = (vault: string, name = ''): string =>
  `${vaultPath(vault)}/providers/Microsoft.Insights/diagnosticSettings${name === '' ? '' : `/${name}`}`;
const ownPath = (vault: string): string => settingsPath(vault, 'holdfast-audit');

async function settingsOf(vault: string): Promise<readonly Setting[]> {
  return (JSON.parse(await scenario.azure.as(ALICE).get(settingsPath(vault))) as { value: Setting[] }).value;
}

async function ownSetting(vault: string): Promise<Setting | undefined> {
  return (await settingsOf(vault)).find(({ name }) => name === 'holdfast-audit');
}

/** What a setting sends to the workspace. */
const sent = (setting: Setting | undefined): readonly (string | null)[] =>
  (setting?.properties.logs ?? [])
    .filter(({ enabled }) => enabled)
    .map(({ category, categoryGroup }) => category ?? categoryGroup);

function putSetting(vault: string, name: string, properties: object, who = ALICE): Promise<unknown> {
  return scenario.azure.as(who).put(settingsPath(vault, name), { properties });
}

const category = (name: string, enabled = true): object => ({ category: name, enabled });
const group = (name: string, enabled = true): object => ({ categoryGroup: name, enabled });

const addShutVault = (): Promise<string> => addVault(scenario.azure, shut(OFFICE));

async function loggingRecords(vault: string): Promise<readonly AuditRecord[]> {
  const records = await recordsOf(scenario, { resourceId: vaultPath(vault) });
  return records.filter(({ remediator }) => remediator === 'vault-logging');
}

/** Holdfast's writes of its own setting that Azure took, by their ids. */
const ownWriteIds = (vault: string): readonly (string | null)[] =>
  scenario.azure.journal
    .changes({ resourceId: ownPath(vault), principal: scenario.appId })
    .map(({ clientRequestId }) => clientRequestId);

describe('a vault whose audit events go nowhere', () => {
  it('gets a setting of Holdfast’s own, once, recorded with the write that made it', async () => {
    const vault = await addShutVault();
    await sweep(scenario);
    await sweep(scenario);
    expect((await settingsOf(vault)).map(({ name }) => name)).toEqual(['holdfast-audit']);
    const own = await ownSetting(vault);
    expect([own?.properties.workspaceId, sent(own)]).toEqual([WORKSPACE, ['AuditEvent']]);
    const [record, ...more] = await loggingRecords(vault);
    expect([record?.outcome, record?.trigger, more]).toEqual(['applied', 'sweep', []]);
    expect(ownWriteIds(vault)).toEqual([record?.writeId]);
    expect(scenario.azure.journal.writes({ under: settingsPath(vault) })).toHaveLength(1);
  });

  it('is given one at once where somebody asks for the vault by name', async () => {
    const vault = await addShutVault();
    const answer = await remediate(scenario, { resourceId: vaultPath(vault) });
    expect([answer.status, answer.body.outcome]).toEqual([200, 'applied']);
    expect(sent(await ownSetting(vault))).toEqual(['AuditEvent']);
  });

  it('that is open, too, is shut by one write and logged by another, each with its own id', async () => {
    const vault = await addVault(scenario.azure, OPEN);
    const traffic = await trafficOf(scenario, () => remediate(scenario, { resourceId: vaultPath(vault) }));
    const names = namesOf({ reads: [], writes: traffic.writes.filter(({ endpoint }) => endpoint === 'arm') });
    expect(names).toEqual([`PATCH ${vault}`, 'PUT holdfast-audit']);
    const records = await recordsOf(scenario, { resourceId: vaultPath(vault) });
    const writeIdOf = (id: string): string | undefined =>
      records.find(({ remediator, outcome }) => remediator === id && outcome === 'applied')?.writeId;
    expect([writeIdOf('vault-firewall'), writeIdOf('vault-logging')]).toEqual(
      traffic.writes.map(({ clientRequestId }) => clientRequestId),
    );
  });
});

describe('Holdfast’s own setting', () => {
  async function addLogged(): Promise<string> {
    const vault = await addShutVault();
    await remediate(scenario, { resourceId: vaultPath(vault) });
    return vault;
  }

  it('comes back when somebody deletes it, by the event, with who it was', async () => {
    const vault = await addLogged();
    const traffic = await trafficOf(scenario, () =>
      withEvents(scenario, () => scenario.azure.as(BOB).delete(ownPath(vault))),
    );
    expect(sent(await ownSetting(vault))).toEqual(['AuditEvent']);
    expect(traffic.writes.map(({ method }) => method)).toEqual(['PUT']);
    const [record] = await loggingRecords(vault);
    expect([record?.outcome, record?.trigger, record?.actor?.name]).toEqual(['applied', 'event', BOB]);
    expect(ownWriteIds(vault)).toHaveLength(2);
  });

  it.each<[string, object, readonly string[]]>([
    [
      'sends something else',
      { workspaceId: WORKSPACE, logs: [category('AzurePolicyEvaluationDetails')] },
      ['AzurePolicyEvaluationDetails', 'AuditEvent'],
    ],
    [
      'has audit events off',
      {
        workspaceId: WORKSPACE,
        logs: [category('AuditEvent', false), category('AzurePolicyEvaluationDetails')],
      },
      ['AuditEvent', 'AzurePolicyEvaluationDetails'],
    ],
    [
      'goes to another workspace, and to a storage account',
      { workspaceId: OTHER_WORKSPACE, storageAccountId: STORAGE, logs: [category('AuditEvent')] },
      ['AuditEvent'],
    ],
  ])(
    'that %s is put right by the event, and keeps what else it does',
    async (_what, properties, categories) => {
      const vault = await addLogged();
      if ('storageAccountId' in properties) letKeysBeRead();
      await withEvents(scenario, () => putSetting(vault, 'holdfast-audit', properties, BOB));
      const own = await ownSetting(vault);
      expect(own?.properties.workspaceId).toBe(WORKSPACE);
      expect(own?.properties.storageAccountId ?? null).toBe(
        'storageAccountId' in properties ? STORAGE : null,
      );
      expect([...sent(own)].sort()).toEqual([...categories].sort());
      expect((await loggingRecords(vault)).map(({ outcome }) => outcome)).toEqual(['applied', 'applied']);
    },
  );
});

/** A setting that keeps a storage account can be written only by who may read its keys; no installation gives that. */
function letKeysBeRead(): void {
  const actions = ['Microsoft.Storage/storageAccounts/listKeys/action'];
  const role = scenario.azure.addRoleDefinition({ roleName: 'Keys of the archive', actions });
  scenario.azure.assignRole({ scope: STORAGE, principalId: scenario.appId, role });
}

describe.each(['expanded', 'literal'] as const)(
  'settings of others, where a group and its categories overlap: %s',
  (diagnosticCategoryOverlap) => {
    it.each<[string, object, boolean]>([
      ['sends all logs to the workspace', { workspaceId: WORKSPACE, logs: [group('allLogs')] }, false],
      [
        'sends audit events to the workspace, which is spelled otherwise',
        { workspaceId: WORKSPACE.toLowerCase(), logs: [category('AuditEvent')] },
        false,
      ],
      [
        'sends other logs to the workspace',
        { workspaceId: WORKSPACE, logs: [category('AzurePolicyEvaluationDetails')] },
        true,
      ],
      [
        'has audit events to the workspace off',
        {
          workspaceId: WORKSPACE,
          logs: [category('AuditEvent', false), category('AzurePolicyEvaluationDetails')],
        },
        true,
      ],
      ['sends audit events elsewhere', { workspaceId: OTHER_WORKSPACE, logs: [group('audit')] }, true],
      [
        'sends audit events to a storage account',
        { storageAccountId: STORAGE, logs: [group('allLogs')] },
        true,
      ],
    ])('one that %s stays as it is', async (_what, properties, isAdded) => {
      scenario.azure.switches.set({ diagnosticCategoryOverlap });
      const vault = await addShutVault();
      await putSetting(vault, 'of-the-team', properties);
      const was = await settingsOf(vault);
      await sweep(scenario);
      const now = await settingsOf(vault);
      expect(now.filter(({ name }) => name === 'of-the-team')).toEqual(was);
      expect(now).toHaveLength(isAdded ? 2 : 1);
      expect((await loggingRecords(vault)).map(({ outcome }) => outcome)).toEqual(isAdded ? ['applied'] : []);
    });

    it('one that has a destination with Holdfast’s own in common is in the way: refused, once', async () => {
      scenario.azure.switches.set({ diagnosticCategoryOverlap });
      const vault = await addShutVault();
      await putSetting(vault, 'of-the-team', { storageAccountId: STORAGE, logs: [category('AuditEvent')] });
      await putSetting(vault, 'holdfast-audit', {
        storageAccountId: STORAGE,
        logs: [category('AzurePolicyEvaluationDetails')],
      });
      const was = await settingsOf(vault);
      await sweep(scenario);
      await sweep(scenario);
      expect(await settingsOf(vault)).toEqual(was);
      expect((await loggingRecords(vault)).map(({ outcome }) => outcome)).toEqual(['refused']);
    });
  },
);

describe('a setting that cannot be made', () => {
  it('because there are five already is refused once, and is made when there is room', async () => {
    const vault = await addShutVault();
    for (let i = 1; i <= 5; i += 1) {
      await putSetting(vault, `archive-${i}`, {
        storageAccountId: `${STORAGE}${i}`,
        logs: [category('AuditEvent')],
      });
    }
    await sweep(scenario);
    await sweep(scenario);
    expect((await loggingRecords(vault)).map(({ outcome }) => outcome)).toEqual(['refused']);
    await withEvents(scenario, () => scenario.azure.as(BOB).delete(settingsPath(vault, 'archive-3')));
    expect(sent(await ownSetting(vault))).toEqual(['AuditEvent']);
    expect(await settingsOf(vault)).toHaveLength(5);
  });

  it('for want of a permission on the workspace fails once, names it, and keeps nothing else from being done', async () => {
    const vault = await addVault(scenario.azure, OPEN);
    const keys = 'Microsoft.OperationalInsights/workspaces/sharedKeys/action';
    scenario.azure.permissions.restrict(scenario.appId, [{ actions: ['*'], notActions: [keys], scope: '/' }]);
    const answer = await remediate(scenario, { resourceId: vaultPath(vault) });
    expect(answer.status).toBe(502);
    expect(answer.body.detail).toContain(keys);
    expect(aclsOf(scenario.azure, vault).defaultAction).toBe('Deny');
    await remediate(scenario, { resourceId: vaultPath(vault) });
    expect((await loggingRecords(vault)).map(({ outcome }) => outcome)).toEqual(['failed']);
    expect(await settingsOf(vault)).toEqual([]);
  });

  it('because the settings may not be read is a finding, and keeps nothing else from being done', async () => {
    const vault = await addVault(scenario.azure, OPEN);
    const read = 'Microsoft.Insights/diagnosticSettings/read';
    scenario.azure.permissions.restrict(scenario.appId, [{ actions: ['*'], notActions: [read], scope: '/' }]);
    const answer = await remediate(scenario, { resourceId: vaultPath(vault) });
    expect(answer.status).toBe(200);
    expect(aclsOf(scenario.azure, vault).defaultAction).toBe('Deny');
    expect(await loggingRecords(vault)).toEqual([]);
    const query = { resourceId: vaultPath(vault), remediator: 'vault-logging' };
    const [finding, ...more] = await openFindings(scenario, query);
    expect([finding?.severity, finding?.step.includes(read), more]).toEqual(['low', true, []]);
  });

  const troubles: readonly [string, FaultAction, boolean][] = [
    ['429 with Retry-After', { kind: 'error', status: 429, retryAfter: 6 }, true],
    ['409 before anything is applied', { kind: 'error', status: 409 }, true],
    ['500 before anything is applied', { kind: 'error', status: 500 }, true],
    ['500 although it was applied', { kind: 'error', status: 500, when: 'after' }, false],
    ['a connection that is cut before', { kind: 'reset', when: 'before' }, true],
    ['a connection that is cut after', { kind: 'reset', when: 'after' }, false],
    ['half an answer', { kind: 'truncate' }, false],
  ];

  it.each(troubles)(
    'at first, because of %s, is made in the end, and the records are true',
    async (_name, action, isAnswered) => {
      const vault = await addShutVault();
      scenario.azure.faults.add({ method: 'PUT', path: ownPath(vault), times: 1, action });
      await sweep(scenario);
      expect(sent(await ownSetting(vault))).toEqual(['AuditEvent']);
      const records = await loggingRecords(vault);
      expect(records.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
      const [change, ...more] = ownWriteIds(vault);
      expect(more).toEqual([]);
      const record = records.find(({ writeId }) => writeId === change);
      // A setting does not say who made it.
      if (isAnswered) expect(record?.outcome).toBe('applied');
      else expect([record?.outcome, record?.warnings]).toEqual(['failed', ['unconfirmed']]);
      const applied = records.filter(({ outcome }) => outcome === 'applied');
      expect(applied).toHaveLength(isAnswered ? 1 : 0);
    },
  );
});

describe('a vault that was never seen shut', () => {
  const COLLEAGUE = '203.0.113.77';
  const columns: LogAnswer['columns'] = [
    { name: 'Address', type: 'string' },
    { name: 'Caller', type: 'string' },
    { name: 'Calls', type: 'long' },
    { name: 'LastSeen', type: 'datetime' },
  ];
  const now = '2026-03-01T08:00:00Z';
  /** What the log says of one vault: the colleague, the office, and a Logic App's connector. */
  function answerFor(vault: string, more: Partial<LogAnswer> = {}): void {
    scenario.azure.logs.answer(({ text, target }) => {
      if (target.toLowerCase() !== WORKSPACE.toLowerCase() || !text.includes(vaultPath(vault).toLowerCase()))
        return undefined;
      const rows = [
        [COLLEAGUE, 'colleague-object-id', 7, now],
        ['198.51.100.9', 'office-object-id', 3, now],
      ];
      return { columns, rows, ...more };
    });
  }

  async function addOpenVault(): Promise<string> {
    return addVault(scenario.azure, { ...shut(OFFICE), defaultAction: 'Allow' });
  }

  async function shutting(vault: string): Promise<AuditRecord> {
    const records = await recordsOf(scenario, { resourceId: vaultPath(vault), remediator: 'vault-firewall' });
    const [record] = records;
    if (record === undefined || records.length > 1) throw new Error(`${records.length} records of shutting.`);
    return record;
  }

  it('is shut with a warning that names whoever no rule will let in', async () => {
    const vault = await addOpenVault();
    answerFor(vault);
    await sweep(scenario);
    const { outcome, warnings } = await shutting(vault);
    expect(outcome).toBe('applied');
    const says = warnings.join('\n');
    expect(says).toContain(`"colleague-object-id" called the vault from "${COLLEAGUE}" 7 times`);
    expect(says).not.toContain('office-object-id');
  });

  it('is shut by its event with that warning, too', async () => {
    let vault = '';
    await withEvents(scenario, async () => {
      scenario.azure.logs.answer(() => ({ columns, rows: [[COLLEAGUE, null, 1, now]] }));
      vault = await addOpenVault();
    });
    scenario.azure.logs.clear();
    expect((await shutting(vault)).warnings.join('\n')).toContain(
      `somebody called the vault from "${COLLEAGUE}" once`,
    );
    expect(aclsOf(scenario.azure, vault).defaultAction).toBe('Deny');
  });

  it('is asked about no more once it is shut', async () => {
    const vault = await addOpenVault();
    answerFor(vault);
    await sweep(scenario);
    const mark = scenario.azure.journal.mark();
    await scenario.azure
      .as(BOB)
      .patch(vaultPath(vault), { properties: { networkAcls: { ...shut(OFFICE), defaultAction: 'Allow' } } });
    await sweep(scenario);
    expect(aclsOf(scenario.azure, vault).defaultAction).toBe('Deny');
    expect(scenario.azure.journal.queries(mark)).toEqual([]);
  });

  it.each<[string, FaultAction]>([
    ['fails', { kind: 'error', status: 500 }],
    ['may not be read', { kind: 'error', status: 403 }],
    ['is throttled', { kind: 'error', status: 429, retryAfter: 60 }],
    ['gives half an answer', { kind: 'truncate' }],
    ['hangs', { kind: 'hang' }],
    ['hangs up', { kind: 'reset', when: 'before' }],
  ])(
    'is shut all the same where the log %s, and the record says that nobody could be named',
    async (_what, action) => {
      const vault = await addOpenVault();
      answerFor(vault);
      scenario.azure.faults.add({ endpoint: 'logs', action });
      const answer = await remediate(scenario, { resourceId: vaultPath(vault) });
      expect(answer.status).toBe(200);
      const { outcome, warnings } = await shutting(vault);
      expect([outcome, warnings.join('\n').includes(COLLEAGUE)]).toEqual(['applied', false]);
      expect(warnings.join('\n')).toContain('HOLDFAST_LOG_WORKSPACE did not say who called the vault');
      expect(aclsOf(scenario.azure, vault).defaultAction).toBe('Deny');
    },
  );

  it('is shut all the same where the log answers only in part', async () => {
    const vault = await addOpenVault();
    answerFor(vault, { partialError: { code: 'EngineError', message: 'not all of it' } });
    const answer = await remediate(scenario, { resourceId: vaultPath(vault) });
    expect(answer.status).toBe(200);
    expect((await shutting(vault)).warnings.join('\n')).not.toContain(COLLEAGUE);
  });

  describe('in audit mode', () => {
    let host: RunningHost;
    beforeAll(async () => {
      // Whoever has the sweep's message sweeps.
      await scenario.stack.stopHost();
      host = await scenario.stack.startHost({ settings: { HOLDFAST_MODE: 'audit' } });
      scenario = { ...scenario, stack: { ...scenario.stack, ...host } };
    });

    it('is recorded once with its callers, whoever calls later, and stays as it is', async () => {
      const vault = await addOpenVault();
      answerFor(vault);
      const mark = scenario.azure.journal.mark();
      await host.sweep();
      scenario.azure.logs.answer(() => ({ columns, rows: [['203.0.113.78', 'somebody else', 1, now]] }));
      await host.sweep();
      await host.sweep();
      await settle(scenario);
      scenario.azure.logs.clear();
      const record = await shutting(vault);
      expect(record.outcome).toBe('planned');
      expect(record.warnings.join('\n')).toContain(COLLEAGUE);
      expect(scenario.azure.journal.writes({ since: mark })).toEqual([]);
      const asked = scenario.azure.journal
        .queries(mark)
        .filter(({ text }) => text.includes(vaultPath(vault).toLowerCase()));
      expect(asked).toHaveLength(1);
    });

    it('has its audit log’s setting planned once, and not made', async () => {
      const vault = await addShutVault();
      await host.sweep();
      await host.sweep();
      expect((await loggingRecords(vault)).map(({ outcome }) => outcome)).toEqual(['planned']);
      expect(await settingsOf(vault)).toEqual([]);
    });
  });
});
