import { ContainerClient } from '@azure/storage-blob';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { getSecret, playbook, shut } from '../../demo/estate.js';
import type { HostOptions } from '../../demo/stack.js';
import type { Azure } from '../../simulator/azure.js';
import { principalNamed } from '../../simulator/principal.js';
import { membersOf } from '../../simulator/raw-json.js';
import type { Switches } from '../../simulator/switches.js';
import { clearEstate } from './clear-estate.js';
import {
  addVault,
  ALICE,
  BOB,
  connection,
  connectionPath,
  CONNECTORS,
  eventually,
  freshName,
  OFFICE,
  outcomesOf,
  recordsOf,
  remediate,
  settle,
  startScenario,
  SUBSCRIPTION,
  sweep,
  textNow,
  vaultPath,
  withEvents,
  workflowPath,
  type Scenario,
} from './scenario.js';

/*
 * Connections that keep credentials, and the workflows on them: moved by a successor, so that nobody who could read
 * a secret ever cannot. What could be read is what the simulated Azure works out of its own estate, at every change.
 */

vi.setConfig({ testTimeout: 120_000 });

interface Document {
  readonly identity?: { readonly type: string; readonly principalId?: string };
  readonly properties: {
    readonly accessPolicies?: readonly unknown[];
    readonly parameters?: {
      readonly $connections?: { readonly value: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
    };
  };
}

const documentNow = (azure: Azure, id: string): Document => JSON.parse(textNow(azure, id)) as Document;
const identityOf = (azure: Azure, id: string): string =>
  documentNow(azure, id).identity?.principalId ?? 'no identity';
const canRead = (azure: Azure, id: string): boolean =>
  azure.access.canRead(id).every(({ ok }) => ok) && azure.access.canRead(id).length > 0;
const hows = (azure: Azure, id: string): readonly string[] => azure.access.canRead(id).map(({ why }) => why);

// ── The estate ───────────────────────────────────────────────────────────────────────────────────────────────

type Model = 'access policies' | 'roles';
/** As the simulator calls them. */
const MODELS: Readonly<Record<Model, string>> = { 'access policies': 'access-policies', roles: 'rbac' };
type Credentials = 'a user' | 'a client secret';

interface Estate {
  readonly vault: string;
  readonly model: Model;
  readonly connection: string;
  /** Ids. */
  readonly workflows: readonly string[];
}

async function addEmptyVault(azure: Azure, model: Model): Promise<string> {
  const roles = { enableRbacAuthorization: model === 'roles' };
  return addVault(azure, shut(OFFICE, ...CONNECTORS), roles);
}

/** Lets somebody read a vault's secrets, and do nothing else with it. */
async function grant(azure: Azure, vault: string, model: Model, objectId: string): Promise<void> {
  if (model === 'roles') {
    azure.assignRole({ scope: vaultPath(vault), principalId: objectId, role: 'Key Vault Secrets User' });
    return;
  }
  const policy = { tenantId: azure.tenantId, objectId, permissions: { secrets: ['get'] } };
  await azure
    .as(ALICE)
    .put(`${vaultPath(vault)}/accessPolicies/add`, { properties: { accessPolicies: [policy] } });
}

async function addKeptConnection(
  azure: Azure,
  vault: string,
  model: Model,
  how: Credentials,
): Promise<string> {
  const name = freshName('kept');
  const credentials = {
    'token:clientId': 'a-client',
    'token:clientSecret': 'what-nobody-reads',
    'token:TenantId': azure.tenantId,
    'token:grantType': 'client_credentials',
  };
  const parameterValues =
    how === 'a user' ? { vaultName: vault, 'token:grantType': 'code' } : { vaultName: vault, ...credentials };
  const plain = { parameterValueType: null, alternativeParameterValues: null, parameterValues };
  await azure.as(ALICE).put(connectionPath(name), connection(vault, plain));
  if (how === 'a client secret') return name;
  azure.signIn(connectionPath(name), ALICE);
  await grant(azure, vault, model, azure.connectionPrincipal(connectionPath(name))?.objectId ?? '');
  return name;
}

/** A playbook as the designer saves it on a connection that keeps credentials: without an authentication. */
function keptPlaybook(connectionName: string, actions: object, change: (document: never) => object): object {
  const document = playbook(actions, connectionName) as Document;
  for (const entry of Object.values(document.properties.parameters?.$connections?.value ?? {})) {
    Reflect.deleteProperty(entry, 'connectionProperties');
  }
  return change(document as never);
}

const asItIs = (document: object): object => document;

async function addKeptWorkflow(
  azure: Azure,
  connectionName: string,
  change: (document: never) => object = asItIs,
  actions: object = { Get_secret: getSecret('token', true) },
): Promise<string> {
  const id = workflowPath(freshName('wf-kept'));
  await azure.as(ALICE).put(id, keptPlaybook(connectionName, actions, change));
  return id;
}

/** A vault, a connection that keeps credentials, and workflows on it whose identities may read the vault. */
async function addEstate(
  model: Model = 'access policies',
  how: Credentials = 'a user',
  count = 3,
): Promise<Estate> {
  const vault = await addEmptyVault(azure, model);
  const name = await addKeptConnection(azure, vault, model, how);
  const workflows: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const id = await addKeptWorkflow(azure, name);
    await grant(azure, vault, model, identityOf(azure, id));
    workflows.push(id);
  }
  expect(workflows.map((id) => canRead(azure, id))).toEqual(workflows.map(() => true));
  return { vault, model, connection: name, workflows };
}

// ── What happened ────────────────────────────────────────────────────────────────────────────────────────────

interface Watch {
  /** What Holdfast's own changes took away: `workflow/action after PUT resource: why`. */
  readonly losses: string[];
  readonly refresh: () => void;
}

/** Works out who can read what after every single change of the estate, while it is made. */
function watchReads({ azure, appId }: Scenario): Watch {
  const reads = (): ReadonlyMap<string, { ok: boolean; why: string }> =>
    new Map(
      azure
        .resourceIds()
        .filter((id) => id.includes('/workflows/'))
        .flatMap((id) =>
          azure.access.canRead(id).map(({ action, ok, why }) => [`${id}/${action}`, { ok, why }] as const),
        ),
    );
  let before = reads();
  const losses: string[] = [];
  const { journal } = azure;
  const addChange = journal.addChange.bind(journal);
  journal.addChange = (entry) => {
    addChange(entry);
    const now = reads();
    for (const [read, { ok }] of before) {
      const current = now.get(read);
      if (!ok || current?.ok !== false || entry.principal?.objectId !== appId) continue;
      losses.push(`${read} after ${entry.operation} of ${entry.resourceId}: ${current.why}`);
    }
    before = now;
  };
  const refresh = (): void => {
    before = reads();
  };
  return { losses, refresh };
}

/** What Holdfast wrote of these resources, by the last part of their names, in order. */
function ownWrites(estate: Estate, since = 0): readonly string[] {
  const ids = [
    connectionPath(estate.connection),
    connectionPath(`${estate.connection}-mi`),
    vaultPath(estate.vault),
    ...estate.workflows,
  ].map((id) => id.toLowerCase());
  return azure.journal
    .changes({ since, principal: scenario.appId })
    .filter(({ resourceId }) => ids.includes(resourceId.toLowerCase()))
    .map(({ resourceId }) => resourceId.split('/').at(-1) ?? '');
}

function expectMoved({ connection: name, vault, model, workflows }: Estate): void {
  const successor = JSON.parse(textNow(azure, connectionPath(`${name}-mi`))) as object;
  expect(successor).toMatchObject({
    location: 'westeurope',
    properties: {
      api: { id: expect.stringMatching(/managedApis\/keyvault$/) as string },
      parameterValueType: 'Alternative',
      alternativeParameterValues: { vaultName: vault },
      statuses: [{ status: 'Ready' }],
    },
  });
  for (const id of workflows) {
    expect(hows(azure, id)).toEqual([
      `as its own identity, which may get secrets of ${vault} by ${MODELS[model]}`,
    ]);
    const entries = Object.values(documentNow(azure, id).properties.parameters?.$connections?.value ?? {});
    expect(entries).toEqual([
      expect.objectContaining({
        connectionId: connectionPath(`${name}-mi`),
        connectionName: `${name}-mi`,
        connectionProperties: { authentication: { type: 'ManagedServiceIdentity' } },
      }),
    ]);
    expect(canRead(azure, id)).toBe(true);
  }
}

interface ListedFinding {
  readonly resourceId: string;
  readonly severity: string;
  readonly reason: string;
  readonly step: string;
}

async function findingsOn(
  resourceId: string,
  remediator = 'connection-managed-identity',
): Promise<readonly ListedFinding[]> {
  const query = new URLSearchParams({ resourceId, remediator, limit: '1000' }).toString();
  const answer = await fetch(`${scenario.stack.hostUrl}/api/findings?${query}`);
  return ((await answer.json()) as { findings: readonly ListedFinding[] }).findings;
}

/** Nobody's access is Holdfast's to give: of access policies it may only take away, and roles it never writes. */
function expectNothingGranted({ azure, appId }: Scenario): void {
  const writes = azure.journal.writes().filter(({ principal }) => principal?.objectId === appId);
  expect(
    writes
      .map(({ method, path }) => `${method} ${path}`)
      .filter((text) => /roleAssignments|accessPolicies\/add|DELETE/i.test(text)),
  ).toEqual([]);
  for (const { resourceId, before, after } of azure.journal.changes({ principal: appId })) {
    if (!/\/vaults\//i.test(resourceId)) continue;
    const [old, now] = [before, after].map((text) => (JSON.parse(text ?? '{}') as Document).properties);
    expect(now?.accessPolicies).toEqual(old?.accessPolicies);
  }
}

const MOVING = 'connection-managed-identity=enforce';
/** Identities are not given, so that what lacks one stays so. */
const MOVING_ALONE = `${MOVING},workflow-managed-identity=off`;

let scenario: Scenario;
let azure: Azure;
let watch: Watch;

/** Ends the present host and starts one with other settings, on the same storage account and Azure. */
async function changeHost(options: HostOptions, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  await scenario.stack.stopHost(signal);
  const host = await scenario.stack.startHost(options);
  scenario = { ...scenario, stack: { ...scenario.stack, ...host } };
}

function withRemediators(HOLDFAST_REMEDIATORS: string): void {
  beforeAll(() => changeHost({ settings: { HOLDFAST_REMEDIATORS } }));
}

beforeAll(async () => {
  scenario = await startScenario({
    allRemediators: true,
    settings: { HOLDFAST_REMEDIATORS: MOVING_ALONE },
    simulator: { events: { timeScale: 0.02 } },
  });
  ({ azure } = scenario);
  watch = watchReads(scenario);
});
afterAll(() => scenario.stack.close());
afterEach(() => {
  azure.switches.reset();
  azure.faults.clear();
  expect(watch.losses).toEqual([]);
  expectNothingGranted(scenario);
  clearEstate(azure);
});

it('a loss of access is seen, at the change that brings it', async () => {
  const { workflows, vault } = await addEstate('access policies', 'a user', 1);
  const alices = watchReads({ ...scenario, appId: principalNamed(ALICE).objectId });
  await azure.as(ALICE).patch(vaultPath(vault), { properties: { accessPolicies: [] } });
  expect(alices.losses).toEqual([expect.stringContaining(`${workflows[0] ?? ''}/Get_secret after`)]);
});

describe('connections that are moved', () => {
  const kinds: readonly [Model, Credentials][] = [
    ['access policies', 'a user'],
    ['access policies', 'a client secret'],
    ['roles', 'a user'],
    ['roles', 'a client secret'],
  ];

  it.each(kinds)(
    'of a vault with %s, and kept by %s: each workflow reads through the successor, and nothing is left to do',
    async (model, how) => {
      const estate = await addEstate(model, how);
      const old = textNow(azure, connectionPath(estate.connection));
      const signedIn = azure.connectionPrincipal(connectionPath(estate.connection));
      watch.refresh();
      await withEvents(scenario, () => sweep(scenario));
      expectMoved(estate);
      // The successor first, then each workflow, once, whatever else there was to do.
      const [first, ...rest] = ownWrites(estate);
      expect(first).toBe(`${estate.connection}-mi`);
      expect([...rest].sort()).toEqual(estate.workflows.map((id) => id.split('/').at(-1)).sort());
      expect(textNow(azure, connectionPath(estate.connection))).toBe(old);
      expect(azure.connectionPrincipal(connectionPath(estate.connection))).toEqual(signedIn);

      const mark = azure.journal.mark();
      const count = (await recordsOf(scenario)).length;
      await withEvents(scenario, () => sweep(scenario));
      expect(ownWrites(estate, mark)).toEqual([]);
      expect(await recordsOf(scenario)).toHaveLength(count);
      expect(await findingsOn(connectionPath(estate.connection))).toEqual([
        expect.objectContaining({ severity: 'low', step: expect.stringContaining('delete it') as string }),
      ]);
      const ofConnection = await recordsOf(scenario, { resourceId: connectionPath(estate.connection) });
      expect(outcomesOf(ofConnection)).toEqual(['connection-managed-identity applied']);
      for (const id of estate.workflows) {
        const records = await recordsOf(scenario, { resourceId: id });
        expect(outcomesOf(records)).toEqual(['connection-managed-identity applied']);
      }
    },
  );

  it('by a user-assigned identity, where that is the only one', async () => {
    const vault = await addEmptyVault(azure, 'access policies');
    const name = await addKeptConnection(azure, vault, 'access policies', 'a user');
    const identity = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-security/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-${name}`;
    const given = { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } };
    const id = await addKeptWorkflow(azure, name, (document: object) => ({ ...document, identity: given }));
    const { userAssignedIdentities } = documentNow(azure, id).identity as unknown as {
      userAssignedIdentities: Record<string, { principalId: string }>;
    };
    await grant(azure, vault, 'access policies', userAssignedIdentities[identity]?.principalId ?? '');
    watch.refresh();
    await sweep(scenario);
    expect(hows(azure, id)).toEqual([expect.stringContaining(`as the identity id-${name}`)]);
    expect(documentNow(azure, id).identity).toMatchObject({ type: 'UserAssigned' });
  });

  it('again, where the old template is deployed once more', async () => {
    const estate = await addEstate('access policies', 'a user', 2);
    watch.refresh();
    await sweep(scenario);
    const [id = ''] = estate.workflows;
    const mark = azure.journal.mark();
    // It stands open as well: both are put right in one write.
    const actions = { Get_secret: getSecret('token') };
    await withEvents(scenario, () => azure.as(BOB).put(id, keptPlaybook(estate.connection, actions, asItIs)));
    expectMoved(estate);
    expect(ownWrites(estate, mark)).toEqual([id.split('/').at(-1)]);
    const [change] = azure.journal.changes({ since: mark, resourceId: id, principal: scenario.appId });
    const records = (await recordsOf(scenario, { resourceId: id })).filter(
      ({ writeId }) => writeId === change?.clientRequestId,
    );
    expect(outcomesOf(records)).toEqual([
      'connection-managed-identity applied',
      'workflow-secure-outputs applied',
    ]);
  });

  it('with a workflow that comes to the old connection later, by its event alone', async () => {
    const estate = await addEstate('roles', 'a user', 1);
    watch.refresh();
    await sweep(scenario);
    let late = '';
    await withEvents(scenario, async () => {
      late = await addKeptWorkflow(azure, estate.connection);
    });
    expect(ownWrites({ ...estate, workflows: [late] }).filter((one) => one.startsWith('wf'))).toEqual([]);
    const [lacks] = await findingsOn(late);
    expect(lacks?.reason).toContain(identityOf(azure, late));
    await grant(azure, estate.vault, 'roles', identityOf(azure, late));
    watch.refresh();
    await sweep(scenario);
    expectMoved({ ...estate, workflows: [...estate.workflows, late] });
    expect(await findingsOn(late)).toEqual([]);
  });

  const switches: readonly Partial<Switches>[] = [
    { connectionAuthenticationOnSave: 'checked' },
    { connectionAuthenticationOnSave: 'unchecked' },
    { managedIdentityConnectionWithoutAuthentication: 'fails' },
    { managedIdentityConnectionWithoutAuthentication: 'works' },
    { workflowIdentityMissingOnSave: 'accept' },
    { workflowIdentityMissingOnSave: 'reject' },
    { connectionConsentOnPut: 'lost' },
    { connectionConsentOnPut: 'kept' },
    { linkedAccess: 'all-links' },
    { newProperties: 'every-level' },
  ];

  it.each(switches.map((one) => [JSON.stringify(one), one] as const))('under %s', async (_name, one) => {
    azure.switches.set(one);
    const estate = await addEstate('access policies', 'a user', 2);
    watch.refresh();
    await withEvents(scenario, () => sweep(scenario));
    for (const id of estate.workflows) {
      expect(hows(azure, id)).toEqual([expect.stringContaining('as its own identity')]);
    }
    expect(ownWrites(estate)).toHaveLength(3);
  });

  // ── What keeps a connection where it is ──────────────────────────────────────────────────────────────────

  type Obstacle = readonly [
    string,
    { readonly change?: (document: never) => object; readonly isGranted?: false; readonly actions?: object },
    RegExp,
  ];
  const definition = (document: Document, more: object): object => {
    const { properties } = document as { properties: { definition: object } };
    return {
      ...document,
      properties: { ...properties, definition: { ...properties.definition, ...more } },
    };
  };
  const obstacles: readonly Obstacle[] = [
    [
      'without an identity',
      { change: (one: object) => ({ ...one, identity: { type: 'None' } }) },
      /has no managed identity/,
    ],
    ['whose identity may not read', { isGranted: false }, /may not read|cannot be told whether/],
    [
      'with a secure parameter',
      {
        change: (one: Document) =>
          definition(one, {
            parameters: {
              $connections: { type: 'Object', defaultValue: {} },
              key: { type: 'SecureString', defaultValue: 'x' },
            },
          }),
      },
      /secure parameter/,
    ],
    [
      'with a Recurrence that has no startTime',
      {
        change: (one: Document) =>
          definition(one, {
            triggers: { Daily: { type: 'Recurrence', recurrence: { frequency: 'Day', interval: 1 } } },
          }),
      },
      /startTime/,
    ],
    [
      'that does more through the connection',
      {
        actions: {
          Get_secret: getSecret('token', true),
          List: {
            ...getSecret('token'),
            inputs: {
              host: { connection: { name: "@parameters('$connections')['keyvault']['connectionId']" } },
              method: 'get',
              path: '/secrets',
            },
          },
        },
      },
      /more than read secrets/,
    ],
  ];

  it.each(
    obstacles.flatMap(([what, ...rest]) =>
      (['access policies', 'roles'] as const).map((model) => [what, model, ...rest] as const),
    ),
  )(
    'are not, while one workflow is there %s (%s): nothing is written, and a finding names what is missing',
    async (_what, model, { change, isGranted, actions }, reason) => {
      const vault = await addEmptyVault(azure, model);
      const name = await addKeptConnection(azure, vault, model, 'a user');
      const good = await addKeptWorkflow(azure, name);
      const bad = await addKeptWorkflow(azure, name, change, actions);
      for (const id of [good, ...(isGranted === false ? [] : [bad])]) {
        await grant(azure, vault, model, identityOf(azure, id)).catch(() => undefined);
      }
      const estate = { vault, model, connection: name, workflows: [good, bad] };
      watch.refresh();
      await withEvents(scenario, () => sweep(scenario));
      await sweep(scenario);
      expect(ownWrites(estate)).toEqual([]);
      expect(azure.read(connectionPath(`${name}-mi`))).toBeUndefined();
      const findings = await findingsOn(connectionPath(name));
      expect(findings).toHaveLength(1);
      expect(findings[0]?.severity).toBe('medium');
      expect(findings[0]?.reason).toContain(bad);
      expect(findings[0]?.reason).toMatch(reason);
      if (isGranted === false) expect(findings[0]?.reason).toContain(identityOf(azure, bad));
      expect(await recordsOf(scenario, { resourceId: connectionPath(name) })).toEqual([]);
      expect(canRead(azure, good)).toBe(true);
    },
  );

  it('are not, where the place of the successor is taken by something else', async () => {
    const estate = await addEstate('access policies', 'a user', 2);
    const other = await addEmptyVault(azure, 'access policies');
    await azure.as(BOB).put(connectionPath(`${estate.connection}-mi`), connection(other));
    watch.refresh();
    await sweep(scenario);
    expect(ownWrites({ ...estate, workflows: estate.workflows.slice(1) })).toEqual([]);
    const [finding, ...more] = await findingsOn(connectionPath(estate.connection));
    expect(finding?.reason).toContain('not for the same vault');
    expect(more).toEqual([]);
  });

  it('are not by a dry run, which shows the step', async () => {
    const vault = await addEmptyVault(azure, 'roles');
    const name = await addKeptConnection(azure, vault, 'roles', 'a client secret');
    const id = await addKeptWorkflow(azure, name);
    await sweep(scenario);
    await grant(azure, vault, 'roles', identityOf(azure, id));
    const resourceId = connectionPath(name);
    const dry = await remediate(scenario, { resourceId, dryRun: true });
    expect(dry.body.outcome).toBe('planned');
    expect(dry.body.remediations?.flatMap(({ edits }) => edits.map(({ path }) => path))).toEqual([
      `/connections/${name}-mi`,
    ]);
    await settle(scenario);
    const estate: Estate = { vault, model: 'roles', connection: name, workflows: [id] };
    expect(ownWrites(estate)).toEqual([]);
    const wet = await remediate(scenario, { resourceId });
    expect(wet.body.outcome).toBe('applied');
    const [moving, ...more] = await findingsOn(resourceId);
    expect([moving?.severity, more]).toEqual(['low', []]);
    expect(moving?.reason).toContain('are being moved');
    await settle(scenario);
    expectMoved(estate);
  });

  it('but for a workflow whose access goes while the successor is made: it reads on as it did', async () => {
    const estate = await addEstate('access policies', 'a user', 2);
    const [kept = '', moved = ''] = estate.workflows;
    const policy = {
      tenantId: azure.tenantId,
      objectId: identityOf(azure, kept),
      permissions: { secrets: ['get'] },
    };
    watch.refresh();
    azure.faults.add({
      method: 'PUT',
      path: connectionPath(`${estate.connection}-mi`),
      times: 1,
      action: {
        kind: 'somebody-else',
        as: BOB,
        method: 'PUT',
        path: `${vaultPath(estate.vault)}/accessPolicies/remove`,
        body: JSON.stringify({ properties: { accessPolicies: [policy] } }),
        when: 'after',
      },
    });
    await sweep(scenario);
    await sweep(scenario);
    expect(hows(azure, kept)).toEqual([expect.stringContaining(`as ${ALICE}`)]);
    expect(hows(azure, moved)).toEqual([expect.stringContaining('as its own identity')]);
    const [finding] = await findingsOn(kept);
    expect(finding?.reason).toContain(identityOf(azure, kept));
    await grant(azure, estate.vault, estate.model, identityOf(azure, kept));
    await sweep(scenario);
    expectMoved(estate);
  });

  it('in as many tries as it takes, where Azure is slow, busy or out of order', async () => {
    const estate = await addEstate('access policies', 'a user', 3);
    watch.refresh();
    const path = `*/${estate.connection}-mi`;
    azure.faults.add({ method: 'PUT', path, times: 1, action: { kind: 'reset', when: 'after' } });
    const [first = '', second = '', third = ''] = estate.workflows;
    azure.faults.add({ method: 'PUT', path: first, times: 1, action: { kind: 'reset', when: 'after' } });
    azure.faults.add({ method: 'PUT', path: second, times: 1, action: { kind: 'error', status: 409 } });
    azure.faults.add({
      method: 'PUT',
      path: third,
      times: 2,
      action: { kind: 'error', status: 429, retryAfter: 0 },
    });
    await sweep(scenario);
    expectMoved(estate);
    expect(ownWrites(estate)).toHaveLength(4);
  });

  it('not at all, where Azure refuses the successor; and the record says so, once', async () => {
    const estate = await addEstate('access policies', 'a user', 2);
    const path = connectionPath(`${estate.connection}-mi`);
    azure.faults.add({
      method: 'PUT',
      path,
      action: { kind: 'error', status: 403, code: 'AuthorizationFailed' },
    });
    await sweep(scenario);
    await sweep(scenario);
    expect(ownWrites(estate)).toEqual([]);
    expect(estate.workflows.map((id) => canRead(azure, id))).toEqual([true, true]);
    const records = await recordsOf(scenario, { resourceId: connectionPath(estate.connection) });
    expect(outcomesOf(records)).toEqual(['connection-managed-identity failed']);
    expect(records[0]?.error).toContain('Microsoft.Web/connections/write');
    azure.faults.clear();
    await sweep(scenario);
    expectMoved(estate);
  });

  it('but for a workflow that is locked: the others go, and it reads on', async () => {
    const estate = await addEstate('access policies', 'a user', 3);
    const [locked = '', ...others] = estate.workflows;
    azure.locks.add({ name: 'freeze', scope: locked, level: 'ReadOnly' });
    watch.refresh();
    await sweep(scenario);
    expect(hows(azure, locked)).toEqual([expect.stringContaining(`as ${ALICE}`)]);
    expectMoved({ ...estate, workflows: others });
    azure.locks.remove(locked);
    await sweep(scenario);
    expectMoved(estate);
  });
});

describe('a host that is killed at any step', () => {
  afterEach(async () => {
    // Of the killed host: its leases end by themselves after a minute, and its messages come back after ten.
    await letLeasesEnd();
    await new QueueClient(scenario.stack.storage, 'reconcile').clearMessages();
  });

  const steps = [1, 2, 3, 4].flatMap((step) =>
    (['before', 'after'] as const).map((when) => [step, when] as const),
  );

  it.each(steps)(
    'write %i, %s Azure has carried it out: the next one ends in the same state',
    async (step, when) => {
      const estate = await addEstate('access policies', 'a user', 3);
      const mark = azure.journal.mark();
      watch.refresh();
      azure.faults.add({
        method: 'PUT',
        path: '*',
        skip: step - 1,
        times: 1,
        action: { kind: 'hang', when },
      });
      const swept = scenario.stack.sweep().catch(() => undefined);
      await eventually('the write to hang', () =>
        azure.faults.all.some(({ struck }) => struck === 1) ? true : null,
      );
      if (when === 'after') {
        await eventually('it to be carried out', () =>
          ownWrites(estate, mark).length >= step ? true : null,
        );
      }
      await scenario.stack.stopHost('SIGKILL');
      void swept;
      azure.faults.clear();
      await letLeasesEnd();
      await new QueueClient(scenario.stack.storage, 'reconcile').clearMessages();
      await changeHost({ settings: { HOLDFAST_REMEDIATORS: MOVING_ALONE } });
      expect(estate.workflows.map((id) => canRead(azure, id))).toEqual([true, true, true]);
      await sweep(scenario);
      expectMoved(estate);
      expect(ownWrites(estate, mark)).toHaveLength(4);
      expect(new Set(ownWrites(estate, mark)).size).toBe(4);
    },
  );

  it('leaves no record open', async () => {
    const NODE_OPTIONS = `--import=${clockAhead(3 * 60_000)}`;
    await changeHost({ settings: { HOLDFAST_REMEDIATORS: MOVING_ALONE, NODE_OPTIONS } });
    await sweep(scenario);
    expect(await recordsOf(scenario, { outcome: 'pending' })).toEqual([]);
    const written = new Set(
      azure.journal.changes({ principal: scenario.appId }).map(({ clientRequestId }) => clientRequestId),
    );
    // A connection does not say who wrote it last, so a write of one that was not answered stays unconfirmed.
    for (const { outcome, writeId, resourceId } of await recordsOf(scenario)) {
      if (outcome === 'applied') expect([resourceId, written.has(writeId)]).toEqual([resourceId, true]);
    }
    await changeHost({ settings: { HOLDFAST_REMEDIATORS: MOVING_ALONE } });
  });
});

describe('workflows that lack an identity', () => {
  withRemediators(MOVING);

  it('get one, then somebody grants it access, then they are moved', async () => {
    const vault = await addEmptyVault(azure, 'access policies');
    const name = await addKeptConnection(azure, vault, 'access policies', 'a user');
    const without = await addKeptWorkflow(azure, name, (one: object) => ({
      ...one,
      identity: { type: 'None' },
    }));
    const bare = await addKeptWorkflow(azure, name, (one: object) => {
      Reflect.deleteProperty(one, 'identity');
      return one;
    });
    const estate: Estate = { vault, model: 'access policies', connection: name, workflows: [without, bare] };
    watch.refresh();
    await withEvents(scenario, () => sweep(scenario));
    for (const id of estate.workflows) {
      expect(documentNow(azure, id).identity).toMatchObject({ type: 'SystemAssigned' });
      expect(hows(azure, id)).toEqual([expect.stringContaining(`as ${ALICE}`)]);
      const [record, ...more] = await recordsOf(scenario, { resourceId: id, outcome: 'applied' });
      expect([record?.remediator, more]).toEqual(['workflow-managed-identity', []]);
      expect(record?.warnings.join(' ')).toContain('Key Vault Secrets User');
    }
    await sweep(scenario);
    const lacking = await findingsOn(connectionPath(name));
    expect(lacking.map(({ reason }) => reason).join(' ')).toContain(identityOf(azure, without));
    expect(lacking.map(({ reason }) => reason).join(' ')).toContain(identityOf(azure, bare));
    expect(azure.read(connectionPath(`${name}-mi`))).toBeUndefined();

    for (const id of estate.workflows) await grant(azure, vault, estate.model, identityOf(azure, id));
    await withEvents(scenario, () => sweep(scenario));
    expectMoved(estate);
  });

  const USER_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-security/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-own`;

  it('keep what they were given, and get none of their own beside it', async () => {
    const vault = await addEmptyVault(azure, 'access policies');
    const name = await addKeptConnection(azure, vault, 'access policies', 'a user');
    const given = { type: 'UserAssigned', userAssignedIdentities: { [USER_ID]: {} } };
    const id = await addKeptWorkflow(azure, name, (one: object) => ({ ...one, identity: given }), {
      Get_secret: getSecret('token'),
    });
    const before = documentNow(azure, id).identity;
    await sweep(scenario);
    expect(documentNow(azure, id).identity).toEqual(before);
    const [{ body } = { body: null }] = azure.journal.writes({ under: id });
    expect((JSON.parse(body ?? '{}') as { identity: unknown }).identity).toEqual(given);
  });

  it('get it in the same write as secure outputs and inputs, and every other byte stays', async () => {
    const vault = await addEmptyVault(azure, 'access policies');
    const name = await addKeptConnection(azure, vault, 'access policies', 'a user');
    const id = workflowPath(freshName('wf-exact'));
    await azure.as(ALICE).put(id, exactText(name));
    const before = textNow(azure, id);
    const mark = azure.journal.mark();
    watch.refresh();
    await sweep(scenario);
    const writes = azure.journal.writes({ since: mark, under: id });
    expect(writes).toHaveLength(1);
    const records = await recordsOf(scenario, { resourceId: id, outcome: 'applied' });
    expect(outcomesOf(records)).toEqual([
      'workflow-managed-identity applied',
      'workflow-secret-flow applied',
      'workflow-secure-outputs applied',
    ]);
    expect(new Set(records.map(({ writeId }) => writeId))).toEqual(new Set([writes[0]?.clientRequestId]));
    const [old, sent] = [before, writes[0]?.body ?? ''].map(membersOf);
    expect(JSON.parse(sent?.get('identity') ?? '{}')).toEqual({ type: 'SystemAssigned' });
    for (const member of ['tags', 'futureTop', 'location']) {
      expect(sent?.get(member)).toBe(old?.get(member));
    }
    const [was, is] = [old, sent].map((one) => membersOf(one?.get('properties') ?? '{}'));
    for (const [member, text] of is ?? []) {
      if (member !== 'definition') expect([member, text]).toEqual([member, was?.get(member)]);
    }
    const inserted = is?.get('definition') ?? '';
    expect(withoutInsertions(inserted)).toBe(was?.get('definition'));
    expect(inserted.length).toBeGreaterThan((was?.get('definition') ?? '').length);
    expect(was?.get('definition')).toContain('12345678901234567890');
    expect(canRead(azure, id)).toBe(true);
  });
});

const UNTOUCHED = [
  ['by default', '', []],
  ['in audit', 'connection-managed-identity=audit', ['connection-managed-identity planned']],
] as const;

describe.each(UNTOUCHED)('nothing is moved %s', (_what, remediators, recorded) => {
  withRemediators(remediators);

  it('and a finding says that the connection keeps credentials', async () => {
    const estate = await addEstate('access policies', 'a user', 2);
    const mark = azure.journal.mark();
    watch.refresh();
    await withEvents(scenario, () => sweep(scenario));
    await sweep(scenario);
    expect(ownWrites(estate, mark)).toEqual([]);
    const records = await recordsOf(scenario, { resourceId: connectionPath(estate.connection) });
    expect(outcomesOf(records)).toEqual(recorded);
    const findings = await findingsOn(connectionPath(estate.connection));
    expect(findings).toEqual([
      expect.objectContaining({
        severity: 'medium',
        reason: expect.stringContaining('signs in as a user') as string,
        step: expect.stringContaining('HOLDFAST_REMEDIATORS') as string,
      }),
    ]);
  });

  it('although a successor stands ready', async () => {
    const estate = await addEstate('access policies', 'a user', 1);
    await azure.as(ALICE).put(connectionPath(`${estate.connection}-mi`), connection(estate.vault));
    const mark = azure.journal.mark();
    // The first learns of the vault, the second asks who may read it.
    for (let i = 0; i < 2; i += 1) await withEvents(scenario, () => sweep(scenario));
    expect(ownWrites(estate, mark)).toEqual([]);
    for (const id of estate.workflows) {
      expect(outcomesOf(await recordsOf(scenario, { resourceId: id }))).toEqual(recorded);
    }
  });
});

/** A playbook without an identity, with what a parse and a stringify would lose; its token goes on to a Compose. */
function exactText(connectionName: string): string {
  return `{
 "tags": { "team": "soc" },
 "futureTop": {"n": 1.0, "big": 12345678901234567890},
 "location": "westeurope",
 "properties": {
  "state": "Enabled",
  "futureProperty": [ 1.0, -0, 1e3, { "a": "\\u0041\\/" } ],
  "definition": {
  "$schema": "https:\\/\\/schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
  "contentVersion": "1.0.0.0",
  "parameters": { "$connections": { "defaultValue": {}, "type": "Object" },
    "limits": { "type": "Object", "defaultValue": { "big": 12345678901234567890, "one": 1.0, "tiny": 1E-7 } } },
  "triggers": { "manual": { "type": "Request", "kind": "Http", "inputs": { "schema": {} } } },
  "actions": {
   "Get_secret": { "type": "ApiConnection",
     "inputs": { "host": { "connection": { "name": "@parameters('$connections')['keyvault']['connectionId']" } },
       "method": "get", "path": "/secrets/@{encodeURIComponent('caf\\u00e9')}/value" },
     "runAfter": {} },
   "Compose": { "type": "Compose",  "inputs": "@body('Get_secret')?['value']", "runAfter": { "Get_secret": [ "Succeeded" ] } },
   "Call": { "type": "Http", "inputs": { "method": "POST", "uri": "https:\\/\\/api.example", "body": { "key": "@outputs('Compose')", "n": 1.0 } },
     "runAfter": { "Compose": [ "Succeeded" ] } }
  },
  "outputs": {}
  },
  "parameters": { "$connections": { "value": { "keyvault": {
    "connectionId": "${connectionPath(connectionName)}", "connectionName": "${connectionName}",
    "id": "/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault" } } },
    "limits": { "value": { "big": 98765432109876543210, "one": 2.0 } } }
 }
}`;
}

/** Takes out again what hiding inputs and outputs puts in. */
function withoutInsertions(definition: string): string {
  return definition.replace(
    /,\s*"runtimeConfiguration":\s*\{"secureData":\s*\{"properties":\s*\["(?:inputs|outputs)"(?:,"(?:inputs|outputs)")?\]\}\}/g,
    '',
  );
}

/** A killed host's leases are of the kind that ends by itself, after a minute; that minute is not waited for. */
async function letLeasesEnd(): Promise<void> {
  const container = new ContainerClient(scenario.stack.storage, 'holdfast-leases');
  for await (const { name } of container.listBlobsFlat()) {
    const blob = container.getBlobClient(name);
    const { leaseState, leaseDuration } = await blob.getProperties();
    if (leaseState !== 'leased') continue;
    expect(leaseDuration).toBe('fixed');
    await blob.getBlobLeaseClient().breakLease(0);
  }
}

/** A module that lets a process live this much later, so that what is young to others is old to it. */
function clockAhead(ms: number): string {
  const source = `const Now = Date;
globalThis.Date = class extends Now {
  constructor(...given) { super(...(given.length === 0 ? [Now.now() + ${ms}] : given)); }
  static now() { return Now.now() + ${ms}; }
};`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
