import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { getSecret, playbook, shut } from '../../demo/estate.js';
import type { Switches } from '../../simulator/switches.js';
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
  GROUP,
  hidesOutputs,
  httpGet,
  namesOf,
  OFFICE,
  openVault,
  outcomesOf,
  ownChanges,
  recordsOf,
  rulesOf,
  sentAcls,
  setAcls,
  setTags,
  settle,
  startScenario,
  sweep,
  textNow,
  trafficOf,
  vaultNow,
  vaultPath,
  withEvents,
  workflow,
  workflowPath,
  type Scenario,
} from './scenario.js';
import { SUBSCRIPTION } from '../../demo/stack.js';

/*
 * What Event Grid announces: what each event costs, what it puts right, and what it must leave alone.
 */

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(async () => {
  await scenario.stack.close();
});
afterEach(() => {
  scenario.azure.switches.reset();
});

/** Somebody saves a workflow in the designer, and the secure outputs are gone. */
const saveWithoutSecureOutputs = (name: string, connectionName: string, who = BOB): Promise<unknown> =>
  scenario.azure
    .as(who)
    .put(workflowPath(name), playbook({ Get_secret: getSecret('token') }, connectionName));

/** A shut vault, its connection, and a workflow that reads it, with everything as it should be. */
async function addTrio(): Promise<{ vault: string; connection: string; workflow: string }> {
  const { azure } = scenario;
  const vault = await addVault(azure, shut(OFFICE, ...CONNECTORS));
  const connectionName = await addConnection(azure, vault);
  const document = playbook({ Get_secret: getSecret('token', true) }, connectionName);
  return { vault, connection: connectionName, workflow: await addWorkflow(azure, document) };
}

describe('before anything was swept', () => {
  it('a vault is shut with the addresses of its Logic Apps in the same write', async () => {
    const { azure } = scenario;
    const name = await addVault(azure, { ...shut(OFFICE), defaultAction: 'Allow' });
    const connectionName = await addConnection(azure, name);
    await addWorkflow(azure, playbook({ Get_secret: getSecret('token', true) }, connectionName));
    await addWorkflow(azure, workflow({ actions: { Read_key: httpGet(name) } }));
    const { connector, runtime } = azure.outboundIps('westeurope');
    expect(connector.length + runtime.length).toBeGreaterThan(2);

    const { writes } = await trafficOf(scenario, () => announce(scenario, { uri: vaultPath(name) }));

    expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual([`PATCH ${vaultPath(name)}`]);
    const sent = writes.flatMap((write) => [sentAcls(write)]);
    expect(sent[0]?.defaultAction).toBe('Deny');
    const needed = [...connector, ...runtime].map((address) =>
      address.includes('/') ? address : `${address}/32`,
    );
    expect(sent[0]?.ipRules.map(({ value }) => value)).toEqual([OFFICE, ...needed.toSorted(byAddress)]);
    expect(aclsOf(azure, name)).toEqual(sent[0]);
    expect(outcomesOf(await recordsOf(scenario, { resourceId: vaultPath(name) }))).toEqual([
      'vault-firewall applied',
      'vault-logic-app-ips applied',
    ]);
  });
});

function byAddress(a: string, b: string): number {
  const numberOf = (address: string): number =>
    (address.split('/')[0] ?? '').split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return numberOf(a) - numberOf(b);
}

describe.each(['EventGridSchema', 'CloudEventSchemaV1_0'] as const)('events as %s', (schema) => {
  /** Something was wrong before anybody listened; then this write is announced. */
  const writes: readonly [string, () => Promise<() => Promise<unknown>>, RegExp][] = [
    [
      'a write of the vault itself',
      async () => {
        const { vault } = await openedTrio();
        return () =>
          scenario.azure.as(BOB).patch(vaultPath(vault), { properties: { enabledForDeployment: true } });
      },
      /vaults\/kv-test-\d+$/,
    ],
    [
      'an access policy of the vault, whose event names a child',
      async () => {
        const { vault } = await openedTrio();
        const policy = {
          tenantId: scenario.azure.tenantId,
          objectId: randomUUID(),
          permissions: { secrets: ['get'] },
        };
        return () =>
          scenario.azure
            .as(BOB)
            .put(`${vaultPath(vault)}/accessPolicies/add`, { properties: { accessPolicies: [policy] } });
      },
      /\/accessPolicies\/add$/,
    ],
    [
      'a tag of the vault, whose event names the tags',
      async () => {
        const { vault } = await openedTrio();
        return () => setTags(scenario.azure, vaultPath(vault), { owner: 'security' });
      },
      /\/providers\/Microsoft\.Resources\/tags\/default$/,
    ],
  ];

  async function openedTrio(): Promise<{ vault: string }> {
    const { vault } = await addTrio();
    await sweep(scenario);
    await openVault(scenario.azure, vault);
    return { vault };
  }

  it.each(writes)('%s has the vault put right', async (_what, prepare, uri) => {
    const act = await prepare();
    const { azure } = scenario;
    const since = azure.journal.mark();
    await withEvents(scenario, act, schema);
    const [announced] = azure.journal.deliveries(since);
    expect(announced?.resourceUri).toMatch(uri);
    const [change, ...others] = ownChanges(scenario, since);
    expect(others).toEqual([]);
    const name = change?.resourceId.split('/').at(-1) ?? '';
    expect(aclsOf(azure, name).defaultAction).toBe('Deny');
    expect(rulesOf(azure, name)).toEqual([OFFICE, ...CONNECTORS]);
    const [cause] = azure.journal.requests({ since, origin: 'actor' });
    const [record, ...more] = await recordsOf(scenario, {
      resourceId: vaultPath(name),
      outcome: 'applied',
      correlationId: cause?.correlationId ?? 'none',
    });
    expect(more).toEqual([]);
    expect(record).toMatchObject({ remediator: 'vault-firewall', trigger: 'event', actor: { name: BOB } });
    expect(record?.actor?.id).toBe(azure.as(BOB).principal.objectId);
  });

  it('a write of a workflow has its secure outputs put back', async () => {
    const { azure } = scenario;
    const trio = await addTrio();
    await sweep(scenario);
    await withEvents(scenario, () => saveWithoutSecureOutputs(trio.workflow, trio.connection), schema);
    expect(hidesOutputs(azure, trio.workflow)).toBe(true);
    const records = await recordsOf(scenario, { resourceId: workflowPath(trio.workflow) });
    expect(outcomesOf(records)).toEqual(['workflow-secure-outputs applied']);
    expect(records[0]).toMatchObject({ trigger: 'event', actor: { name: BOB } });
  });

  it('a tag of a workflow has it looked at', async () => {
    const { azure } = scenario;
    const trio = await addTrio();
    await sweep(scenario);
    await saveWithoutSecureOutputs(trio.workflow, trio.connection);
    expect(hidesOutputs(azure, trio.workflow)).toBe(false);
    await withEvents(
      scenario,
      () => setTags(azure, workflowPath(trio.workflow), { owner: 'security' }),
      schema,
    );
    expect(hidesOutputs(azure, trio.workflow)).toBe(true);
  });

  it('a connection that moves to another vault brings the addresses of its workflows there', async () => {
    const { azure } = scenario;
    const trio = await addTrio();
    const other = await addVault(azure, shut(OFFICE));
    await sweep(scenario);
    expect(rulesOf(azure, other)).toEqual([OFFICE]);
    const since = azure.journal.mark();
    await withEvents(
      scenario,
      () => azure.as(BOB).put(connectionPath(trio.connection), connection(other)),
      schema,
    );
    const [write, ...more] = azure.journal.writes({ since });
    expect(more).toEqual([]);
    expect(write?.path).toBe(vaultPath(other));
    expect(rulesOf(azure, other).toSorted()).toEqual([OFFICE, ...CONNECTORS].toSorted());
    // Somebody else's workflow may still read the vault it left: what is there stays until it has aged.
    expect(rulesOf(azure, trio.vault)).toEqual([OFFICE, ...CONNECTORS]);
    const [record] = await recordsOf(scenario, { resourceId: vaultPath(other), outcome: 'applied' });
    expect(record).toMatchObject({
      remediator: 'vault-logic-app-ips',
      trigger: 'event',
      actor: { name: BOB },
    });
  });

  it('a workflow that begins to read another vault gets its addresses into that vault', async () => {
    const { azure } = scenario;
    const trio = await addTrio();
    const other = await addVault(azure, shut(OFFICE));
    await sweep(scenario);
    const document = workflow({ actions: { Read_key: httpGet(other) } });
    const since = azure.journal.mark();
    await withEvents(scenario, () => azure.as(BOB).put(workflowPath(trio.workflow), document), schema);
    const written = azure.journal.writes({ since });
    expect(written.map(({ method, path }) => `${method} ${path}`)).toEqual([`PATCH ${vaultPath(other)}`]);
    const runtime = azure.outboundIps('westeurope').runtime.map((address) => `${address}/32`);
    expect(rulesOf(azure, other).toSorted()).toEqual([OFFICE, ...runtime].toSorted());
  });

  it('a tag of a connection has it looked at', async () => {
    const { azure } = scenario;
    const trio = await addTrio();
    await sweep(scenario);
    const since = azure.journal.mark();
    await withEvents(scenario, () => setTags(azure, connectionPath(trio.connection), { owner: 'x' }), schema);
    // When it was tagged does not stand in it: where it is older than the event by a second, it is looked at once more.
    const { length } = azure.journal.reads({ since, under: connectionPath(trio.connection) });
    expect([1, 2]).toContain(length);
    expect(azure.journal.writes({ since })).toEqual([]);
  });
});

describe('how Azure spells an event', () => {
  const spellings: readonly [string, Partial<Switches>][] = [
    ['ids in upper case', { eventUriCase: 'upper' }],
    ['ids in lower case', { eventUriCase: 'lower' }],
    ['ids in mixed case', { eventUriCase: 'mixed' }],
    ['operation names in upper case', { eventOperationCase: 'upper' }],
    ['the resource itself where a child was written', { eventChildUri: 'parent' }],
    ['no HTTP request', { eventHttpRequest: 'absent' }],
    ['an HTTP request without an address', { eventHttpRequest: 'without-ip' }],
  ];

  it.each(spellings)('%s: everything is put right all the same', async (_what, switches) => {
    const { azure } = scenario;
    const trio = await addTrio();
    const other = await addVault(azure, shut(OFFICE));
    await sweep(scenario);
    await openVault(azure, trio.vault);
    azure.switches.set(switches);
    const since = azure.journal.mark();
    await withEvents(scenario, async () => {
      await setTags(azure, vaultPath(trio.vault), { owner: 'x' });
      await saveWithoutSecureOutputs(trio.workflow, trio.connection);
      await azure.as(BOB).put(connectionPath(trio.connection), connection(other));
    });
    expect(aclsOf(azure, trio.vault).defaultAction).toBe('Deny');
    expect(hidesOutputs(azure, trio.workflow)).toBe(true);
    expect(rulesOf(azure, other)).toEqual(expect.arrayContaining(CONNECTORS));
    expect(azure.journal.writes({ since })).toHaveLength(3);
    const records = await recordsOf(scenario, { resourceId: vaultPath(trio.vault), outcome: 'applied' });
    expect(outcomesOf(records)).toEqual(['vault-firewall applied']);
    expect(records[0]?.actor).toMatchObject({ name: BOB, ip: '203.0.113.7' });
  });
});

describe('what an event costs', () => {
  it('one read and one write for a vault that drifted', async () => {
    const { vault } = await addTrio();
    await sweep(scenario);
    await openVault(scenario.azure, vault);
    const traffic = await trafficOf(scenario, () => announce(scenario, { uri: vaultPath(vault) }));
    await settle(scenario);
    expect(namesOf(traffic)).toEqual([`GET ${vault}`, `PATCH ${vault}`]);
  });

  it('one read and one write for a vault that lacks everything at once', async () => {
    const { azure } = scenario;
    const { vault } = await addTrio();
    await sweep(scenario);
    // Azure has vaults that were made before purge protection was usual.
    azure.place(
      JSON.stringify({
        ...(JSON.parse(textNow(azure, vaultPath(vault))) as object),
        properties: {
          tenantId: azure.tenantId,
          sku: { family: 'A', name: 'standard' },
          accessPolicies: [],
        },
      }),
    );
    const traffic = await trafficOf(scenario, () => announce(scenario, { uri: vaultPath(vault) }));
    await settle(scenario);
    expect(namesOf(traffic)).toEqual([`GET ${vault}`, `PATCH ${vault}`]);
    expect(vaultNow(azure, vault).properties).toMatchObject({
      enableSoftDelete: true,
      enablePurgeProtection: true,
      networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' },
    });
    expect(rulesOf(azure, vault).toSorted()).toEqual([OFFICE, ...CONNECTORS].toSorted());
    const writeIds = (await recordsOf(scenario, { resourceId: vaultPath(vault), outcome: 'applied' })).map(
      ({ writeId }) => writeId,
    );
    expect(writeIds).toHaveLength(2);
    expect(new Set(writeIds)).toEqual(new Set([traffic.writes[0]?.clientRequestId]));
  });

  it('one read, one write and one look at its versions for a workflow that drifted', async () => {
    const trio = await addTrio();
    await sweep(scenario);
    await saveWithoutSecureOutputs(trio.workflow, trio.connection);
    const traffic = await trafficOf(scenario, () => announce(scenario, { uri: workflowPath(trio.workflow) }));
    await settle(scenario);
    expect(namesOf(traffic)).toEqual([`GET ${trio.workflow}`, `PUT ${trio.workflow}`, 'GET versions']);
    expect(hidesOutputs(scenario.azure, trio.workflow)).toBe(true);
  });

  it('one read where there is nothing to do', async () => {
    const trio = await addTrio();
    await sweep(scenario);
    const traffic = await trafficOf(scenario, async () => {
      await announce(scenario, { uri: vaultPath(trio.vault) });
      await announce(scenario, { uri: workflowPath(trio.workflow) });
      await settle(scenario);
    });
    expect(namesOf(traffic)).toEqual([`GET ${trio.vault}`, `GET ${trio.workflow}`]);
    expect(await recordsOf(scenario, { resourceId: vaultPath(trio.vault) })).toEqual([]);
    expect(await recordsOf(scenario, { resourceId: workflowPath(trio.workflow) })).toEqual([]);
  });

  const OUTSIDE = '33333333-3333-4333-8333-333333333333';
  const elsewhere = `/subscriptions/${OUTSIDE}/resourceGroups/rg-outside`;
  it.each([
    ['a vault of another subscription', `${elsewhere}/providers/Microsoft.KeyVault/vaults/kv-outside`],
    ['a workflow of another subscription', `${elsewhere}/providers/Microsoft.Logic/workflows/wf-outside`],
    ['a connection of another subscription', `${elsewhere}/providers/Microsoft.Web/connections/c-outside`],
    ['another kind of resource', `${GROUP}/providers/Microsoft.Storage/storageAccounts/store`],
    ['a resource group', GROUP],
  ])('nothing for %s', async (_what, uri) => {
    const { azure } = scenario;
    azure.addResourceGroup(OUTSIDE, 'rg-outside');
    const open = {
      location: 'westeurope',
      properties: { tenantId: azure.tenantId, sku: { family: 'A', name: 'standard' }, accessPolicies: [] },
    };
    await azure.as(ALICE).put(`${elsewhere}/providers/Microsoft.KeyVault/vaults/kv-outside`, open);
    const traffic = await trafficOf(scenario, async () => {
      await announce(scenario, { uri });
      await settle(scenario);
    });
    expect(namesOf(traffic)).toEqual([]);
  });

  it('its own write comes back as an event, which costs one read and no write', async () => {
    const { azure } = scenario;
    const { vault } = await addTrio();
    await sweep(scenario);
    const since = azure.journal.mark();
    const traffic = await trafficOf(scenario, () => withEvents(scenario, () => openVault(azure, vault)));
    expect(azure.journal.deliveries(since)).toHaveLength(2);
    expect(namesOf(traffic)).toEqual([`GET ${vault}`, `PATCH ${vault}`, `GET ${vault}`]);
    expect(await recordsOf(scenario, { resourceId: vaultPath(vault) })).toHaveLength(1);
  });

  it('its own write of a workflow comes back as well', async () => {
    const { azure } = scenario;
    const trio = await addTrio();
    await sweep(scenario);
    const since = azure.journal.mark();
    const traffic = await trafficOf(scenario, () =>
      withEvents(scenario, () => saveWithoutSecureOutputs(trio.workflow, trio.connection)),
    );
    expect(azure.journal.deliveries(since)).toHaveLength(2);
    expect(namesOf(traffic)).toEqual([
      `GET ${trio.workflow}`,
      `PUT ${trio.workflow}`,
      'GET versions',
      `GET ${trio.workflow}`,
    ]);
    expect(await recordsOf(scenario, { resourceId: workflowPath(trio.workflow) })).toHaveLength(1);
  });
});

describe('events that come twice, late or in another order', () => {
  it('one write for an event that Event Grid delivers six times', async () => {
    const { azure } = scenario;
    const { vault } = await addTrio();
    await sweep(scenario);
    azure.switches.set({ eventDuplicates: 5, eventDelayMaxMs: 100 });
    const since = azure.journal.mark();
    await withEvents(scenario, () => openVault(azure, vault));
    expect(azure.journal.deliveries(since).length).toBeGreaterThanOrEqual(12);
    expect(azure.journal.writes({ since }).map(({ path }) => path)).toEqual([vaultPath(vault)]);
    expect(outcomesOf(await recordsOf(scenario, { resourceId: vaultPath(vault) }))).toEqual([
      'vault-firewall applied',
    ]);
  });

  it('one write for six copies that arrive in one request', async () => {
    const { azure } = scenario;
    const trio = await addTrio();
    await sweep(scenario);
    await saveWithoutSecureOutputs(trio.workflow, trio.connection);
    const event = gridEvent(scenario, { uri: workflowPath(trio.workflow) });
    const { writes } = await trafficOf(scenario, async () => {
      expect(await deliver(scenario, Array(6).fill(event))).toBe(202);
      await settle(scenario);
    });
    expect(writes.map(({ path }) => path)).toEqual([workflowPath(trio.workflow)]);
    expect(hidesOutputs(azure, trio.workflow)).toBe(true);
    expect(await recordsOf(scenario, { resourceId: workflowPath(trio.workflow) })).toHaveLength(1);
  });

  it('the vault ends up shut when it is opened and shut several times and the events come in any order', async () => {
    const { azure } = scenario;
    const { vault } = await addTrio();
    await sweep(scenario);
    azure.switches.set({ eventDelayMaxMs: 300, eventDuplicates: 1 });
    const since = azure.journal.mark();
    await withEvents(scenario, async () => {
      for (const who of [ALICE, BOB, ALICE]) {
        await openVault(azure, vault, 'rules-stay', who);
        await setAcls(azure, vault, { ...aclsOf(azure, vault), defaultAction: 'Deny' }, who);
      }
      await openVault(azure, vault, 'rules-go');
    });
    expect(aclsOf(azure, vault)).toMatchObject({ defaultAction: 'Deny' });
    expect(rulesOf(azure, vault).toSorted()).toEqual([OFFICE, ...CONNECTORS].toSorted());
    const writes = ownChanges(scenario, since);
    const applied = await recordsOf(scenario, { resourceId: vaultPath(vault), outcome: 'applied' });
    expect(applied.map(({ writeId }) => writeId).toSorted()).toEqual(
      writes.map(({ clientRequestId }) => clientRequestId).toSorted(),
    );
  });

  it('the late event of an opening that somebody has undone changes nothing', async () => {
    const { azure } = scenario;
    const { vault } = await addTrio();
    await sweep(scenario);
    await openVault(azure, vault);
    const opening = gridEvent(scenario, { uri: vaultPath(vault) });
    await setAcls(azure, vault, { ...aclsOf(azure, vault), defaultAction: 'Deny' }, ALICE);
    const traffic = await trafficOf(scenario, () => deliver(scenario, [opening]));
    expect(namesOf(traffic)).toEqual([`GET ${vault}`]);
    expect(await recordsOf(scenario, { resourceId: vaultPath(vault) })).toEqual([]);
  });

  it.each([
    ['vault', (): string => vaultPath('kv-gone')],
    ['workflow', (): string => workflowPath('wf-gone')],
    ['connection', (): string => connectionPath('c-gone')],
  ])('the late event of a deleted %s is over after one read', async (kind, idOf) => {
    const { azure, lines } = scenario;
    const id = idOf();
    const bodies: Readonly<Record<string, object>> = {
      vault: JSON.parse(textNow(azure, vaultPath(await addVault(azure, shut())))) as object,
      workflow: workflow({}),
      connection: connection('kv-whatever'),
    };
    await azure.as(ALICE).put(id, bodies[kind]);
    await azure.as(ALICE).delete(id);
    const logged = lines.length;
    const time = new Date(Date.now() - 10 * 60_000).toISOString();
    const traffic = await trafficOf(scenario, async () => {
      await announce(scenario, { uri: id, time });
      await settle(scenario);
    });
    // A vault that is not there may be one that was deleted, and can be recovered.
    const list = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/deletedVaults 200`;
    expect(traffic.reads.map(({ path, status }) => `${path} ${String(status)}`)).toEqual([
      `${id} 404`,
      ...(kind === 'vault' ? [list] : []),
    ]);
    expect(traffic.writes).toEqual([]);
    expect(await recordsOf(scenario, { resourceId: id })).toEqual([]);
    expect(lines.slice(logged).filter((line) => /error|warning/i.test(line))).toEqual([]);
  });

  it('a workflow that Azure does not show yet is looked for once more, and found', async () => {
    const { azure } = scenario;
    const { connection: name } = await addTrio();
    const id = workflowPath(freshName('wf-new'));
    azure.faults.add({
      method: 'GET',
      path: id,
      times: 1,
      action: { kind: 'error', status: 404, code: 'ResourceNotFound' },
    });
    await azure.as(ALICE).put(id, playbook({ Get_secret: getSecret('token') }, name));
    const traffic = await trafficOf(scenario, async () => {
      await announce(scenario, { uri: id });
      await settle(scenario);
    });
    expect(traffic.reads.filter(({ path }) => path === id).map(({ status }) => status)).toEqual([404, 200]);
    expect(traffic.writes.map(({ path }) => path)).toEqual([id]);
  });
});

describe('malformed events', () => {
  const good = (): Record<string, unknown> => gridEvent(scenario, { uri: vaultPath('kv-never-read') });
  const withData = (data: unknown): unknown => [{ ...good(), data }];
  const withUri = (resourceUri: unknown): unknown => withData({ ...(good().data as object), resourceUri });
  const cloudEvent = (parts: object): unknown => ({
    specversion: '1.0',
    id: '1',
    source: '/subscriptions/x',
    type: 'Microsoft.Resources.ResourceWriteSuccess',
    time: '2026-01-01T00:00:00Z',
    ...parts,
  });
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

  const rows: readonly [string, () => unknown][] = [
    ['an event that is an empty object', () => [{}]],
    ['an event of another make', () => [{ hello: 'world' }]],
    ['no data', () => withData(undefined)],
    ['data that is null', () => withData(null)],
    ['data that is a text', () => withData('resourceUri')],
    ['data that is a list', () => withData([1, 2, 3])],
    ['data that is a number', () => withData(7)],
    ['data without a resource', () => withData({ operationName: 'x' })],
    ['a resource that is a number', () => withUri(42)],
    ['a resource that is an object', () => withUri({ id: vaultPath('kv-x') })],
    ['a resource that is empty', () => withUri('')],
    ['a resource that climbs out', () => withUri(`${GROUP}/providers/Microsoft.KeyVault/vaults/..`)],
    ['a resource with an encoded slash', () => withUri(vaultPath('kv%2f..%2fx'))],
    ['a resource that is a URL', () => withUri(`https://evil.example${vaultPath('kv-x')}`)],
    ['a resource with a line break', () => withUri(vaultPath('kv-x\nforged'))],
    ['a resource of two megabytes', () => withUri('/a'.repeat(1_000_000))],
    ['no type', () => [{ ...good(), eventType: undefined }]],
    ['a type that is a number', () => [{ ...good(), eventType: 5 }]],
    ['a type nobody knows', () => [{ ...good(), eventType: 'Contoso.Something' }]],
    [
      'the news that a workflow was deleted',
      () => [
        {
          ...gridEvent(scenario, { uri: workflowPath('wf-whatever') }),
          eventType: 'Microsoft.Resources.ResourceDeleteSuccess',
        },
      ],
    ],
    [
      'the news that a write failed',
      () => [{ ...good(), eventType: 'Microsoft.Resources.ResourceWriteFailure' }],
    ],
    ['five megabytes of data', () => withData({ filler: 'x'.repeat(5_000_000) })],
    ['data nested a thousand deep', () => `[{"eventType":"x","data":${nested(1000)}}]`],
    [
      'a prototype among its members',
      () =>
        '[{"__proto__":{"eventType":"Microsoft.Resources.ResourceWriteSuccess"},"data":{"__proto__":{"resourceUri":"x"}}}]',
    ],
    ['a CloudEvent without anything', () => ({ specversion: '1.0' })],
    ['a CloudEvent of a version to come', () => cloudEvent({ specversion: '9.9' })],
    ['a CloudEvent without data', () => cloudEvent({})],
    ['a CloudEvent whose data is a text', () => cloudEvent({ data: 'x' })],
    ['a CloudEvent whose data is base64', () => cloudEvent({ data_base64: '!!!' })],
    ['a CloudEvent whose type is an object', () => cloudEvent({ type: {}, data: good().data })],
  ];

  // One vault that is opened so often would be contested.
  let vault = '';
  let isNew = 0;
  beforeEach(async () => {
    isNew = (isNew + 1) % 10;
    if (isNew !== 1) return;
    vault = (await addTrio()).vault;
    await sweep(scenario);
  });

  it.each(rows)(
    '%s is acknowledged, asks nothing of Azure, and the next event is handled',
    async (_what, make) => {
      const { azure } = scenario;
      await openVault(azure, vault);
      const nothing = await trafficOf(scenario, async () => {
        const status = await deliver(scenario, make());
        expect([200, 202, 204]).toContain(status);
        await settle(scenario);
      });
      expect(namesOf(nothing)).toEqual([]);
      expect(aclsOf(azure, vault).defaultAction).toBe('Allow');
      await announce(scenario, { uri: vaultPath(vault) });
      expect(aclsOf(azure, vault).defaultAction).toBe('Deny');
    },
  );

  it('a good event is handled though a malformed one came with it', async () => {
    const { azure } = scenario;
    await openVault(azure, vault);
    expect(await deliver(scenario, [{}, gridEvent(scenario, { uri: vaultPath(vault) }), { data: 3 }])).toBe(
      202,
    );
    expect(aclsOf(azure, vault).defaultAction).toBe('Deny');
  });

  it('an event type is known in any case', async () => {
    const { azure } = scenario;
    await openVault(azure, vault);
    const eventType = 'MICROSOFT.RESOURCES.RESOURCEWRITESUCCESS';
    await deliver(scenario, [{ ...gridEvent(scenario, { uri: vaultPath(vault) }), eventType }]);
    expect(aclsOf(azure, vault).defaultAction).toBe('Deny');
  });

  const odd: readonly [string, object][] = [
    ['claims that are a list', { claims: ['a'] }],
    ['claims that are a text', { claims: 'alice' }],
    ['claims that hold objects', { claims: { ipaddr: { a: 1 }, name: 7, appid: null } }],
    ['a correlation id that is a number', { correlationId: 5 }],
    ['a correlation id of a megabyte', { correlationId: 'c'.repeat(1_000_000) }],
    ['an HTTP request that is a text', { httpRequest: 'GET /' }],
    ['an operation name that is missing', { operationName: undefined }],
    ['a status that says failed', { status: 'Failed' }],
  ];
  it.each(odd)('%s: the vault is put right, whoever it was', async (_what, data) => {
    const { azure } = scenario;
    await openVault(azure, vault);
    const event = gridEvent(scenario, { uri: vaultPath(vault) });
    const since = azure.journal.mark();
    const status = await deliver(scenario, [{ ...event, data: { ...(event.data as object), ...data } }]);
    expect(status).toBe(202);
    expect(aclsOf(azure, vault).defaultAction).toBe('Deny');
    const [change] = ownChanges(scenario, since);
    const records = await recordsOf(scenario, { resourceId: vaultPath(vault), outcome: 'applied' });
    const record = records.find(({ writeId }) => writeId === change?.clientRequestId);
    expect(record?.trigger).toBe('event');
    expect(record?.correlationId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('who and why', () => {
  it("the record has the event's actor, the address and the correlation id", async () => {
    const { azure } = scenario;
    const { vault } = await addTrio();
    await sweep(scenario);
    await openVault(azure, vault);
    const correlationId = randomUUID();
    await announce(scenario, { uri: vaultPath(vault), correlationId, who: 'mallory@contoso.com' });
    const records = await recordsOf(scenario, { correlationId });
    expect(records.map(({ resourceId }) => resourceId)).toEqual([vaultPath(vault)]);
    expect(records[0]?.actor).toEqual({
      id: azure.as('mallory@contoso.com').principal.objectId,
      name: 'mallory@contoso.com',
      ip: '203.0.113.7',
    });
  });

  it('an application is named by its client id', async () => {
    const { azure } = scenario;
    const { vault } = await addTrio();
    await sweep(scenario);
    await withEvents(scenario, () => openVault(azure, vault, 'rules-stay', 'deployment-pipeline'));
    const [record] = await recordsOf(scenario, { resourceId: vaultPath(vault) });
    const { principal } = azure.as('deployment-pipeline');
    expect(record?.actor).toEqual({
      id: principal.objectId,
      name: 'appId' in principal ? principal.appId : '',
      ip: '198.51.100.20',
    });
  });

  it('the actor and the correlation id travel through the queue to the vault that a workflow concerns', async () => {
    const { azure } = scenario;
    const trio = await addTrio();
    const other = await addVault(azure, shut(OFFICE));
    await sweep(scenario);
    const document = workflow({ actions: { Read_key: httpGet(other) } });
    const since = azure.journal.mark();
    await withEvents(scenario, () => azure.as(BOB).put(workflowPath(trio.workflow), document));
    const [cause] = azure.journal.requests({ since, origin: 'actor' });
    const [record] = await recordsOf(scenario, { resourceId: vaultPath(other) });
    expect(record).toMatchObject({
      remediator: 'vault-logic-app-ips',
      correlationId: cause?.correlationId,
      actor: { name: BOB },
      trigger: 'event',
    });
  });
});

describe('the firewall of a vault', () => {
  const SUBNET = `${GROUP}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/apps`.toLowerCase();
  const INTRUDER = '203.0.113.66/32';

  async function knownVault(networkAcls: object, more: object = {}): Promise<string> {
    const name = await addVault(scenario.azure, networkAcls, more);
    await sweep(scenario);
    return name;
  }

  async function lookAndReadRecord(name: string) {
    const correlationId = randomUUID();
    const traffic = await trafficOf(scenario, () =>
      announce(scenario, { uri: vaultPath(name), correlationId }),
    );
    const records = await recordsOf(scenario, { correlationId });
    return { traffic, record: records.find(({ remediator }) => remediator === 'vault-firewall') };
  }

  it('keeps a rule that came in while it stood open, and warns of it', async () => {
    const { azure } = scenario;
    const name = await knownVault(shut(OFFICE));
    await setAcls(azure, name, {
      ...aclsOf(azure, name),
      defaultAction: 'Allow',
      ipRules: [{ value: OFFICE }, { value: INTRUDER }],
    });
    const { record } = await lookAndReadRecord(name);
    expect(aclsOf(azure, name).defaultAction).toBe('Deny');
    expect(rulesOf(azure, name)).toEqual([OFFICE, INTRUDER]);
    expect(record?.warnings).toEqual([expect.stringContaining(INTRUDER)]);
    expect(record?.warnings[0]).toContain("may be an intruder's");
  });

  it('gets back the IP and virtual network rules that somebody wiped', async () => {
    const { azure } = scenario;
    const name = await knownVault({
      ...shut(OFFICE, '192.0.2.7'),
      virtualNetworkRules: [{ id: SUBNET, ignoreMissingVnetServiceEndpoint: true }],
    });
    const before = aclsOf(azure, name);
    expect(before.virtualNetworkRules).toHaveLength(1);
    await openVault(azure, name, 'rules-go');
    expect(aclsOf(azure, name)).toMatchObject({ ipRules: [], virtualNetworkRules: [] });
    const { record } = await lookAndReadRecord(name);
    expect(aclsOf(azure, name)).toEqual(before);
    expect(record?.warnings).toEqual(
      [OFFICE, '192.0.2.7/32', SUBNET].map((rule) => expect.stringContaining(rule) as unknown),
    );
  });

  it('does not get back a rule that somebody removed while it stayed shut', async () => {
    const { azure } = scenario;
    const name = await knownVault(shut(OFFICE, '192.0.2.7'));
    await setAcls(azure, name, shut('192.0.2.7'));
    const removed = await lookAndReadRecord(name);
    expect(namesOf(removed.traffic)).toEqual([`GET ${name}`]);
    expect(rulesOf(azure, name)).toEqual(['192.0.2.7/32']);
    await openVault(azure, name, 'rules-go');
    await lookAndReadRecord(name);
    expect(aclsOf(azure, name).defaultAction).toBe('Deny');
    expect(rulesOf(azure, name)).toEqual(['192.0.2.7/32']);
  });

  it.each(['Disabled', 'SecuredByPerimeter'])(
    'is left alone where public access is %s',
    async (publicNetworkAccess) => {
      const { azure } = scenario;
      const name = await knownVault({ ...shut(), defaultAction: 'Allow' }, { publicNetworkAccess });
      const { traffic, record } = await lookAndReadRecord(name);
      expect(namesOf(traffic)).toEqual([`GET ${name}`]);
      expect(record).toBeUndefined();
      expect(vaultNow(azure, name).properties).toMatchObject({
        publicNetworkAccess,
        networkAcls: { defaultAction: 'Allow' },
      });
    },
  );

  it.each(['None', 'AzureServices'])('keeps bypass %s', async (bypass) => {
    const { azure } = scenario;
    const name = await knownVault({ ...shut(OFFICE), bypass });
    await openVault(azure, name);
    const { traffic } = await lookAndReadRecord(name);
    expect(traffic.writes.map(sentAcls)).toMatchObject([{ bypass, defaultAction: 'Deny' }]);
    expect(aclsOf(azure, name)).toMatchObject({ bypass, defaultAction: 'Deny' });
  });

  it('keeps members that nobody has documented, inside networkAcls and inside rules', async () => {
    const { azure } = scenario;
    const networkAcls = {
      ...shut(),
      ipRules: [{ value: OFFICE, label: 'office, floor 3' }],
      virtualNetworkRules: [{ id: SUBNET, ignoreMissingVnetServiceEndpoint: false, tier: { level: 2 } }],
      perimeter: { mode: 'learning', since: '2026-01-01' },
    };
    const name = await knownVault(networkAcls);
    const before = aclsOf(azure, name);
    expect(before).toMatchObject({ perimeter: networkAcls.perimeter, ipRules: networkAcls.ipRules });
    await openVault(azure, name);
    const { traffic } = await lookAndReadRecord(name);
    expect(traffic.writes.map(sentAcls)).toEqual([before]);
    expect(aclsOf(azure, name)).toEqual(before);
  });

  it('gets wiped rules back with all their members', async () => {
    const { azure } = scenario;
    const name = await knownVault({ ...shut(), ipRules: [{ value: OFFICE, label: 'office' }] });
    await openVault(azure, name, 'rules-go');
    await lookAndReadRecord(name);
    expect(aclsOf(azure, name).ipRules).toEqual([{ value: OFFICE, label: 'office' }]);
  });

  it.each(['replace', 'merge'] as const)(
    'leaves tags alone where a PATCH would %s them',
    async (tagsInPatch) => {
      const { azure } = scenario;
      azure.switches.set({ tagsInPatch });
      const name = await knownVault(shut(OFFICE));
      const tags = { owner: 'security', 'cost centre': '007', empty: '' };
      await setTags(azure, vaultPath(name), tags);
      await openVault(azure, name);
      const { traffic } = await lookAndReadRecord(name);
      expect(aclsOf(azure, name).defaultAction).toBe('Deny');
      expect(vaultNow(azure, name).tags).toEqual(tags);
      expect(traffic.writes.map(({ body }) => Object.keys(JSON.parse(body ?? '{}') as object))).toEqual([
        ['properties'],
      ]);
    },
  );

  it('is found open also where Azure shows no networkAcls at all', async () => {
    const { azure } = scenario;
    azure.switches.set({ openNetworkAclsOnGet: 'absent' });
    const name = await knownVault(shut(OFFICE));
    await openVault(azure, name, 'rules-go');
    await lookAndReadRecord(name);
    expect(aclsOf(azure, name)).toEqual(shut(OFFICE));
  });
});

describe('a new vault', () => {
  it('is secured from its first event on, and warned of', async () => {
    const { azure } = scenario;
    await sweep(scenario);
    const name = freshName('kv-new');
    const body = {
      location: 'westeurope',
      properties: {
        tenantId: azure.tenantId,
        sku: { family: 'A', name: 'standard' },
        accessPolicies: [],
        enableSoftDelete: true,
      },
    };
    const traffic = await trafficOf(scenario, () =>
      withEvents(scenario, () => azure.as(BOB).put(vaultPath(name), body)),
    );
    expect(namesOf(traffic)).toEqual([`GET ${name}`, `PATCH ${name}`, `GET ${name}`]);
    expect(vaultNow(azure, name).properties).toMatchObject({
      enablePurgeProtection: true,
      networkAcls: { defaultAction: 'Deny', ipRules: [] },
    });
    const records = await recordsOf(scenario, { resourceId: vaultPath(name) });
    expect(outcomesOf(records)).toEqual(['vault-firewall applied', 'vault-purge-protection applied']);
    expect(records.flatMap(({ warnings }) => warnings)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('never seen shut'),
        expect.stringContaining('cannot be undone'),
      ]),
    );
  });
});
