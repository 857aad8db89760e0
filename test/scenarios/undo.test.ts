import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { getSecret, shut } from '../../demo/estate.js';
import { membersOf } from '../../simulator/raw-json.js';
import { recordId } from '../../src/engine/record/record-id.js';
import type { Undo, UndoCommand } from '../../src/engine/undo/undo.js';
import { fakeAz, type ShellResult } from './fake-az.js';
import {
  addConnection,
  addVault,
  addWorkflow,
  aclsOf,
  ALICE,
  BOB,
  connectionPath,
  CONNECTORS,
  OFFICE,
  openVault,
  ownChanges,
  recordsOf,
  remediate,
  rulesOf,
  setAcls,
  settle,
  startScenario,
  SUBSCRIPTION,
  textNow,
  vaultPath,
  withEvents,
  workflow,
  workflowPath,
  type Scenario,
} from './scenario.js';

/*
 * What a record's undo says, done by somebody with rights of their own: as requests, and by a shell.
 */

vi.setConfig({ testTimeout: 60_000 });

const CAROL = 'carol@contoso.com';
let scenario: Scenario;
let shell: (commands: string, shell?: string) => Promise<ShellResult>;

beforeAll(async () => {
  scenario = await startScenario({ simulator: { events: { timeScale: 0.02 } } });
  shell = await fakeAz(scenario.stack.simulator.controlUrl, CAROL);
});
afterAll(() => scenario.stack.close());

async function undoAnswer(recordId: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(`${scenario.stack.hostUrl}/api/audit/${recordId}/undo`);
  return { status: answer.status, body: await answer.json() };
}

async function undoOf(resourceId: string, remediator: string): Promise<Undo> {
  const [record] = await recordsOf(scenario, { resourceId, remediator, outcome: 'applied' });
  const { status, body } = await undoAnswer(record?.id ?? 'none');
  expect(status).toBe(200);
  return body as Undo;
}

/** The requests as they stand, sent by Carol. */
async function send({ rest: { method, url, body, jq } }: UndoCommand): Promise<void> {
  const carol = scenario.azure.as(CAROL);
  const { pathname, search } = new URL(url);
  const made =
    jq === null
      ? (body ?? undefined)
      : execFileSync('jq', ['-c', jq], { input: await carol.get(pathname + search), encoding: 'utf8' });
  await carol.request(method, pathname + search, made);
}

const propertiesOf = (id: string): string => membersOf(textNow(scenario.azure, id)).get('properties') ?? '';
const definitionOf = (id: string): string => membersOf(propertiesOf(id)).get('definition') ?? '';

async function addPlaybook(): Promise<string> {
  const { azure } = scenario;
  const vault = await addVault(azure, shut(OFFICE, ...CONNECTORS));
  const connection = await addConnection(azure, vault);
  const api = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault`;
  const value = {
    keyvault: {
      connectionId: connectionPath(connection),
      connectionName: connection,
      id: api,
      connectionProperties: { authentication: { type: 'ManagedServiceIdentity' } },
    },
  };
  const document = workflow({
    actions: { [`Get "it's"; $(touch pwned)`]: getSecret('card-key') },
    declared: { $connections: { defaultValue: {}, type: 'Object' } },
    parameters: { $connections: { value } },
  });
  return workflowPath(await addWorkflow(azure, document));
}

describe('a firewall that was shut', () => {
  it('is as it was before, and Holdfast, held off, leaves it so', async () => {
    const { azure } = scenario;
    const name = await addVault(azure, shut(OFFICE));
    const id = vaultPath(name);
    await remediate(scenario, { resourceId: id });
    await openVault(azure, name, 'rules-go');
    const before = propertiesOf(id);
    await withEvents(scenario, async () => {
      await remediate(scenario, { resourceId: id });
      expect(aclsOf(azure, name)).toMatchObject({ defaultAction: 'Deny', ipRules: [{ value: OFFICE }] });
      const undo = await undoOf(id, 'vault-firewall');
      await send(undo.holdOff.command);
      await settle(scenario);
      for (const command of undo.commands) await send(command);
      await settle(scenario);
    });
    expect(JSON.parse(propertiesOf(id))).toEqual(JSON.parse(before));
    expect(ownChanges(scenario).filter(({ resourceId }) => resourceId === id)).toHaveLength(1);
  });

  it('keeps a rule that somebody put there an hour later', async () => {
    const { azure } = scenario;
    const name = await addVault(azure, { ...shut(OFFICE), defaultAction: 'Allow' });
    const id = vaultPath(name);
    await remediate(scenario, { resourceId: id });
    const { commands } = await undoOf(id, 'vault-firewall');
    const acls = aclsOf(azure, name);
    await setAcls(azure, name, { ...acls, ipRules: [...acls.ipRules, { value: '203.0.113.9/32' }] });
    for (const command of commands) await send(command);
    expect(rulesOf(azure, name)).toEqual([OFFICE, '203.0.113.9/32']);
    expect(aclsOf(azure, name).defaultAction).toBe('Allow');
  });
});

describe('a workflow whose action was secured', () => {
  it.each(['sh', 'bash'])('is byte for byte as it was, after %s has run the commands', async (which) => {
    const id = await addPlaybook();
    const before = definitionOf(id);
    await remediate(scenario, { resourceId: id, remediators: ['workflow-secure-outputs'] });
    expect(definitionOf(id)).not.toBe(before);
    const { commands } = await undoOf(id, 'workflow-secure-outputs');
    for (const { az } of commands) expect(await shell(az, which)).toEqual({ isDone: true, complaint: '' });
    expect(definitionOf(id)).toBe(before);
    expect(scenario.azure.journal.changes({ resourceId: id }).at(-1)).toMatchObject({
      principal: { name: CAROL },
    });
  });

  it('is not written where it is no longer as Holdfast left it', async () => {
    const { azure } = scenario;
    const id = await addPlaybook();
    const before = textNow(azure, id);
    await remediate(scenario, { resourceId: id, remediators: ['workflow-secure-outputs'] });
    const { commands } = await undoOf(id, 'workflow-secure-outputs');
    await azure.as(BOB).put(id, before);
    const mark = azure.journal.mark();
    const results = await Promise.all(commands.map(({ az }) => shell(az)));
    expect(results).toMatchObject([
      { isDone: false, complaint: expect.stringContaining('stopped') as string },
    ]);
    expect(azure.journal.changes({ since: mark, resourceId: id })).toEqual([]);
  });
});

describe('a record that cannot be undone', () => {
  it('is answered with why', async () => {
    const id = vaultPath(await addVault(scenario.azure, shut(OFFICE)));
    await scenario.azure.as(ALICE).patch(id, { properties: { networkAcls: shut(OFFICE) } });
    expect(await undoAnswer('no-id')).toMatchObject({ status: 400, body: { title: 'Bad input' } });
    expect(await undoAnswer(recordId(new Date()))).toMatchObject({ status: 404 });
    expect(await undoAnswer('11111111-1111-4111-8111-111111111111')).toMatchObject({ status: 400 });
  });

  it('is one that only planned', async () => {
    const { azure } = scenario;
    const id = await addPlaybook();
    azure.locks.add({ name: 'freeze', scope: id, level: 'ReadOnly' });
    await remediate(scenario, { resourceId: id, remediators: ['workflow-secure-outputs'] });
    const [record] = await recordsOf(scenario, { resourceId: id });
    expect(await undoAnswer(record?.id ?? '')).toMatchObject({
      status: 409,
      body: { outcome: record?.outcome },
    });
  });
});
