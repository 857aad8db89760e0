import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { getSecret, playbook, shut } from '../../demo/estate.js';
import type { AuditRecord } from '../../src/types/record.js';
import {
  aclsOf,
  addConnection,
  addVault,
  addWorkflow,
  ALICE,
  announce,
  connectionPath,
  CONNECTORS,
  eventually,
  GROUP,
  gridEvent,
  hidesOutputs,
  namesOf,
  OFFICE,
  openVault,
  outcomesOf,
  ownChanges,
  recordsOf,
  remediate,
  rulesOf,
  settle,
  startScenario,
  SUBSCRIPTION,
  sweep,
  textNow,
  trafficOf,
  vaultNow,
  vaultPath,
  workflowPath,
  type Answer,
  type Scenario,
} from './scenario.js';

/*
 * The two HTTP functions, as somebody with curl meets them.
 */

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario();
  await sweep(scenario);
});
afterAll(async () => {
  await scenario.stack.close();
});
afterEach(() => {
  scenario.azure.faults.clear();
  scenario.azure.switches.reset();
  scenario.azure.permissions.unrestrict(scenario.appId);
});

/** A vault that stands open, and that a Logic App reads whose addresses its rules lack. Holdfast knows of the reader. */
async function addOpenVaultWithReader(): Promise<string> {
  const { azure } = scenario;
  const vault = await addOpenVault();
  const connection = await addConnection(azure, vault);
  const name = await addWorkflow(azure, playbook({ Get_secret: getSecret('token', true) }, connection));
  await announce(scenario, { uri: workflowPath(name) });
  return vault;
}

async function addOpenVault(): Promise<string> {
  return addVault(scenario.azure, { ...shut(OFFICE), defaultAction: 'Allow' });
}

async function addUnsafeWorkflow(parts: { triggers?: object; declared?: object; parameters?: object } = {}) {
  const { azure } = scenario;
  const connection = await addConnection(azure, await addVault(azure, shut(OFFICE, ...CONNECTORS)));
  const document = playbook({ Get_secret: getSecret('token') }, connection) as {
    properties: { definition: { parameters: object; triggers: object }; parameters: object };
  };
  const { properties } = document;
  const { definition } = properties;
  return addWorkflow(azure, {
    ...document,
    properties: {
      ...properties,
      parameters: { ...properties.parameters, ...parts.parameters },
      definition: {
        ...definition,
        triggers: parts.triggers ?? definition.triggers,
        parameters: { ...definition.parameters, ...parts.declared },
      },
    },
  });
}

function expectProblem(answer: Answer, status: number): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const { type, title, detail } = answer.body as { type?: string; title?: string; detail?: string };
  expect(answer.body).toMatchObject({ status });
  for (const text of [type, title, detail]) expect(text).toMatch(/\S/);
}

async function recordWith(id: string | null | undefined): Promise<AuditRecord> {
  const found = (await recordsOf(scenario)).find((record) => record.id === id);
  if (found === undefined) throw new Error(`GET /api/audit has no record ${String(id)}.`);
  return found;
}

describe('POST /api/remediate', () => {
  it('puts a vault right at once and says what it did', async () => {
    const { azure } = scenario;
    const vault = await addOpenVaultWithReader();
    const resourceId = vaultPath(vault);
    let answer: Answer | undefined;
    const traffic = await trafficOf(scenario, async () => {
      answer = await remediate(scenario, { resourceId });
    });
    expect(answer?.status).toBe(200);
    expect(answer?.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer?.body).toMatchObject({ resourceId, dryRun: false, outcome: 'applied' });
    expect(namesOf(traffic)).toEqual([`GET ${vault}`, `PATCH ${vault}`]);
    expect(aclsOf(azure, vault).defaultAction).toBe('Deny');
    expect(rulesOf(azure, vault).toSorted()).toEqual([OFFICE, ...CONNECTORS].toSorted());
    const parts = answer?.body.remediations ?? [];
    expect(parts.map(({ remediator, outcome }) => `${remediator} ${outcome}`)).toEqual([
      'vault-purge-protection compliant',
      'vault-firewall applied',
      'vault-logic-app-ips applied',
    ]);
    const firewall = parts.find(({ remediator }) => remediator === 'vault-firewall');
    const record = await recordWith(firewall?.recordId);
    expect(record).toMatchObject({
      resourceId,
      trigger: 'http',
      outcome: 'applied',
      actor: null,
      correlationId: answer?.body.correlationId,
      writeId: traffic.writes[0]?.clientRequestId,
      armRequestId: traffic.writes[0]?.requestId,
      edits: firewall?.edits,
    });
  });

  it('says compliant, and records nothing, where nothing is wrong', async () => {
    const vault = await addVault(scenario.azure, shut(OFFICE));
    const resourceId = vaultPath(vault);
    let answer: Answer | undefined;
    const traffic = await trafficOf(scenario, async () => {
      answer = await remediate(scenario, { resourceId });
    });
    expect(answer?.status).toBe(200);
    expect(answer?.body.outcome).toBe('compliant');
    expect(answer?.body.remediations).toHaveLength(3);
    expect(answer?.body.remediations).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          remediator: 'vault-firewall',
          outcome: 'compliant',
          recordId: null,
          edits: [],
        }),
      ]),
    );
    expect(namesOf(traffic)).toEqual([`GET ${vault}`]);
    expect(await recordsOf(scenario, { resourceId })).toEqual([]);
  });

  it('shows in a dry run what it would do, and does and records nothing', async () => {
    const { azure } = scenario;
    const vault = await addOpenVaultWithReader();
    const resourceId = vaultPath(vault);
    const before = textNow(azure, resourceId);
    const dry = await remediate(scenario, { resourceId, dryRun: true });
    expect(dry.status).toBe(200);
    expect(dry.body).toMatchObject({ resourceId, dryRun: true, outcome: 'planned' });
    const edits = dry.body.remediations?.flatMap((part) => part.edits) ?? [];
    expect(dry.body.remediations?.every(({ recordId }) => recordId === null)).toBe(true);
    expect(azure.journal.writes({ under: resourceId })).toEqual([]);
    expect(textNow(azure, resourceId)).toBe(before);
    expect(await recordsOf(scenario, { resourceId })).toEqual([]);
    // What it said is what it does.
    const wet = await remediate(scenario, { resourceId });
    expect(wet.body.outcome).toBe('applied');
    expect(wet.body.remediations?.flatMap((part) => part.edits)).toEqual(edits);
    expect(edits.length).toBeGreaterThan(0);
  });

  it('does only what the named remediators do', async () => {
    const { azure } = scenario;
    const vault = await addOpenVault();
    const resourceId = vaultPath(vault);
    azure.place(
      textNow(azure, resourceId).replace('"enablePurgeProtection":true', '"enabledForDeployment":false'),
    );
    const answer = await remediate(scenario, { resourceId, remediators: ['vault-purge-protection'] });
    expect(answer.status).toBe(200);
    expect(answer.body.outcome).toBe('applied');
    expect(answer.body.remediations?.map(({ remediator }) => remediator)).toEqual(['vault-purge-protection']);
    expect(vaultNow(azure, vault).properties.enablePurgeProtection).toBe(true);
    expect(aclsOf(azure, vault).defaultAction).toBe('Allow');
    expect(outcomesOf(await recordsOf(scenario, { resourceId }))).toEqual(['vault-purge-protection applied']);
  });

  it('refuses to shut a vault whose Logic Apps would be locked out', async () => {
    const { azure } = scenario;
    const vault = await addOpenVaultWithReader();
    const resourceId = vaultPath(vault);
    const since = azure.journal.mark();
    const answer = await remediate(scenario, { resourceId, remediators: ['vault-firewall'] });
    expect(answer.status).toBe(200);
    expect(answer.body.outcome).toBe('refused');
    expect(answer.body.remediations).toHaveLength(1);
    const [part] = answer.body.remediations ?? [];
    expect(part?.error).toContain('vault-logic-app-ips');
    expect((await recordWith(part?.recordId)).outcome).toBe('refused');
    expect(azure.journal.writes({ since })).toEqual([]);
    expect(aclsOf(azure, vault).defaultAction).toBe('Allow');
    // Asked for together they go into one write.
    const both = await remediate(scenario, {
      resourceId,
      remediators: ['vault-firewall', 'vault-logic-app-ips'],
    });
    expect(both.body.outcome).toBe('applied');
    expect(azure.journal.writes({ since })).toHaveLength(1);
    expect(rulesOf(azure, vault)).toEqual(expect.arrayContaining(CONNECTORS));
  });

  it('finds a resource whatever the case of its id', async () => {
    const { azure } = scenario;
    const vault = await addOpenVault();
    const answer = await remediate(scenario, { resourceId: vaultPath(vault).toUpperCase() });
    expect(answer.status).toBe(200);
    expect(answer.body.outcome).toBe('applied');
    expect(aclsOf(azure, vault).defaultAction).toBe('Deny');
    expect(await recordsOf(scenario, { resourceId: vaultPath(vault) })).toHaveLength(1);
  });

  it('writes a workflow that a person asks for', async () => {
    const { azure } = scenario;
    const name = await addUnsafeWorkflow();
    const traffic = await trafficOf(scenario, async () => {
      const answer = await remediate(scenario, { resourceId: workflowPath(name) });
      expect(answer.body.outcome).toBe('applied');
    });
    // The connection was never seen, so it is read once.
    expect(namesOf(traffic).filter((call) => call.endsWith(name))).toEqual([`GET ${name}`, `PUT ${name}`]);
    expect(hidesOutputs(azure, name)).toBe(true);
  });

  it('writes once when several people ask at the same time', async () => {
    const { azure } = scenario;
    const vault = await addOpenVaultWithReader();
    const since = azure.journal.mark();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => remediate(scenario, { resourceId: vaultPath(vault) })),
    );
    expect(answers.map(({ status, body }) => `${status} ${body.outcome ?? ''}`).toSorted()).toEqual([
      '200 applied',
      ...Array<string>(4).fill('200 compliant'),
    ]);
    expect(azure.journal.writes({ since })).toHaveLength(1);
    expect(outcomesOf(await recordsOf(scenario, { resourceId: vaultPath(vault) }))).toEqual([
      'vault-firewall applied',
      'vault-logic-app-ips applied',
    ]);
  });

  it('answers 403 out of scope, and asks nothing of Azure', async () => {
    const { azure } = scenario;
    const outside = '33333333-3333-4333-8333-333333333333';
    azure.addResourceGroup(outside, 'rg-security');
    const resourceId = vaultPath('kv-outside').replace(SUBSCRIPTION, outside);
    await azure.as(ALICE).put(resourceId, JSON.parse(textNow(azure, vaultPath(await addOpenVault()))));
    for (const dryRun of [false, true]) {
      let answer: Answer | undefined;
      const traffic = await trafficOf(scenario, async () => {
        answer = await remediate(scenario, { resourceId, dryRun });
      });
      if (answer !== undefined) expectProblem(answer, 403);
      expect(answer?.body.correlationId).toMatch(/^[0-9a-f-]{36}$/);
      expect(namesOf(traffic)).toEqual([]);
    }
    expect(textNow(azure, resourceId)).toContain('"defaultAction":"Allow"');
  });

  it.each([
    ['vault', vaultPath('kv-nowhere')],
    ['workflow', workflowPath('wf-nowhere')],
    ['connection', connectionPath('c-nowhere')],
  ])('answers 404 for a %s that is not there', async (kind, resourceId) => {
    const traffic = await trafficOf(scenario, async () => {
      expectProblem(await remediate(scenario, { resourceId }), 404);
    });
    expect(traffic.writes).toEqual([]);
    // A vault that is not there may be one that was deleted.
    const lists = [`/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/deletedVaults`];
    expect(traffic.reads.map(({ path }) => path)).toEqual([resourceId, ...(kind === 'vault' ? lists : [])]);
    expect(await recordsOf(scenario, { resourceId })).toEqual([]);
  });
});

describe('when Azure does not take the change', () => {
  it('answers 409 where a lock forbids it, with the record of the refusal', async () => {
    const { azure } = scenario;
    const vault = await addOpenVault();
    const resourceId = vaultPath(vault);
    azure.locks.add({ name: 'freeze', scope: GROUP, level: 'ReadOnly' });
    const first = await remediate(scenario, { resourceId });
    const second = await remediate(scenario, { resourceId });
    azure.locks.remove(GROUP);
    for (const answer of [first, second]) {
      expectProblem(answer, 409);
      expect(answer.body).toMatchObject({ resourceId, outcome: 'refused' });
      expect(answer.body.detail).toContain('lock');
    }
    const record = await recordWith(first.body.recordId);
    expect(record).toMatchObject({ resourceId, outcome: 'refused', remediator: 'vault-firewall' });
    expect(record.error).toContain('ScopeLocked');
    expect(second.body.recordId).toBe(first.body.recordId);
    expect(await recordsOf(scenario, { resourceId })).toHaveLength(1);
    expect(aclsOf(azure, vault).defaultAction).toBe('Allow');

    const unlocked = await remediate(scenario, { resourceId });
    expect(unlocked.body.outcome).toBe('applied');
    expect(outcomesOf(await recordsOf(scenario, { resourceId }))).toEqual([
      'vault-firewall applied',
      'vault-firewall refused',
    ]);
  });

  it('answers 502 where it may not write, and names the permission and the scope', async () => {
    const { azure, appId } = scenario;
    const vault = await addOpenVault();
    const resourceId = vaultPath(vault);
    azure.permissions.restrict(appId, [{ actions: ['*/read'], scope: `/subscriptions/${SUBSCRIPTION}` }]);
    const since = azure.journal.mark();
    const answer = await remediate(scenario, { resourceId });
    expectProblem(answer, 502);
    expect(answer.body).toMatchObject({ resourceId, outcome: 'failed' });
    expect(azure.journal.writes({ since }).map(({ status }) => status)).toEqual([403]);
    const record = await recordWith(answer.body.recordId);
    expect(record).toMatchObject({ outcome: 'failed', remediator: 'vault-firewall' });
    for (const text of [record.error, answer.body.detail]) {
      expect(text).toContain('Microsoft.KeyVault/vaults/write');
      expect(text).toContain(resourceId);
    }
    expect(record.armRequestId).toBe(azure.journal.writes({ since })[0]?.requestId);
  });

  it('answers 502 where it may not even read', async () => {
    const { azure, appId } = scenario;
    const name = await addUnsafeWorkflow();
    const resourceId = workflowPath(name);
    azure.permissions.restrict(appId, []);
    const answer = await remediate(scenario, { resourceId });
    expectProblem(answer, 502);
    const record = await recordWith(answer.body.recordId);
    expect(record).toMatchObject({ resourceId, outcome: 'failed', edits: [] });
    expect(record.error).toContain(`Microsoft.Logic/workflows/read at ${resourceId}`);
  });

  const SUBNET = `${GROUP}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/apps`.toLowerCase();
  const linked: readonly [string, () => Promise<string>, string][] = [
    [
      'Microsoft.Web/connections/join/action',
      async () => workflowPath(await addUnsafeWorkflow()),
      connectionPath(''),
    ],
    [
      'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action',
      async () => {
        const open = { ...shut(), defaultAction: 'Allow', virtualNetworkRules: [{ id: SUBNET }] };
        return vaultPath(await addVault(scenario.azure, open));
      },
      SUBNET,
    ],
  ];
  it.each(linked)('names %s where that is what is missing', async (action, add, target) => {
    const { azure, appId } = scenario;
    const resourceId = await add();
    azure.switches.set({ linkedAccess: 'all-links' });
    azure.permissions.restrict(appId, [
      { actions: ['*'], notActions: [action], scope: `/subscriptions/${SUBSCRIPTION}` },
    ]);
    const answer = await remediate(scenario, { resourceId });
    expectProblem(answer, 502);
    const { error } = await recordWith(answer.body.recordId);
    expect(error).toContain('LinkedAuthorizationFailed');
    expect(error).toContain(action);
    expect(error?.toLowerCase()).toContain(target.toLowerCase());
  });

  it('answers 202 where Azure asks for patience, and does it when the time has come', async () => {
    const { azure } = scenario;
    const vault = await addOpenVault();
    const resourceId = vaultPath(vault);
    azure.faults.add({
      method: 'PATCH',
      path: `*/${vault}`,
      times: 1,
      action: { kind: 'error', status: 429, code: 'TooManyRequests', retryAfter: 6 },
    });
    const since = azure.journal.mark();
    const answer = await remediate(scenario, { resourceId });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('retry-after')).toBe('6');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.body).toEqual({
      resourceId,
      outcome: 'queued',
      retryAfter: 6,
      correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
    });
    expect(aclsOf(azure, vault).defaultAction).toBe('Allow');

    const change = await eventually('the queued change', () => ownChanges(scenario, since)[0]);
    await settle(scenario);
    expect(aclsOf(azure, vault).defaultAction).toBe('Deny');
    const [throttled] = azure.journal.writes({ since });
    expect(Date.parse(change.time) - Date.parse(throttled?.time ?? '')).toBeGreaterThanOrEqual(6000);
    const records = await recordsOf(scenario, { correlationId: answer.body.correlationId ?? '' });
    expect(records.every(({ trigger }) => trigger === 'http')).toBe(true);
    const applied = records.filter(({ outcome }) => outcome === 'applied');
    expect(applied.map(({ writeId }) => writeId)).toEqual([change.clientRequestId]);
  });

  it('answers a dry run that Azure has no time for with 502, and queues nothing', async () => {
    const { azure } = scenario;
    const vault = await addOpenVault();
    azure.faults.add({
      method: 'GET',
      path: `*/${vault}`,
      action: { kind: 'error', status: 429, code: 'TooManyRequests', retryAfter: 6 },
    });
    const answer = await remediate(scenario, { resourceId: vaultPath(vault), dryRun: true });
    expectProblem(answer, 502);
    // Whatever were on the queue would come after six seconds, and this waits for it.
    await settle(scenario);
    expect(await recordsOf(scenario, { resourceId: vaultPath(vault) })).toEqual([]);
  });
});

describe('a workflow that a write would start', () => {
  const recurring = {
    triggers: { Every_day: { type: 'Recurrence', recurrence: { frequency: 'Day', interval: 1 } } },
  };

  it('is refused by the sweep and by events, and written when a person asks for it by name', async () => {
    const { azure } = scenario;
    const name = await addUnsafeWorkflow(recurring);
    const resourceId = workflowPath(name);
    const since = azure.journal.mark();
    await sweep(scenario);
    await announce(scenario, { uri: resourceId });
    await sweep(scenario);
    expect(azure.journal.writes({ since, under: resourceId })).toEqual([]);
    expect(azure.journal.runs(since)).toEqual([]);
    const refusals = await recordsOf(scenario, { resourceId });
    expect(outcomesOf(refusals)).toEqual(['workflow-secure-outputs refused']);
    expect(refusals[0]?.error).toContain('Every_day');
    expect(refusals[0]?.error).toContain('startTime');

    const dry = await remediate(scenario, { resourceId, dryRun: true });
    expect(dry.body.outcome).toBe('planned');
    expect(azure.journal.runs(since)).toEqual([]);

    const answer = await remediate(scenario, { resourceId });
    expect(answer.body.outcome).toBe('applied');
    expect(answer.body.remediations?.[0]?.warnings.join()).toContain('Every_day');
    expect(hidesOutputs(azure, name)).toBe(true);
    expect(azure.journal.runs(since).map(({ workflowId }) => workflowId)).toEqual([resourceId]);
    const [latest] = await recordsOf(scenario, { resourceId });
    expect(latest).toMatchObject({ outcome: 'applied', trigger: 'http' });
  });

  it.each([
    ['asked for by name', recurring],
    ['whatever starts it', {}],
  ])('is not written with secure parameters, %s', async (_what, parts) => {
    const { azure } = scenario;
    const name = await addUnsafeWorkflow({
      ...parts,
      declared: { apiKey: { type: 'securestring' } },
      parameters: { apiKey: { value: 'kept-in-azure' } },
    });
    const resourceId = workflowPath(name);
    const since = azure.journal.mark();
    const answer = await remediate(scenario, { resourceId });
    expect(answer.status).toBe(200);
    expect(answer.body.outcome).toBe('refused');
    expect((await recordWith(answer.body.remediations?.[0]?.recordId)).error).toContain('apiKey');
    expect(azure.journal.writes({ since })).toEqual([]);
    expect(azure.secretOf(resourceId, 'apiKey')).toBe('"kept-in-azure"');
  });
});

describe('bad input', () => {
  const id = vaultPath('kv-victim');
  const ids: readonly [string, string][] = [
    ['nothing', ''],
    ['a name alone', 'kv-victim'],
    ['a slash', '/'],
    ['a subscription', `/subscriptions/${SUBSCRIPTION}`],
    ['a resource group', GROUP],
    ['a name that climbs out', `${GROUP}/providers/Microsoft.KeyVault/vaults/..`],
    ['a group that climbs out', id.replace('rg-security', '..')],
    ['a path that climbs out', id.replace('/providers', '/../rg-other/providers')],
    ['a path that stays where it is', id.replace('/providers', '/./providers')],
    ['an encoded slash', `${GROUP}/providers/Microsoft.KeyVault/vaults/kv%2Fvictim`],
    ['encoded dots', `${GROUP}/providers/Microsoft.KeyVault/vaults/%2e%2e`],
    ['twice encoded dots', `${GROUP}/providers/Microsoft.KeyVault/vaults/%252e%252e`],
    ['a full URL', `https://management.azure.com${id}`],
    ['a URL of somebody else', `https://evil.example${id}`],
    ['a URL without a scheme', `//evil.example${id}`],
    ['user information', `@evil.example${id}`],
    ['a slash at the end', `${id}/`],
    ['two slashes', id.replace('/providers', '//providers')],
    ['a query', `${id}?api-version=2016-10-01`],
    ['a fragment', `${id}#x`],
    ['backslashes', id.replaceAll('/', '\\')],
    ['a child', `${id}/accessPolicies/add`],
    ['a secret', `${id}/secrets/token`],
    ['another provider', `${GROUP}/providers/Microsoft.Storage/storageAccounts/kvvictim`],
    ['another type', `${GROUP}/providers/Microsoft.KeyVault/managedHSMs/kv-victim`],
    ['two providers', `${id}/providers/Microsoft.Logic/workflows/x`],
    ['a subscription that is no GUID', id.replace(SUBSCRIPTION, 'mine')],
    ['a wildcard', `${GROUP}/providers/Microsoft.KeyVault/vaults/*`],
    ['a space', `${GROUP}/providers/Microsoft.KeyVault/vaults/kv victim`],
    ['a space before it', ` ${id}`],
    ['a line break', `${id}\n`],
    ['a header inside', `${id}\r\nx-evil: 1`],
    ['a null character', `${id}\0`],
    ['letters that look like others', id.replace('kv-victim', 'kv-vіctim')],
    [
      'a name that is too long for a vault',
      `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-${'v'.repeat(30)}`,
    ],
    ['401 characters', `${GROUP}/providers/Microsoft.Logic/workflows/${'w'.repeat(401)}`],
    ['a megabyte', `/${'a/'.repeat(500_000)}`],
  ];

  it.each(ids)('%s as a resource id is a 400 that asks nothing of Azure', async (_what, resourceId) => {
    const traffic = await trafficOf(scenario, async () => {
      const answer = await remediate(scenario, { resourceId });
      expectProblem(answer, 400);
      expect(answer.text).not.toContain('evil');
      await settle(scenario);
    });
    expect(namesOf(traffic)).toEqual([]);
  });

  const bodies: readonly [string, string][] = [
    ['no body', ''],
    ['half a body', '{"resourceId":'],
    ['a form', `resourceId=${encodeURIComponent(id)}`],
    ['null', 'null'],
    ['a number', '42'],
    ['a text', JSON.stringify(id)],
    ['a list', JSON.stringify([{ resourceId: id }])],
    ['an empty object', '{}'],
    ['an id that is a number', '{"resourceId":42}'],
    ['an id that is a list', JSON.stringify({ resourceId: [id] })],
    ['an id that is an object', JSON.stringify({ resourceId: { id } })],
    ['an id that is null', '{"resourceId":null}'],
    ['a dry run that is a text', JSON.stringify({ resourceId: id, dryRun: 'true' })],
    ['a dry run that is a number', JSON.stringify({ resourceId: id, dryRun: 1 })],
    ['a dry run misspelled', JSON.stringify({ resourceId: id, dryrun: true })],
    ['a member nobody knows', JSON.stringify({ resourceId: id, force: true })],
    ['a remediator that is a text', JSON.stringify({ resourceId: id, remediators: 'vault-firewall' })],
    ['no remediator at all', JSON.stringify({ resourceId: id, remediators: [] })],
    ['a remediator nobody knows', JSON.stringify({ resourceId: id, remediators: ['vault-firewal'] })],
    [
      'a remediator of another kind',
      JSON.stringify({ resourceId: id, remediators: ['workflow-secure-outputs'] }),
    ],
    ['a remediator that is a prototype', '{"resourceId":"x","remediators":["__proto__"]}'],
    ['a prototype', `{"__proto__":{"resourceId":${JSON.stringify(id)}}}`],
    ['lists ten thousand deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['two megabytes', JSON.stringify({ resourceId: id, filler: 'x'.repeat(2_000_000) })],
  ];

  it.each(bodies)('%s is a 400 that asks nothing of Azure', async (_what, body) => {
    const traffic = await trafficOf(scenario, async () => {
      expectProblem(await remediate(scenario, body), 400);
      await settle(scenario);
    });
    expect(namesOf(traffic)).toEqual([]);
  });
});

describe('GET /api/audit', () => {
  let vaults: readonly string[] = [];
  let all: readonly AuditRecord[] = [];

  beforeAll(async () => {
    vaults = [await addOpenVault(), await addOpenVault(), await addOpenVaultWithReader()];
    for (const vault of vaults) await remediate(scenario, { resourceId: vaultPath(vault) });
    const refused = await addUnsafeWorkflow({
      declared: { key: { type: 'SecureString', defaultValue: 'x' } },
    });
    await remediate(scenario, { resourceId: workflowPath(refused) });
    await settle(scenario);
    all = await recordsOf(scenario);
  });

  const get = async (query: string): Promise<Answer> => {
    const answer = await fetch(`${scenario.stack.hostUrl}/api/audit${query}`);
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) as Answer['body'] };
  };
  interface Page {
    readonly records: readonly AuditRecord[];
    readonly continuationToken: string | null;
  }
  const pageOf = async (query: string): Promise<Page> => {
    const answer = await get(query);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    return JSON.parse(answer.text) as Page;
  };
  const idsOf = (records: readonly AuditRecord[]): readonly string[] => records.map(({ id }) => id);

  it('has at least a record of each kind that the following filters tell apart', () => {
    expect(new Set(all.map(({ outcome }) => outcome)).size).toBeGreaterThan(1);
    expect(new Set(all.map(({ remediator }) => remediator)).size).toBeGreaterThan(2);
    expect(new Set(all.map(({ resourceId }) => resourceId)).size).toBeGreaterThan(3);
  });

  it('gives everything, the newest first', async () => {
    const { records, continuationToken } = await pageOf('?limit=1000');
    expect(idsOf(records)).toEqual(idsOf(all));
    expect(continuationToken).toBeNull();
    const times = records.map(({ time }) => time);
    expect(times).toEqual(times.toSorted().reverse());
    for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  const filters: readonly [string, (record: AuditRecord) => string, (record: AuditRecord) => boolean][] = [
    [
      'a resource',
      () => `resourceId=${vaultPath(vaults[0] ?? '')}`,
      ({ resourceId }) => resourceId === vaultPath(vaults[0] ?? ''),
    ],
    [
      'a resource in capital letters',
      () => `resourceId=${vaultPath(vaults[1] ?? '').toUpperCase()}`,
      ({ resourceId }) => resourceId === vaultPath(vaults[1] ?? ''),
    ],
    ['a remediator', () => 'remediator=vault-firewall', ({ remediator }) => remediator === 'vault-firewall'],
    ['an outcome', () => 'outcome=refused', ({ outcome }) => outcome === 'refused'],
    [
      'a correlation id',
      ({ correlationId }) => `correlationId=${correlationId}`,
      ({ correlationId }) => correlationId === all[2]?.correlationId,
    ],
    ['a time', ({ time }) => `since=${time}`, ({ time }) => time >= (all[2]?.time ?? '')],
    [
      'a time with an offset',
      ({ time }) =>
        `since=${encodeURIComponent(`${new Date(Date.parse(time) + 7_200_000).toISOString().slice(0, -1)}+02:00`)}`,
      ({ time }) => time >= (all[2]?.time ?? ''),
    ],
    [
      'two things at once',
      () => 'outcome=applied&remediator=vault-logic-app-ips',
      ({ outcome, remediator }) => outcome === 'applied' && remediator === 'vault-logic-app-ips',
    ],
  ];
  it.each(filters)('filters by %s, in pages of one as well', async (_what, queryFor, isWanted) => {
    const third = all[2];
    if (third === undefined) throw new Error('There are too few records.');
    const query = queryFor(third);
    const wanted = idsOf(all.filter(isWanted));
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.length).toBeLessThan(all.length);
    expect(idsOf((await pageOf(`?${query}&limit=1000`)).records)).toEqual(wanted);
    expect(idsOf(await pages(query, 1))).toEqual(wanted);
  });

  async function pages(query: string, limit: number): Promise<readonly AuditRecord[]> {
    const records: AuditRecord[] = [];
    for (let token: string | null = ''; token !== null;) {
      const next: string = token === '' ? '' : `&continuationToken=${encodeURIComponent(token)}`;
      const page: Page = await pageOf(`?${query}&limit=${limit}${next}`);
      expect(page.records.length).toBeLessThanOrEqual(limit);
      records.push(...page.records);
      token = page.continuationToken;
    }
    return records;
  }

  it.each([1, 2, 3])('in pages of %i gives every record once, the newest first', async (limit) => {
    expect(idsOf(await pages('', limit))).toEqual(idsOf(all));
  });

  it('keeps a page where it is when newer records come in', async () => {
    const first = await pageOf('?limit=2');
    const resourceId = vaultPath(vaults[0] ?? '');
    await openVault(scenario.azure, vaults[0] ?? '');
    await remediate(scenario, { resourceId });
    const token = encodeURIComponent(first.continuationToken ?? '');
    const second = await pageOf(`?limit=2&continuationToken=${token}`);
    expect(idsOf([...first.records, ...second.records])).toEqual(idsOf(all).slice(0, 4));
    all = await recordsOf(scenario);
  });

  it('gives an empty page where nothing fits', async () => {
    expect(await pageOf(`?resourceId=${vaultPath('kv-nobody')}`)).toEqual({
      records: [],
      continuationToken: null,
    });
  });

  it.each([
    ['a resource id that is none', 'resourceId=kv-one'],
    ['a resource id that is empty', 'resourceId='],
    ['a remediator nobody knows', 'remediator=vault-everything'],
    ['an outcome nobody knows', 'outcome=happy'],
    ['a time that is none', 'since=yesterday'],
    ['a time without an offset', 'since=2026-01-01T00:00:00'],
    ['a day', 'since=2026-01-01'],
    ['no limit at all', 'limit='],
    ['a limit of nothing', 'limit=0'],
    ['a limit below nothing', 'limit=-1'],
    ['a limit of one and a half', 'limit=1.5'],
    ['a limit above a thousand', 'limit=1001'],
    ['a limit that is a word', 'limit=all'],
    ['a token somebody made up', 'continuationToken=abc'],
    ['a token that is JSON', `continuationToken=${Buffer.from('{"a":1}').toString('base64url')}`],
    ['a filter nobody knows', 'actor=alice'],
    ['a filter misspelled', 'resourceid=x'],
    ['a correlation id of 300 characters', `correlationId=${'c'.repeat(300)}`],
    ['the same filter twice', 'outcome=applied&outcome=failed'],
    [
      'a filter that would change the query',
      `correlationId=${encodeURIComponent("x' or '1' eq '1")}&limit=0`,
    ],
  ])('%s is a 400', async (_what, query) => {
    expectProblem(await get(`?${query}`), 400);
  });

  it('takes a quote in a correlation id for what it is', async () => {
    const correlationId = encodeURIComponent("x' or '1' eq '1");
    expect((await pageOf(`?correlationId=${correlationId}`)).records).toEqual([]);
  });
});

describe('with function keys', () => {
  const keys = {
    functionKeys: { default: 'function-key' },
    systemKeys: { eventgrid_extension: 'system-key' },
  };

  it('nobody gets in without one', async () => {
    const host = await startHostWithKeys();
    try {
      const audit = (query = '', headers = {}): Promise<number> =>
        statusOf(fetch(`${host.url}/api/audit${query}`, { headers }));
      const post = (path: string, body: unknown, headers = {}): Promise<number> =>
        statusOf(
          fetch(`${host.url}${path}`, {
            method: 'POST',
            body: JSON.stringify(body),
            headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification', ...headers },
          }),
        );
      const vault = await addOpenVault();
      const resourceId = vaultPath(vault);
      const webhook = '/runtime/webhooks/eventgrid?functionName=resourceChanged';
      const traffic = await trafficOf(scenario, async () => {
        expect(await audit()).toBe(401);
        expect(await audit('?code=wrong')).toBe(401);
        expect(await audit('', { 'x-functions-key': 'system-key' })).toBe(401);
        expect(await post('/api/remediate', { resourceId })).toBe(401);
        expect(await post('/api/remediate', { resourceId }, { 'x-functions-key': 'wrong' })).toBe(401);
        expect(await post(webhook, [gridEvent(scenario, { uri: resourceId })])).toBe(401);
        expect(await post(`${webhook}&code=function-key`, [gridEvent(scenario, { uri: resourceId })])).toBe(
          401,
        );
      });
      expect(namesOf(traffic)).toEqual([]);

      expect(await audit('?code=function-key')).toBe(200);
      expect(await audit('', { 'x-functions-key': 'function-key' })).toBe(200);
      expect(aclsOf(scenario.azure, vault).defaultAction).toBe('Allow');
      expect(await post('/api/remediate?code=function-key', { resourceId })).toBe(200);
      expect(aclsOf(scenario.azure, vault).defaultAction).toBe('Deny');
      await openVault(scenario.azure, vault);
      expect(await post(`${webhook}&code=system-key`, [gridEvent(scenario, { uri: resourceId })])).toBe(202);
      expect(aclsOf(scenario.azure, vault).defaultAction).toBe('Deny');
    } finally {
      await host.close();
    }
  });

  const statusOf = async (answer: Promise<Response>): Promise<number> => (await answer).status;

  /** A second instance over the same storage account; this one has keys. */
  async function startHostWithKeys(): Promise<{ url: string; close: () => Promise<void> }> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-keys-'));
    const file = join(folder, 'keys.json');
    await writeFile(file, JSON.stringify(keys));
    const main = join(process.cwd(), '.build', 'local-host', 'main.js');
    const child = spawn(process.execPath, [main, '--app', process.cwd(), '--port', '0', '--keys', file], {
      env: {
        ...process.env,
        ...scenario.stack.simulator.environment,
        AzureWebJobsStorage: scenario.stack.storage,
        HOLDFAST_SCOPES: `/subscriptions/${SUBSCRIPTION}`,
        HOLDFAST_MODE: 'enforce',
        HOLDFAST_SWEEP_SCHEDULE: '0 0 0 1 1 *',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exited = once(child, 'exit');
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => {
        reject(new Error(`The host with keys ended with ${String(code)}.`));
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.startsWith('{"ready":true')) resolve((JSON.parse(line) as { url: string }).url);
      });
    });
    const close = async (): Promise<void> => {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    };
    return { url, close };
  }
});
