import { TableClient, TableServiceClient } from '@azure/data-tables';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fetchRecords } from '../../demo/audit-client.js';
import { getSecret, OPEN, playbook, shut } from '../../demo/estate.js';
import type { FaultAction } from '../../simulator/faults.js';
import type { JournalledChange } from '../../simulator/journal.js';
import type { AuditRecord } from '../../src/types/record.js';
import type { Edit } from '../../src/types/edit.js';
import { leaveNothingBehind } from './clear-estate.js';
import {
  aclsOf,
  addConnection,
  addVault,
  addWorkflow,
  ALICE,
  announce,
  BOB,
  connection,
  connectionPath,
  CONNECTORS,
  deliver,
  freshName,
  gridEvent,
  hidesOutputs,
  httpGet,
  OFFICE,
  openVault,
  outcomesOf,
  ownChanges,
  recordsOf,
  remediate,
  rulesOf,
  setAcls,
  setTags,
  settle,
  startScenario,
  SUBSCRIPTION,
  sweep,
  textNow,
  vaultNow,
  vaultPath,
  withEvents,
  workflow,
  workflowPath,
  type Scenario,
} from './scenario.js';

/*
 * What Holdfast writes down: that it is all there, once, true, and nobody's secret; and what it leaves undone
 * because of its mode or an exemption.
 */

/** Starts a stack before the tests of a block and ends it after them. */
function scenarioOf(
  settings: Readonly<Record<string, string>> = {},
  hasAllRemediators = false,
): () => Scenario {
  let scenario: Scenario | undefined;
  beforeAll(async () => {
    scenario = await startScenario({ settings, ...(hasAllRemediators ? { allRemediators: true } : {}) });
  });
  afterAll(async () => {
    await scenario?.stack.close();
  });
  const current = (): Scenario => {
    if (scenario === undefined) throw new Error('The stack has not been started.');
    return scenario;
  };
  leaveNothingBehind(() => current().azure);
  return current;
}

const unsafePlaybook = (connectionName: string): object =>
  playbook({ Get_secret: getSecret('token') }, connectionName);
const safePlaybook = (connectionName: string): object =>
  playbook({ Get_secret: getSecret('token', true) }, connectionName);

/** A vault without purge protection that stands open, and a Logic App that reads it with its outputs in plain sight. */
async function addEverythingWrong({ azure }: Scenario): Promise<{ vault: string; workflow: string }> {
  const vault = freshName('kv-wrong');
  const properties = {
    tenantId: azure.tenantId,
    sku: { family: 'A', name: 'standard' },
    accessPolicies: [],
    enableSoftDelete: true,
  };
  await azure.as(ALICE).put(vaultPath(vault), { location: 'westeurope', properties });
  const connectionName = await addConnection(azure, vault);
  return { vault, workflow: await addWorkflow(azure, unsafePlaybook(connectionName)) };
}

/** The JSON lines of records in the function's log; throws for one that is not whole. */
function loggedRecords({ lines }: Scenario): readonly AuditRecord[] {
  return lines
    .filter((line) => line.includes('"holdfast":"record"'))
    .map((line) => {
      const { holdfast, ...record } = JSON.parse(line.slice(line.indexOf('{'))) as AuditRecord & {
        holdfast: string;
      };
      expect(holdfast).toBe('record');
      return record;
    });
}

const propertiesOf = (text: string | undefined): unknown =>
  (JSON.parse(text ?? '{}') as { properties?: unknown }).properties;

const byId = (records: readonly AuditRecord[]): readonly AuditRecord[] =>
  records.toSorted((a, b) => (a.id < b.id ? -1 : 1));

describe('audit mode', () => {
  const current = scenarioOf({ HOLDFAST_MODE: 'audit' });

  it('writes nothing to Azure and records each plan once, over sweeps and events', async () => {
    const scenario = current();
    const { azure } = scenario;
    const { vault, workflow: name } = await addEverythingWrong(scenario);
    const before = [textNow(azure, vaultPath(vault)), textNow(azure, workflowPath(name))];
    await sweep(scenario);
    const first = await recordsOf(scenario);
    expect(outcomesOf(first)).toEqual([
      'vault-firewall planned',
      'vault-logic-app-ips planned',
      'vault-purge-protection planned',
      'workflow-secure-outputs planned',
    ]);
    expect(first.every(({ mode, trigger }) => mode === 'audit' && trigger === 'sweep')).toBe(true);
    expect(first.every(({ edits }) => edits.length > 0)).toBe(true);

    await sweep(scenario);
    await announce(scenario, { uri: vaultPath(vault) });
    await announce(scenario, { uri: workflowPath(name) });
    await withEvents(scenario, () => setTags(azure, vaultPath(vault), { owner: 'x' }));
    await sweep(scenario);
    await announce(scenario, { uri: vaultPath(vault) });

    expect(await recordsOf(scenario)).toEqual(first);
    expect(azure.journal.writes()).toEqual([]);
    expect(ownChanges(scenario)).toEqual([]);
    expect(propertiesOf(azure.read(vaultPath(vault)))).toEqual(propertiesOf(before[0]));
    expect(azure.read(workflowPath(name))).toBe(before[1]);
  });

  it('records each plan once although the events spell ids in capitals', async () => {
    const scenario = current();
    const { vault, workflow: name } = await addEverythingWrong(scenario);
    const own = async (): Promise<readonly AuditRecord[]> => [
      ...(await recordsOf(scenario, { resourceId: vaultPath(vault) })),
      ...(await recordsOf(scenario, { resourceId: workflowPath(name) })),
    ];
    await sweep(scenario);
    const first = await own();
    expect(first).toHaveLength(4);
    await announce(scenario, { uri: workflowPath(name).toUpperCase() });
    await announce(scenario, { uri: vaultPath(vault).toUpperCase() });
    await settle(scenario);
    await sweep(scenario);
    expect(await own()).toEqual(first);
  });

  it('records the same plan again when the same drift comes back', async () => {
    const scenario = current();
    const { azure } = scenario;
    const vault = await addVault(azure, shut(OFFICE));
    await sweep(scenario);
    for (const who of [ALICE, BOB]) {
      await openVault(azure, vault, 'rules-stay', who);
      await announce(scenario, { uri: vaultPath(vault), who });
      await sweep(scenario);
      await setAcls(azure, vault, shut(OFFICE), who);
      await announce(scenario, { uri: vaultPath(vault), who });
    }
    const records = await recordsOf(scenario, { resourceId: vaultPath(vault) });
    expect(outcomesOf(records)).toEqual(['vault-firewall planned', 'vault-firewall planned']);
    expect(records.map(({ actor }) => actor?.name)).toEqual([BOB, ALICE]);
    expect(azure.journal.writes()).toEqual([]);
  });

  it('records a new plan when the drift becomes another', async () => {
    const scenario = current();
    const { azure } = scenario;
    const vault = await addVault(azure, shut(OFFICE));
    await sweep(scenario);
    await openVault(azure, vault);
    await sweep(scenario);
    await openVault(azure, vault, 'rules-go');
    await sweep(scenario);
    const records = await recordsOf(scenario, { resourceId: vaultPath(vault) });
    expect(outcomesOf(records)).toEqual(['vault-firewall planned', 'vault-firewall planned']);
    expect(records.map(({ edits }) => edits.length)).toEqual([2, 1]);
  });

  it('answers over HTTP with the plan, and gives its record once', async () => {
    const scenario = current();
    const { azure } = scenario;
    const vault = await addVault(azure, { ...shut(OFFICE), defaultAction: 'Allow' });
    const [first, second] = [
      await remediate(scenario, { resourceId: vaultPath(vault) }),
      await remediate(scenario, { resourceId: vaultPath(vault) }),
    ];
    for (const { status, body } of [first, second]) {
      expect(status).toBe(200);
      expect(body.outcome).toBe('planned');
    }
    const [record, ...more] = await recordsOf(scenario, { resourceId: vaultPath(vault) });
    expect(more).toEqual([]);
    const partOf = ({ body }: typeof first) =>
      body.remediations?.find(({ remediator }) => remediator === 'vault-firewall');
    expect(partOf(first)?.recordId).toBe(record?.id);
    expect(partOf(second)?.recordId).toBe(record?.id);
    expect(partOf(second)?.edits).toEqual(record?.edits);
    expect(azure.journal.writes()).toEqual([]);
  });

  it('records the plan for a vault that it first hears of in an event', async () => {
    const scenario = current();
    const { vault } = await addEverythingWrong(scenario);
    await announce(scenario, { uri: vaultPath(vault) });
    const records = await recordsOf(scenario, { resourceId: vaultPath(vault) });
    expect(records.every(({ outcome, trigger }) => outcome === 'planned' && trigger === 'event')).toBe(true);
    expect(records.map(({ remediator }) => remediator)).toContain('vault-firewall');
  });

  it('has one JSON line in the log for each record', async () => {
    const scenario = current();
    const records = await recordsOf(scenario);
    expect(records.length).toBeGreaterThan(10);
    expect(byId(loggedRecords(scenario))).toEqual(byId(records));
  });
});

describe('a mode for each remediator', () => {
  describe('firewall audited, addresses enforced', () => {
    const current = scenarioOf({ HOLDFAST_REMEDIATORS: 'vault-firewall=audit' });

    it('adds the addresses and leaves the vault open', async () => {
      const scenario = current();
      const { azure } = scenario;
      const { vault } = await addEverythingWrong(scenario);
      await sweep(scenario);
      await sweep(scenario);
      await announce(scenario, { uri: vaultPath(vault) });
      expect(aclsOf(azure, vault).defaultAction).toBe('Allow');
      expect(rulesOf(azure, vault).toSorted()).toEqual(CONNECTORS.toSorted());
      expect(vaultNow(azure, vault).properties.enablePurgeProtection).toBe(true);
      expect(azure.journal.writes({ under: vaultPath(vault) })).toHaveLength(1);
      const records = await recordsOf(scenario, { resourceId: vaultPath(vault) });
      expect(records.find(({ remediator }) => remediator === 'vault-logic-app-ips')).toMatchObject({
        mode: 'enforce',
        outcome: 'applied',
      });
      const firewall = records.filter(({ remediator }) => remediator === 'vault-firewall');
      expect(firewall.every(({ mode, outcome }) => mode === 'audit' && outcome === 'planned')).toBe(true);
      expect(JSON.stringify(firewall.at(0)?.edits)).toContain('"after":"Deny"');
    });
  });

  describe('addresses audited, firewall enforced', () => {
    const current = scenarioOf({ HOLDFAST_REMEDIATORS: 'vault-logic-app-ips=audit' });

    it('refuses to shut a vault that a Logic App reads, and shuts one that none does', async () => {
      const scenario = current();
      const { azure } = scenario;
      const { vault } = await addEverythingWrong(scenario);
      const lonely = await addVault(azure, OPEN);
      await sweep(scenario);
      await sweep(scenario);
      await announce(scenario, { uri: vaultPath(vault) });
      expect(vaultNow(azure, vault).properties.networkAcls).toBeUndefined();
      expect(aclsOf(azure, lonely).defaultAction).toBe('Deny');
      const records = await recordsOf(scenario, { resourceId: vaultPath(vault) });
      expect(outcomesOf(records)).toEqual([
        'vault-firewall refused',
        'vault-logic-app-ips planned',
        'vault-purge-protection applied',
      ]);
      const refused = records.find(({ outcome }) => outcome === 'refused');
      expect(refused?.error).toContain('vault-logic-app-ips is only audited');
    });
  });

  describe('addresses off', () => {
    const current = scenarioOf({ HOLDFAST_REMEDIATORS: 'vault-logic-app-ips=off' });

    it('says nothing of addresses unless it is asked for them, and then refuses', async () => {
      const scenario = current();
      const { azure } = scenario;
      const { vault } = await addEverythingWrong(scenario);
      const resourceId = vaultPath(vault);
      await sweep(scenario);
      expect(outcomesOf(await recordsOf(scenario, { resourceId }))).toEqual([
        'vault-firewall refused',
        'vault-purge-protection applied',
      ]);
      const since = azure.journal.mark();
      const answer = await remediate(scenario, { resourceId, remediators: ['vault-logic-app-ips'] });
      expect(answer.status).toBe(200);
      expect(answer.body.outcome).toBe('refused');
      expect(answer.body.remediations?.[0]?.error).toContain('vault-logic-app-ips is off');
      expect(azure.journal.writes({ since })).toEqual([]);
      expect(vaultNow(azure, vault).properties.networkAcls).toBeUndefined();
    });
  });

  describe('everything audited but workflows', () => {
    const current = scenarioOf({
      HOLDFAST_MODE: 'audit',
      HOLDFAST_REMEDIATORS: 'workflow-secure-outputs=enforce',
    });

    it('writes workflows and no vault', async () => {
      const scenario = current();
      const { azure } = scenario;
      const { vault, workflow: name } = await addEverythingWrong(scenario);
      await sweep(scenario);
      expect(hidesOutputs(azure, name)).toBe(true);
      expect(azure.journal.writes().map(({ path }) => path)).toEqual([workflowPath(name)]);
      const records = await recordsOf(scenario);
      expect(outcomesOf(records.filter(({ resourceId }) => resourceId === workflowPath(name)))).toEqual([
        'workflow-secure-outputs applied',
      ]);
      const ofVault = records.filter(({ resourceId }) => resourceId === vaultPath(vault));
      expect(outcomesOf(ofVault)).toEqual([
        'vault-firewall planned',
        'vault-logic-app-ips planned',
        'vault-purge-protection planned',
      ]);
    });
  });
});

describe('exemptions', () => {
  const current = scenarioOf({
    HOLDFAST_EXEMPT: [
      vaultPath('kv-lasting'),
      `${vaultPath('kv-partly').toUpperCase()}=vault-firewall+vault-logic-app-ips`,
      workflowPath('wf-lasting'),
    ].join(','),
  });
  const inDays = (days: number): string =>
    new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

  /** A vault without purge protection that stands open. */
  async function addBadVault(scenario: Scenario, name: string, tags: object = {}): Promise<string> {
    const { azure } = scenario;
    const properties = {
      tenantId: azure.tenantId,
      sku: { family: 'A', name: 'standard' },
      accessPolicies: [],
      enableSoftDelete: true,
    };
    await azure.as(ALICE).put(vaultPath(name), { location: 'westeurope', tags, properties });
    return name;
  }
  const stateOf = ({ azure }: Scenario, name: string): { isShut: boolean; isProtected: boolean } => {
    const { properties } = vaultNow(azure, name);
    return {
      isShut: properties.networkAcls?.defaultAction === 'Deny',
      isProtected: properties.enablePurgeProtection === true,
    };
  };

  const LEFT_ALONE = ['vault-firewall exempt', 'vault-purge-protection exempt'];
  const PUT_RIGHT = ['vault-firewall applied', 'vault-purge-protection applied'];
  const tags: readonly [string, () => Readonly<Record<string, string>>, readonly string[], RegExp | null][] =
    [
      [
        'for everything, for a month',
        () => ({ 'holdfast-exempt': `*; until=${inDays(30)}` }),
        LEFT_ALONE,
        null,
      ],
      ['until today', () => ({ 'holdfast-exempt': `*;until=${inDays(0)}` }), LEFT_ALONE, null],
      [
        'for the longest time there is',
        () => ({ 'holdfast-exempt': `* ; until = ${inDays(90)}` }),
        LEFT_ALONE,
        null,
      ],
      [
        'under a name in another case',
        () => ({ 'Holdfast-Exempt': `*; until=${inDays(1)}` }),
        LEFT_ALONE,
        null,
      ],
      [
        'for two remediators',
        () => ({ 'holdfast-exempt': `vault-firewall, vault-purge-protection; until=${inDays(1)}` }),
        LEFT_ALONE,
        null,
      ],
      [
        'for the firewall alone',
        () => ({ 'holdfast-exempt': `vault-firewall; until=${inDays(1)}` }),
        ['vault-firewall exempt', 'vault-purge-protection applied'],
        null,
      ],
      ['that ran out yesterday', () => ({ 'holdfast-exempt': `*; until=${inDays(-1)}` }), PUT_RIGHT, null],
      [
        'a day too long',
        () => ({ 'holdfast-exempt': `*; until=${inDays(91)}` }),
        PUT_RIGHT,
        /more than 90 days ahead/,
      ],
      [
        'for a century',
        () => ({ 'holdfast-exempt': '*; until=2126-01-01' }),
        PUT_RIGHT,
        /more than 90 days ahead/,
      ],
      ['without a date', () => ({ 'holdfast-exempt': '*' }), PUT_RIGHT, /no readable date/],
      [
        'with a date in words',
        () => ({ 'holdfast-exempt': '*; until=next Friday' }),
        PUT_RIGHT,
        /no readable date/,
      ],
      [
        'with a date nobody has',
        () => ({ 'holdfast-exempt': '*; until=2026-02-31' }),
        PUT_RIGHT,
        /date does not exist/,
      ],
      ['that is empty', () => ({ 'holdfast-exempt': '' }), PUT_RIGHT, /no readable date/],
      [
        'for a remediator nobody knows',
        () => ({ 'holdfast-exempt': `vault-firewal; until=${inDays(1)}` }),
        PUT_RIGHT,
        /not a remediator/,
      ],
      ['of another name', () => ({ exempt: `*; until=${inDays(30)}` }), PUT_RIGHT, null],
    ];

  it.each(tags)(
    'a tag %s counts as it should, over sweeps and events',
    async (_what, tagOf, outcomes, warning) => {
      const scenario = current();
      const tag = tagOf();
      const name = await addBadVault(scenario, freshName('kv-tagged'), tag);
      const resourceId = vaultPath(name);
      await sweep(scenario);
      await announce(scenario, { uri: resourceId });
      await sweep(scenario);
      const records = await recordsOf(scenario, { resourceId });
      expect(outcomesOf(records)).toEqual(outcomes);
      expect(stateOf(scenario, name)).toEqual({
        isShut: outcomes.includes('vault-firewall applied'),
        isProtected: outcomes.includes('vault-purge-protection applied'),
      });
      expect(vaultNow(scenario.azure, name).tags).toEqual(tag);
      const warnings = records.map((record) =>
        record.warnings.filter((text) => /holdfast-exempt/.test(text)),
      );
      for (const found of warnings) {
        if (warning === null) expect(found).toEqual([]);
        else expect(found).toEqual([expect.stringMatching(warning)]);
      }
    },
  );

  it('a lasting exemption leaves the vault alone and is recorded once', async () => {
    const scenario = current();
    const name = await addBadVault(scenario, 'kv-lasting');
    const before = textNow(scenario.azure, vaultPath(name));
    await sweep(scenario);
    await announce(scenario, { uri: vaultPath(name) });
    await sweep(scenario);
    const records = await recordsOf(scenario, { resourceId: vaultPath(name) });
    expect(outcomesOf(records)).toEqual(LEFT_ALONE);
    expect(records.every(({ edits }) => edits.length > 0)).toBe(true);
    expect(textNow(scenario.azure, vaultPath(name))).toBe(before);
  });

  it('a lasting exemption from two remediators leaves the third at work', async () => {
    const scenario = current();
    const name = await addBadVault(scenario, 'kv-partly');
    await sweep(scenario);
    expect(outcomesOf(await recordsOf(scenario, { resourceId: vaultPath(name) }))).toEqual([
      'vault-firewall exempt',
      'vault-purge-protection applied',
    ]);
    expect(stateOf(scenario, name)).toEqual({ isShut: false, isProtected: true });
  });

  it('a workflow is exempt by setting and by tag', async () => {
    const scenario = current();
    const { azure } = scenario;
    const connectionName = await addConnection(azure, await addVault(azure, shut(...CONNECTORS)));
    await azure.as(ALICE).put(workflowPath('wf-lasting'), unsafePlaybook(connectionName));
    const tagged = await addWorkflow(azure, {
      ...unsafePlaybook(connectionName),
      tags: { 'holdfast-exempt': `workflow-secure-outputs; until=${inDays(7)}` },
    });
    await sweep(scenario);
    await sweep(scenario);
    for (const name of ['wf-lasting', tagged]) {
      expect(hidesOutputs(azure, name)).toBe(false);
      expect(outcomesOf(await recordsOf(scenario, { resourceId: workflowPath(name) }))).toEqual([
        'workflow-secure-outputs exempt',
      ]);
      const answer = await remediate(scenario, { resourceId: workflowPath(name) });
      expect(answer.body.outcome).toBe('exempt');
    }
    expect(azure.journal.writes({ under: workflowPath(tagged) })).toEqual([]);
  });

  it('a vault that is exempt from its addresses is not shut on its Logic Apps', async () => {
    const scenario = current();
    const { azure } = scenario;
    const vault = await addVault(azure, OPEN);
    await setTags(azure, vaultPath(vault), {
      'holdfast-exempt': `vault-logic-app-ips; until=${inDays(7)}`,
    });
    await addWorkflow(azure, safePlaybook(await addConnection(azure, vault)));
    await sweep(scenario);
    expect(aclsOf(azure, vault)).toMatchObject({ defaultAction: 'Allow', ipRules: [] });
    const records = await recordsOf(scenario, { resourceId: vaultPath(vault) });
    expect(outcomesOf(records)).toEqual(['vault-firewall refused', 'vault-logic-app-ips exempt']);
    expect(records.find(({ outcome }) => outcome === 'refused')?.error).toContain('exempt');
  });

  it('an exempt vault is put right as soon as the tag is gone', async () => {
    const scenario = current();
    const { azure } = scenario;
    const endings: readonly ((id: string) => Promise<unknown>)[] = [
      (id) => setTags(azure, id, { owner: 'x' }),
      (id) => azure.as(BOB).delete(`${id}/providers/Microsoft.Resources/tags/default`),
    ];
    for (const end of endings) {
      const tag = { 'holdfast-exempt': `*; until=${inDays(30)}` };
      const name = await addBadVault(scenario, freshName('kv-tagged'), tag);
      await sweep(scenario);
      expect(stateOf(scenario, name)).toEqual({ isShut: false, isProtected: false });
      await withEvents(scenario, () => end(vaultPath(name)));
      expect(stateOf(scenario, name)).toEqual({ isShut: true, isProtected: true });
      expect(outcomesOf(await recordsOf(scenario, { resourceId: vaultPath(name) }))).toEqual(
        [...LEFT_ALONE, ...PUT_RIGHT].toSorted(),
      );
    }
  });
});

// ── The trail ────────────────────────────────────────────────────────────────────────────────────────────────

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

function at(document: Json, pointer: string): Json | undefined {
  const keys = pointer.split('/').slice(1);
  return keys.reduce<Json | undefined>((value, key) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return (value as Readonly<Record<string, Json>>)[key.replaceAll('~1', '/').replaceAll('~0', '~')];
  }, document);
}

function membersAt(document: Json, pointer: string): readonly string[] {
  const list = at(document, pointer) ?? [];
  if (!Array.isArray(list)) throw new Error(`${pointer} is no list.`);
  return (list as readonly Json[]).map((member) => JSON.stringify(member));
}

const timesIn = (list: readonly string[], member: unknown): number =>
  list.filter((one) => one === JSON.stringify(member)).length;

/** That an edit says what was there before a change, and what was there after it. */
function expectTrue(edit: Edit, before: Json, after: Json): void {
  if (edit.op === 'set') {
    expect(at(before, edit.path) ?? null).toEqual(edit.before);
    expect(at(after, edit.path)).toEqual(edit.after);
    return;
  }
  const [earlier, later] = [membersAt(before, edit.path), membersAt(after, edit.path)];
  const [member, difference] = edit.op === 'add' ? [edit.after, 1] : [edit.before, -1];
  expect(timesIn(later, member) - timesIn(earlier, member)).toBe(difference);
}

/** Every place that differs between two documents, and every list member, as `path = value`. */
function statementsOf(document: Json, path = ''): readonly string[] {
  if (typeof document !== 'object' || document === null) return [`${path} = ${JSON.stringify(document)}`];
  if (Array.isArray(document)) {
    const members = document as readonly Json[];
    return members.map((member) => `${path} has ${JSON.stringify(member)}`);
  }
  return Object.entries(document as Readonly<Record<string, Json>>).flatMap(([key, value]) =>
    statementsOf(value, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}

/** What Azure sets by itself with every write. */
const BY_AZURE = /^\/(?:systemData\/|properties\/(?:version|changedTime) )/;

function newStatements(before: Json, after: Json): readonly string[] {
  const left = [...statementsOf(before)];
  return statementsOf(after).filter((statement) => {
    const found = left.indexOf(statement);
    if (found >= 0) left.splice(found, 1);
    return found < 0 && !BY_AZURE.test(statement);
  });
}

const saidBy = ({ op, path, after }: Edit): readonly string[] =>
  op === 'remove'
    ? []
    : op === 'set'
      ? [`${path} = ${JSON.stringify(after)}`]
      : [`${path} has ${JSON.stringify(after)}`];

describe('every change and its records', () => {
  const current = scenarioOf({ HOLDFAST_IP_RETIRE_AFTER: 'PT0S' });
  let changes: readonly JournalledChange[] = [];
  let applied: readonly AuditRecord[] = [];

  /** A day in the life: much goes wrong, and all of it is put right. */
  beforeAll(async () => {
    const scenario = current();
    const { azure } = scenario;
    const SUBNET = `/subscriptions/${SUBSCRIPTION}/resourcegroups/net/providers/microsoft.network/virtualnetworks/v/subnets/s`;
    const trio = await addEverythingWrong(scenario);
    const second = await addEverythingWrong(scenario);
    const known = await addVault(azure, { ...shut(OFFICE), virtualNetworkRules: [{ id: SUBNET }] });
    const nested = {
      Loop: {
        type: 'Foreach',
        foreach: '@triggerBody()',
        runAfter: {},
        actions: {
          'Odd/name~1': {
            type: 'Scope',
            runAfter: {},
            actions: {
              Get_a: getSecret('a'),
              Get_b: { ...getSecret('b'), runtimeConfiguration: { secureData: { properties: ['inputs'] } } },
            },
          },
        },
      },
    };
    const connectionName = await addConnection(azure, trio.vault);
    const deep = await addWorkflow(azure, playbook(nested, connectionName));
    await sweep(scenario);
    await scenario.stack.subscribe();
    await openVault(azure, known, 'rules-go');
    await settle(scenario);
    await azure.as(BOB).patch(vaultPath(trio.vault), { properties: { networkAcls: OPEN } });
    await azure.as(BOB).put(connectionPath(connectionName), connection(known));
    await settle(scenario);
    azure.changeOutboundIps('westeurope', { connector: ['20.86.93.32/27', '13.69.64.208/28'] });
    await sweep(scenario);
    await azure.as(BOB).put(workflowPath(deep), workflow({ actions: { Read: httpGet(second.vault) } }));
    await azure.as(BOB).put(workflowPath(trio.workflow), playbook(nested, connectionName));
    await settle(scenario);
    // Nobody needs the old addresses any more: the first sweep notes it, the second acts.
    await sweep(scenario);
    await sweep(scenario);
    changes = ownChanges(scenario);
    applied = await recordsOf(scenario, { outcome: 'applied' });
  });

  it('there was enough to do', () => {
    const ops = new Set(
      applied.flatMap(({ edits }) => edits.map(({ op, path }) => `${op} ${path.split('/').at(-1) ?? ''}`)),
    );
    expect([...ops].toSorted()).toEqual(
      expect.arrayContaining([
        'add ipRules',
        'add properties',
        'add virtualNetworkRules',
        'remove ipRules',
        'set bypass',
        'set defaultAction',
        'set enablePurgeProtection',
      ]),
    );
    expect(changes.length).toBeGreaterThan(8);
  });

  it('each change has one applied record per remediator, with the id that was sent with it', async () => {
    const scenario = current();
    const sent = scenario.azure.journal.writes();
    expect(sent.map(({ clientRequestId }) => clientRequestId)).toEqual(
      changes.map(({ clientRequestId }) => clientRequestId),
    );
    expect(new Set(sent.map(({ clientRequestId }) => clientRequestId)).size).toBe(sent.length);
    for (const change of changes) {
      const records = applied.filter(({ writeId }) => writeId === change.clientRequestId);
      expect(records.length).toBeGreaterThan(0);
      expect(new Set(records.map(({ remediator }) => remediator)).size).toBe(records.length);
      for (const record of records) {
        expect(record.resourceId).toBe(change.resourceId);
        expect(record.mode).toBe('enforce');
        expect(record.error).toBeNull();
        const request = sent.find(({ clientRequestId }) => clientRequestId === record.writeId);
        expect(record.armRequestId).toBe(request?.requestId);
        // The intent was there before the write.
        expect(Date.parse(record.time)).toBeLessThanOrEqual(Date.parse(change.time));
      }
    }
    const written = new Set(changes.map(({ clientRequestId }) => clientRequestId));
    expect(applied.filter(({ writeId }) => !written.has(writeId))).toEqual([]);
    expect(await recordsOf(scenario, { outcome: 'pending' })).toEqual([]);
  });

  it('each edit says truly what was there before and after', () => {
    for (const record of applied) {
      const change = changes.find(({ clientRequestId }) => clientRequestId === record.writeId);
      const before = JSON.parse(change?.before ?? 'null') as Json;
      const after = JSON.parse(change?.after ?? 'null') as Json;
      expect(record.edits.length).toBeGreaterThan(0);
      for (const edit of record.edits) expectTrue(edit, before, after);
    }
  });

  it('nothing was changed that no edit tells of, and no edit is told twice', () => {
    for (const change of changes) {
      const before = JSON.parse(change.before ?? 'null') as Json;
      const after = JSON.parse(change.after ?? 'null') as Json;
      const edits = applied
        .filter(({ writeId }) => writeId === change.clientRequestId)
        .flatMap((record) => record.edits);
      expect(newStatements(before, after).toSorted()).toEqual(edits.flatMap(saidBy).toSorted());
      const gone = newStatements(after, before).filter((statement) => statement.includes(' has '));
      const removed = edits.flatMap(({ op, path, before: member }) =>
        op === 'remove' ? [`${path} has ${JSON.stringify(member)}`] : [],
      );
      expect(gone.toSorted()).toEqual(removed.toSorted());
    }
  });

  it('each record is one JSON line in the log, and says the same there', async () => {
    const scenario = current();
    const records = await recordsOf(scenario);
    expect(byId(loggedRecords(scenario))).toEqual(byId(records));
  });

  it('a refusal that Azure repeats is one record and one line', async () => {
    const scenario = current();
    const { azure } = scenario;
    const name = await addVault(azure, { ...shut(OFFICE), defaultAction: 'Allow' });
    azure.locks.add({ name: 'freeze', scope: vaultPath(name), level: 'ReadOnly' });
    await settle(scenario);
    for (let i = 0; i < 3; i += 1) await sweep(scenario);
    azure.locks.remove(vaultPath(name));
    expect(azure.journal.writes({ under: vaultPath(name) }).length).toBeGreaterThanOrEqual(3);
    const records = await recordsOf(scenario, { resourceId: vaultPath(name) });
    expect(outcomesOf(records)).toEqual(['vault-firewall refused']);
    const lines = loggedRecords(scenario).filter(({ resourceId }) => resourceId === vaultPath(name));
    expect(lines).toEqual(records);
  });
});

describe('names that would like to be something else', () => {
  const current = scenarioOf();
  const FORGED = '{"holdfast":"record","forged":1}';
  /** Line breaks of every kind, quotes, an escape sequence, a change of direction, and a line of its own. */
  const HOSTILE = `x"'\\\r\n\u2028\u2029\u0085\u001b[31m\u202e\u200b\n${FORGED}`;

  it('cannot forge a line in the log', async () => {
    const scenario = current();
    const { azure } = scenario;
    const vault = await addVault(azure, shut(OFFICE));
    const connectionName = await addConnection(azure, vault);
    const actions = {
      [HOSTILE]: getSecret('token'),
      Tracked: { ...getSecret('t'), trackedProperties: { a: 1 } },
    };
    const name = await addWorkflow(azure, playbook(actions, connectionName));
    const refused = await addWorkflow(azure, {
      ...workflow({
        actions: { [`${HOSTILE}2`]: { ...httpGet(vault), runtimeConfiguration: {} } },
        declared: { [HOSTILE]: { type: 'SecureString', defaultValue: 'x' } },
      }),
      tags: { 'holdfast-exempt': HOSTILE.slice(0, 30) },
    });
    await azure.as(ALICE).put(connectionPath(freshName('keyvault')), connection(HOSTILE));
    await setTags(azure, vaultPath(vault), { 'holdfast-exempt': HOSTILE, ['line\nbreak"']: HOSTILE });
    await sweep(scenario);
    await setAcls(azure, vault, {
      ...aclsOf(azure, vault),
      defaultAction: 'Allow',
      ipRules: [{ value: '203.0.113.9', label: HOSTILE }],
    });
    const event = gridEvent(scenario, { uri: vaultPath(vault), correlationId: HOSTILE.slice(0, 100) });
    const claims = { name: HOSTILE, appid: HOSTILE, ipaddr: HOSTILE };
    await deliver(scenario, [{ ...event, data: { ...(event.data as object), claims } }]);
    await deliver(scenario, [{ ...event, eventType: HOSTILE, data: HOSTILE, [HOSTILE]: HOSTILE }]);
    await remediate(scenario, {
      resourceId: workflowPath(refused),
      remediators: ['workflow-secure-outputs'],
    });
    await settle(scenario);

    const records = await recordsOf(scenario);
    expect(outcomesOf(records.filter(({ resourceId }) => resourceId === workflowPath(name)))).toEqual([
      'workflow-secure-outputs applied',
      'workflow-secure-outputs refused',
    ]);
    const ofVault = records.find(({ remediator }) => remediator === 'vault-firewall');
    expect(ofVault?.actor?.name).toBe(HOSTILE);
    expect(JSON.stringify(records)).toContain('forged');

    expect(byId(loggedRecords(scenario))).toEqual(byId(records));
    for (const line of scenario.lines) {
      expect(line).not.toMatch(/^\{"holdfast"/);
      expect(line).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200b\u2028\u2029\u202e]/);
    }
    expect(
      scenario.lines.filter((line) => line.includes('forged') && !line.includes('"holdfast":"record"')),
    ).toEqual([]);
  });
});

describe('secrets', () => {
  const CANARY = 'canary-7f3a9c';
  const current = scenarioOf({}, true);

  afterEach(() => {
    current().azure.faults.clear();
  });

  /** A workflow whose author left secrets in every corner, and which needs to be written. */
  const leaky = (vault: string, connectionName: string): object => {
    const reads = playbook({ Get_secret: getSecret('token') }, connectionName) as {
      properties: {
        definition: { parameters: object; actions: object };
        parameters: { $connections: { value: Record<string, object> } };
      };
    };
    const { properties } = reads;
    // The connection signs in with a client secret.
    for (const entry of Object.values(properties.parameters.$connections.value)) {
      Reflect.deleteProperty(entry, 'connectionProperties');
    }
    const http = httpGet(vault) as { inputs: object };
    return {
      ...reads,
      properties: {
        ...properties,
        parameters: { ...properties.parameters, apiKey: { value: `${CANARY}-value` } },
        definition: {
          ...properties.definition,
          description: `${CANARY}-description`,
          parameters: {
            ...properties.definition.parameters,
            apiKey: { type: 'String', defaultValue: `${CANARY}-default` },
          },
          actions: {
            ...properties.definition.actions,
            Read_key: {
              ...http,
              inputs: {
                ...http.inputs,
                headers: { Authorization: `Bearer ${CANARY}-header`, 'x-functions-key': `${CANARY}-key` },
              },
              runtimeConfiguration: {},
            },
            Call: {
              type: 'Http',
              runAfter: {},
              inputs: {
                method: 'POST',
                uri: `https://api.example/?sig=${CANARY}-sig`,
                body: { password: `${CANARY}-password` },
                authentication: { type: 'Basic', username: 'u', password: `${CANARY}-basic` },
              },
            },
          },
        },
      },
    };
  };

  async function addLeaky(scenario: Scenario): Promise<{ vault: string; workflow: string }> {
    const { azure } = scenario;
    const vault = await addVault(azure, { ...shut(OFFICE), defaultAction: 'Allow' });
    const name = freshName('keyvault');
    const parameterValues = {
      vaultName: vault,
      'token:clientId': 'client',
      'token:clientSecret': `${CANARY}-client-secret`,
      'token:TenantId': 'tenant',
      'token:grantType': 'client_credentials',
    };
    const document = connection(vault, {
      parameterValueType: null,
      alternativeParameterValues: null,
      parameterValues,
    });
    await azure.as(ALICE).put(connectionPath(name), document);
    return { vault, workflow: await addWorkflow(azure, leaky(vault, name)) };
  }

  /** Everything that Holdfast has said or kept, as one text. */
  async function everythingSaid(scenario: Scenario): Promise<string> {
    const { storage } = scenario.stack;
    const options = { allowInsecureConnection: true };
    const stored: unknown[] = [];
    for await (const { name } of TableServiceClient.fromConnectionString(storage, options).listTables()) {
      const table = TableClient.fromConnectionString(storage, name ?? '', options);
      for await (const entity of table.listEntities()) stored.push(entity);
    }
    expect(stored.length).toBeGreaterThan(3);
    const records = await fetchRecords(scenario.stack.hostUrl);
    const answers = await Promise.all(
      ['findings?limit=1000', 'posture'].map(async (path) => {
        const answer = await fetch(`${scenario.stack.hostUrl}/api/${path}`);
        expect(answer.status).toBe(200);
        return answer.text();
      }),
    );
    return [...scenario.lines, ...answers, JSON.stringify(records), JSON.stringify(stored)].join('\n');
  }

  it('that are in a definition, a header or a connection are nowhere to be seen', async () => {
    const scenario = current();
    const { azure } = scenario;
    const { vault, workflow: name } = await addLeaky(scenario);
    expect(textNow(azure, workflowPath(name)).split(CANARY).length).toBeGreaterThan(8);
    const dry = await remediate(scenario, { resourceId: workflowPath(name), dryRun: true });
    await sweep(scenario);
    await azure.as(BOB).put(workflowPath(name), JSON.parse(textNow(azure, workflowPath(name))));
    await announce(scenario, { uri: workflowPath(name) });
    const wet = await remediate(scenario, { resourceId: workflowPath(name) });
    const ofVault = await remediate(scenario, { resourceId: vaultPath(vault) });
    expect(dry.body.outcome).toBe('planned');
    expect(hidesOutputs(azure, name)).toBe(true);
    // The secrets are where they were: the write carried them.
    expect(azure.journal.writes({ under: workflowPath(name) })[0]?.body).toContain(`${CANARY}-header`);
    for (const text of [dry.text, wet.text, ofVault.text, await everythingSaid(scenario)]) {
      expect(text).not.toContain(CANARY);
    }
  });

  const quoting = `The request content was invalid: 'headers': { 'Authorization': 'Bearer ${CANARY}-quoted' }`;
  const faults: readonly [string, FaultAction, number][] = [
    ['400', { kind: 'error', status: 400, code: 'InvalidTemplate', message: quoting }, 502],
    ['403', { kind: 'error', status: 403, code: 'AuthorizationFailed', message: quoting }, 502],
    [
      'a linked 403',
      { kind: 'error', status: 403, code: 'LinkedAuthorizationFailed', message: quoting },
      502,
    ],
    ['409 of a lock', { kind: 'error', status: 409, code: 'ScopeLocked', message: quoting }, 409],
    ['409', { kind: 'error', status: 409, code: 'Conflict', message: quoting }, 202],
    ['412', { kind: 'error', status: 412, code: 'PreconditionFailed', message: quoting }, 202],
    ['429', { kind: 'error', status: 429, code: 'TooManyRequests', message: quoting, retryAfter: 6 }, 202],
    ['500', { kind: 'error', status: 500, code: 'InternalServerError', message: quoting }, 202],
    [
      'a code that is none',
      { kind: 'error', status: 400, code: `No: ${CANARY}-quoted`, message: quoting },
      502,
    ],
    ['a page that is not ARM’s', { kind: 'error', status: 400, body: `<html>${quoting}</html>` }, 502],
    ['a gateway’s page', { kind: 'error', status: 502, body: `<html>${quoting}</html>` }, 202],
    ['headers', { kind: 'error', status: 400, code: 'BadRequest', headers: { 'x-ms-detail': quoting } }, 502],
    ['a success that is no JSON', { kind: 'error', status: 200, body: `<html>${quoting}</html>` }, 202],
    [
      'another document',
      { kind: 'error', status: 200, body: JSON.stringify({ properties: { q: quoting } }) },
      502,
    ],
  ];

  it.each(faults)('that Azure quotes with %s are nowhere to be seen', async (_what, action, status) => {
    const scenario = current();
    const { azure } = scenario;
    const { workflow: name } = await addLeaky(scenario);
    const resourceId = workflowPath(name);
    azure.faults.add({ method: 'PUT', path: `*/${name}`, action });
    const answer = await remediate(scenario, { resourceId });
    expect(answer.status).toBe(status);
    expect(azure.journal.writes({ under: resourceId })[0]?.fault).not.toBeNull();
    if (status === 202) {
      azure.faults.clear();
      await settle(scenario);
      expect(hidesOutputs(azure, name)).toBe(true);
    } else {
      const [record, ...more] = await recordsOf(scenario, { resourceId });
      expect(more).toEqual([]);
      expect(record?.outcome).toBe(status === 409 ? 'refused' : 'failed');
      expect(record?.error).toContain('Azure');
    }
    for (const text of [answer.text, await everythingSaid(scenario)]) expect(text).not.toContain(CANARY);
  });

  it('that a list or a read quotes are nowhere to be seen', async () => {
    const scenario = current();
    const { azure } = scenario;
    const { workflow: name } = await addLeaky(scenario);
    azure.faults.add({
      method: 'GET',
      path: '*',
      action: { kind: 'error', status: 403, code: 'AuthorizationFailed', message: quoting },
    });
    const answer = await remediate(scenario, { resourceId: workflowPath(name) });
    expect(answer.status).toBe(502);
    await expect(scenario.stack.sweep()).rejects.toThrow();
    await announce(scenario, { uri: workflowPath(name) });
    for (const text of [answer.text, await everythingSaid(scenario)]) expect(text).not.toContain(CANARY);
  });
});
