import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { getSecret, shut } from '../../demo/estate.js';
import { membersOf } from '../../simulator/raw-json.js';
import {
  addConnection,
  addVault,
  addWorkflow,
  BOB,
  connectionPath,
  CONNECTORS,
  namesOf,
  OFFICE,
  recordsOf,
  remediate,
  settle,
  startScenario,
  SUBSCRIPTION,
  textNow,
  trafficOf,
  withEvents,
  workflow,
  workflowPath,
  type Scenario,
} from './scenario.js';

/*
 * Somebody saves a workflow between Holdfast's read and its PUT. ARM has no ETag for workflows: the version history
 * alone tells.
 */

vi.setConfig({ testTimeout: 60_000 });

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ simulator: { events: { timeScale: 0.02 } } });
});
afterAll(() => scenario.stack.close());
afterEach(() => {
  scenario.azure.faults.clear();
  scenario.azure.permissions.unrestrict(scenario.appId);
});

async function parametersFor(): Promise<object> {
  const vault = await addVault(scenario.azure, shut(OFFICE, ...CONNECTORS));
  const connection = await addConnection(scenario.azure, vault);
  const id = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault`;
  const connectionProperties = { authentication: { type: 'ManagedServiceIdentity' } };
  const value = {
    keyvault: {
      connectionId: connectionPath(connection),
      connectionName: connection,
      id,
      connectionProperties,
    },
  };
  return { $connections: { value } };
}

const declared = { $connections: { defaultValue: {}, type: 'Object' } };

/** What somebody saves: with numbers that JSON.parse would not keep, and a password that belongs in no record. */
function theirs(document: object): string {
  return JSON.stringify(document).replace('"EXACT"', '12345678901234567890').replace('"ONE"', '1.0');
}

async function race(): Promise<{ readonly id: string; readonly saved: string }> {
  const { azure } = scenario;
  const parameters = await parametersFor();
  const open = workflow({ actions: { Get: getSecret('card-key') }, declared, parameters });
  const id = workflowPath(await addWorkflow(azure, open));
  const actions = {
    Get: getSecret('card-key'),
    Get_other: getSecret('other-key'),
    Note: { type: 'Compose', runAfter: {}, inputs: { exact: 'EXACT', one: 'ONE', note: 'hunter2' } },
  };
  const saved = theirs(workflow({ actions, declared, parameters }));
  azure.faults.add({
    method: 'PUT',
    path: `*${id}`,
    times: 1,
    action: { kind: 'somebody-else', as: BOB, method: 'PUT', path: id, body: saved, when: 'before' },
  });
  return { id, saved };
}

const definitionNow = (id: string): string =>
  membersOf(membersOf(textNow(scenario.azure, id)).get('properties') ?? '').get('definition') ?? '';

describe('a save between the read and the write', () => {
  it('is taken up again, byte for byte but for the edits, and recorded without its content', async () => {
    const { id, saved } = await race();
    const traffic = await trafficOf(scenario, () => remediate(scenario, { resourceId: id }));
    const now = definitionNow(id);
    const plain = now.replaceAll(
      /,\s*"runtimeConfiguration":\s*\{\s*"secureData":\s*\{\s*"properties":\s*\[\s*"outputs"\s*\]\s*\}\s*\}/g,
      '',
    );
    const original = membersOf(membersOf(saved).get('properties') ?? '').get('definition') ?? '';
    expect(now.match(/"outputs"/g)?.length).toBe(3);
    expect(plain.replaceAll(/\s+/g, '')).toBe(original.replaceAll(/\s+/g, ''));
    expect(now).toMatch(/12345678901234567890.*1\.0/s);
    expect(traffic.writes).toHaveLength(2);
    expect(namesOf(traffic).filter((name) => name.endsWith('versions'))).toHaveLength(2);
    const records = await recordsOf(scenario, { resourceId: id, outcome: 'applied' });
    expect(records.map(({ edits }) => edits.map(({ path }) => path.split('/').at(2)))).toEqual([
      ['version', 'definition', 'definition'],
      ['definition'],
    ]);
    expect(JSON.stringify(records)).not.toContain('hunter2');
  });

  it('leads to no further write when its own events come in', async () => {
    await withEvents(scenario, async () => {
      const { id } = await race();
      await settle(scenario);
      const { azure, appId } = scenario;
      const own = azure.journal.changes({ resourceId: id, principal: appId });
      expect(own).toHaveLength(2);
      expect(definitionNow(id)).toContain('hunter2');
      expect(azure.journal.changes({ resourceId: id }).at(-1)).toMatchObject({
        principal: { objectId: appId },
      });
    });
  });

  it('is not looked for where that is not allowed, and the record says so', async () => {
    const { id } = await race();
    const notActions = ['Microsoft.Logic/workflows/versions/read'];
    scenario.azure.permissions.restrict(scenario.appId, [
      { actions: ['*'], notActions, scope: `/subscriptions/${SUBSCRIPTION}` },
    ]);
    await remediate(scenario, { resourceId: id });
    const [record, ...others] = await recordsOf(scenario, { resourceId: id });
    expect(others).toEqual([]);
    expect(record?.outcome).toBe('applied');
    expect(record?.warnings.join(' ')).toContain('Microsoft.Logic/workflows/versions/read');
  });
});

describe('a workflow that somebody deletes between the read and the write', () => {
  async function deletedMeanwhile(): Promise<string> {
    const { azure } = scenario;
    const parameters = await parametersFor();
    const open = workflow({ actions: { Get: getSecret('card-key') }, declared, parameters });
    const id = workflowPath(await addWorkflow(azure, open));
    azure.faults.add({
      method: 'PUT',
      path: `*${id}`,
      times: 1,
      action: { kind: 'somebody-else', as: BOB, method: 'DELETE', path: id, when: 'before' },
    });
    return id;
  }

  it('stays deleted where the service asks whether it is there', async () => {
    scenario.azure.switches.set({ ifMatch: 'honoured' });
    try {
      const id = await deletedMeanwhile();
      expect((await remediate(scenario, { resourceId: id })).status).toBe(404);
      await expect(scenario.azure.as(BOB).get(id)).rejects.toThrow(/404/);
      const [record, ...others] = await recordsOf(scenario, { resourceId: id });
      expect(others).toEqual([]);
      expect(record?.outcome).toBe('failed');
      expect(record?.error).toContain('was deleted');
    } finally {
      scenario.azure.switches.set({ ifMatch: 'ignored' });
    }
  });

  it('is made again where it does not, and the record says so and what to do', async () => {
    const id = await deletedMeanwhile();
    await remediate(scenario, { resourceId: id });
    const [record, ...others] = await recordsOf(scenario, { resourceId: id });
    expect(others).toEqual([]);
    expect(record?.outcome).toBe('applied');
    expect(record?.warnings.join(' ')).toMatch(/deleted the workflow .* made it again.*delete it/s);
  });

  it('is made again by a write without an answer, too, and the record says so', async () => {
    const id = await deletedMeanwhile();
    scenario.azure.faults.add({
      method: 'PUT',
      path: `*${id}`,
      times: 1,
      action: { kind: 'reset', when: 'after' },
    });
    await remediate(scenario, { resourceId: id });
    const [record, ...others] = await recordsOf(scenario, { resourceId: id });
    expect(others).toEqual([]);
    expect(record?.outcome).toBe('applied');
    expect(record?.warnings.join(' ')).toContain('made it again');
  });
});
