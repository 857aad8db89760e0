import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getSecret, playbook, shut, vaultPath, workflowPath } from '../../demo/estate.js';
import type { FaultAction, FaultRule } from '../../simulator/faults.js';
import type { JournalledChange } from '../../simulator/journal.js';
import { principalNamed } from '../../simulator/principal.js';
import type { Edit } from '../../src/types/edit.js';
import type { JsonObject } from '../../src/types/json.js';
import type { AuditRecord } from '../../src/types/record.js';
import { openFindings, type ListedFinding } from './open-findings.js';
import { leaveNothingBehind } from './clear-estate.js';
import {
  aclsOf,
  addConnection,
  addVault,
  addWorkflow,
  ALICE,
  BOB,
  CONNECTORS,
  eventually,
  GROUP,
  httpGet,
  namesOf,
  OFFICE,
  openVault,
  outcomesOf,
  recordsOf,
  remediate,
  settle,
  startScenario,
  sweep,
  textNow,
  trafficOf,
  withEvents,
  workflow,
  type Scenario,
} from './scenario.js';

/*
 * Who may do what with a vault: what is taken from whom, what is left, what is only said.
 */

const CREATOR = 'aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa';
const READERS_GROUP = 'bbbbbbbb-1111-4111-8111-bbbbbbbbbbbb';
const APPLICATION = 'cccccccc-1111-4111-8111-cccccccccccc';
const KEPT_WORKFLOW = 'dddddddd-1111-4111-8111-dddddddddddd';
const BATCH = 'eeeeeeee-1111-4111-8111-eeeeeeeeeeee';

/** One entry of a vault's access policies. */
interface Entry {
  readonly tenantId: string;
  readonly objectId: string;
  readonly applicationId?: string;
  readonly permissions: Readonly<Record<string, readonly string[]>>;
}

const ALL = {
  keys: ['all'],
  secrets: ['all'],
  certificates: ['all'],
  storage: ['all'],
};
const WIDE = {
  keys: ['get', 'list'],
  secrets: ['Get', 'List', 'Set', 'Delete', 'Purge'],
  certificates: ['all'],
};

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({
    allRemediators: true,
    settings: { HOLDFAST_KEEP_PRINCIPALS: KEPT_WORKFLOW.toUpperCase() },
    simulator: { events: { timeScale: 0.02 } },
  });
});
afterAll(() => scenario.stack.close());
leaveNothingBehind(() => scenario.azure);

const entry = (objectId: string, permissions: Entry['permissions'], applicationId?: string): Entry => ({
  tenantId: scenario.azure.tenantId,
  objectId,
  ...(applicationId === undefined ? {} : { applicationId }),
  permissions,
});

/** Those whom a vault has beside the Logic Apps that read it. */
const others = (): readonly Entry[] => [
  entry(CREATOR, ALL),
  entry(READERS_GROUP, { secrets: ['Get', 'LIST'], keys: [], certificates: [] }),
  entry(CREATOR, { secrets: ['get'] }, APPLICATION),
  entry(BATCH, { keys: ['unwrapKey', 'wrapKey'], secrets: ['set'] }),
];

interface Estate {
  readonly vault: string;
  readonly workflow: string;
  /** Of the Logic App's system-assigned identity. */
  readonly principal: string;
}

/** A vault with access policies, shut to all but the office and Logic Apps. */
function addPolicyVault(): Promise<string> {
  const { connector, runtime } = scenario.azure.outboundIps('westeurope');
  const firewall = shut(OFFICE, ...connector, ...runtime);
  return addVault(scenario.azure, firewall, { enableRbacAuthorization: false });
}

/** A shut vault, others' entries, and a Logic App whose own identity holds so much of it. */
async function addReader(
  permissions: Entry['permissions'],
  document: (connection: string, vault: string) => object = (connection) =>
    playbook({ Get_secret: getSecret('token', true) }, connection),
): Promise<Estate> {
  const { azure } = scenario;
  const vault = await addPolicyVault();
  const connection = await addConnection(azure, vault);
  const name = await addWorkflow(azure, document(connection, vault));
  const principal = principalIdOf(name);
  const [first, ...rest] = others();
  await grant(vault, [...(first === undefined ? [] : [first]), entry(principal, permissions), ...rest]);
  return { vault, workflow: name, principal };
}

function principalIdOf(name: string): string {
  const { identity } = JSON.parse(textNow(scenario.azure, workflowPath(name))) as {
    identity: { principalId: string };
  };
  return identity.principalId;
}

async function grant(vault: string, accessPolicies: readonly Entry[], who = ALICE): Promise<void> {
  await scenario.azure
    .as(who)
    .put(`${vaultPath(vault)}/accessPolicies/add`, { properties: { accessPolicies } });
}

async function replace(vault: string, one: Entry, who = ALICE): Promise<void> {
  await scenario.azure
    .as(who)
    .put(`${vaultPath(vault)}/accessPolicies/replace`, { properties: { accessPolicies: [one] } });
}

function policiesIn(text: string): readonly Entry[] {
  return (JSON.parse(text) as { properties: { accessPolicies: readonly Entry[] } }).properties.accessPolicies;
}

const policiesOf = (vault: string): readonly Entry[] => policiesIn(textNow(scenario.azure, vaultPath(vault)));

function held(vault: string, principal: string): Entry['permissions'] | undefined {
  return policiesOf(vault).find(({ objectId }) => objectId === principal)?.permissions;
}

/** Every entry but those of one principal, as text, in order. */
const withoutOwn = (policies: readonly Entry[], principal: string): readonly string[] =>
  policies.filter(({ objectId }) => objectId !== principal).map((one) => JSON.stringify(one));

/** What each of these may do with the vault, as Azure evaluates it. */
const powersOf = (vault: string): object =>
  Object.fromEntries(
    [CREATOR, READERS_GROUP, APPLICATION, BATCH].map((id) => [
      id,
      scenario.azure.access.permissions(vaultPath(vault), id),
    ]),
  );

const canRead = (name: string): readonly boolean[] =>
  scenario.azure.access.canRead(workflowPath(name)).map(({ ok }) => ok);

/** What Holdfast has changed of a vault. */
const changesOf = (vault: string, since: number): readonly JournalledChange[] =>
  scenario.azure.journal.changes({
    since,
    resourceId: vaultPath(vault),
    principal: scenario.appId,
  });

const isTrim = ({ remediator }: AuditRecord): boolean => remediator === 'vault-least-privilege';

/**
 * What the records say of a vault is what Azure saw, one to one: each change has one record that says `applied`, or
 * that it is not known; none claims a change that Azure did not see, and none says that nothing was changed where it was.
 */
async function expectTrueRecords(vault: string, mark: number, since: Date): Promise<readonly AuditRecord[]> {
  const records = await recordsOf(scenario, {
    resourceId: vaultPath(vault),
    since: since.toISOString(),
  });
  expect(records.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
  const changes = changesOf(vault, mark);
  for (const change of changes) {
    const own = records.filter(({ writeId }) => writeId === change.clientRequestId);
    const honest = own.filter(
      ({ outcome, warnings }) =>
        outcome === 'applied' || (outcome === 'failed' && warnings.includes('unconfirmed')),
    );
    expect([vault, own.length > 0, honest.length]).toEqual([vault, true, own.length]);
  }
  const applied = records.filter((record) => record.outcome === 'applied');
  for (const { writeId, edits } of applied) {
    const change = changes.find(({ clientRequestId }) => clientRequestId === writeId);
    expect([vault, change !== undefined]).toEqual([vault, true]);
    for (const edit of edits) expectShown(edit, change);
  }
  const places = applied.flatMap(({ edits }) =>
    edits.map(({ path, before, after }) => JSON.stringify([path, before, after])),
  );
  expect(new Set(places).size).toBe(places.length);
  return records;
}

/** An edit of an access policy is what the change did: the entry that was there, and the one that is. */
function expectShown(edit: Edit, change: JournalledChange | undefined): void {
  if (edit.path !== '/properties/accessPolicies') return;
  const [before, after] = [change?.before, change?.after].map((text) =>
    policiesIn(text ?? '').map((one) => JSON.stringify(one)),
  );
  if (edit.op === 'remove') expect(before).toContain(JSON.stringify(edit.before));
  else expect(after).toContain(JSON.stringify(edit.after));
}

const findingsOf = (vault: string, more: Readonly<Record<string, string>> = {}) =>
  openFindings(scenario, { resourceId: vaultPath(vault), ...more });

const trimFindings = async (vault: string): Promise<readonly ListedFinding[]> =>
  findingsOf(vault, { remediator: 'vault-least-privilege' });

const listSecrets = { ...getSecret('any'), inputs: connectorInputs('/secrets') };

function connectorInputs(path: string): object {
  return {
    host: { connection: { name: "@parameters('$connections')['keyvault']['connectionId']" } },
    method: 'get',
    path,
  };
}

/** An HTTP action that writes a secret straight into a vault. */
function httpSet(vaultName: string): object {
  const get = httpGet(vaultName) as { readonly inputs: JsonObject };
  return { ...get, inputs: { ...get.inputs, method: 'PUT', body: { value: "@triggerBody()?['value']" } } };
}

describe('a Logic App’s own identity', () => {
  interface Row {
    readonly name: string;
    readonly holds: Entry['permissions'];
    readonly left: Entry['permissions'];
    readonly document?: (connection: string, vault: string) => object;
  }
  const rows: readonly Row[] = [
    {
      name: 'that gets a secret keeps get, as it was spelled',
      holds: WIDE,
      left: { keys: [], secrets: ['Get'], certificates: [] },
    },
    {
      name: 'that holds all of everything keeps get of secrets',
      holds: ALL,
      left: { keys: [], secrets: ['get'], certificates: [], storage: [] },
    },
    {
      name: 'that lists the names, too, keeps get and list',
      holds: { secrets: WIDE.secrets },
      left: { secrets: ['Get', 'List'] },
      document: (connection) =>
        playbook({ Get_secret: getSecret('token', true), List_secrets: listSecrets }, connection),
    },
    {
      name: 'that sets a secret keeps get and set',
      holds: WIDE,
      left: { keys: [], secrets: ['Get', 'Set'], certificates: [] },
      document: (_connection, vault) =>
        workflow({ actions: { Read: httpGet(vault), Write: httpSet(vault) } }),
    },
    { name: 'that holds what it uses keeps that', holds: { secrets: ['get'] }, left: { secrets: ['get'] } },
  ];
  const estates: Estate[] = [];
  const before: { readonly policies: readonly Entry[]; readonly powers: object }[] = [];
  let mark: number;
  let since: Date;

  beforeAll(async () => {
    for (const { holds, document } of rows) estates.push(await addReader(holds, document));
    for (const { vault } of estates) before.push({ policies: policiesOf(vault), powers: powersOf(vault) });
    mark = scenario.azure.journal.mark();
    since = new Date();
    await sweep(scenario);
  });

  it.each(rows.map((row, i) => [row.name, row, i] as const))('%s', async (_name, { holds, left }, i) => {
    const estate = estates[i];
    const was = before[i];
    if (estate === undefined || was === undefined) throw new Error('The estate is not there.');
    const { vault, principal } = estate;
    expect(held(vault, principal)).toEqual(left);
    expect(withoutOwn(policiesOf(vault), principal)).toEqual(withoutOwn(was.policies, principal));
    expect(powersOf(vault)).toEqual(was.powers);
    expect(canRead(estate.workflow)).not.toContain(false);
    const records = (await expectTrueRecords(vault, mark, since)).filter(isTrim);
    const isTrimmed = JSON.stringify(holds) !== JSON.stringify(left);
    expect(records.map(({ outcome }) => outcome)).toEqual(isTrimmed ? ['applied'] : []);
    expect(changesOf(vault, mark)).toHaveLength(isTrimmed ? 1 : 0);
    const lists = Object.values(left)
      .flat()
      .some((word) => word.toLowerCase() === 'list');
    const says = records.flatMap(({ warnings }) => warnings).join(' ');
    expect(/may no longer list names/.test(says)).toBe(isTrimmed && !lists);
  });

  it('is trimmed by one accessPolicies/replace that names nobody else', () => {
    const writes = scenario.azure.journal
      .writes({ since: mark })
      .filter(({ path }) => /accessPolicies/i.test(path));
    expect(writes).toHaveLength(4);
    for (const { method, path, body } of writes) {
      const policies = policiesIn(body ?? '');
      const estate = estates.find(({ vault }) => path.includes(`/${vault}/`));
      expect([method, policies.map(({ objectId }) => objectId)]).toEqual(['PUT', [estate?.principal]]);
    }
    expect(scenario.azure.journal.writes({ since: mark }).filter(({ method }) => method === 'PATCH')).toEqual(
      [],
    );
  });

  it('is left alone at the next sweep, which writes nothing', async () => {
    const traffic = await trafficOf(scenario, () => sweep(scenario));
    expect(namesOf({ reads: [], writes: traffic.writes })).toEqual([]);
  });

  it('that somebody gives more again is trimmed by the event, at the cost of the few reads that make sure', async () => {
    const [{ vault, principal, workflow: name }] = estates as [Estate];
    const now = new Date();
    const from = scenario.azure.journal.mark();
    const traffic = await trafficOf(scenario, () =>
      withEvents(scenario, () => replace(vault, entry(principal, WIDE), BOB)),
    );
    expect(held(vault, principal)).toEqual({ keys: [], secrets: ['Get'], certificates: [] });
    const [record, ...more] = (await expectTrueRecords(vault, from, now)).filter(isTrim);
    expect([record?.outcome, record?.actor?.name, more]).toEqual(['applied', BOB, []]);
    const [first, ...rest] = namesOf(traffic);
    // The vault, the Logic App and what it names, the vault again, the write, what is there now, and the own event.
    expect(first).toBe(`GET ${vault}`);
    expect(rest.filter((one) => one === `GET ${vault}`)).toHaveLength(3);
    expect(rest.filter((one) => one === `GET ${name}`)).toHaveLength(1);
    expect(rest.filter((one) => !one.startsWith('GET '))).toEqual(['PUT replace']);
    expect(rest.length).toBeLessThanOrEqual(6);
  });
});

describe('what is not trimmed', () => {
  it('is an identity that the settings keep, although it is a Logic App’s', async () => {
    const { azure } = scenario;
    const vault = await addPolicyVault();
    const connection = await addConnection(azure, vault);
    const name = await addWorkflow(azure, playbook({ Get_secret: getSecret('token', true) }, connection));
    const document = JSON.parse(textNow(azure, workflowPath(name))) as JsonObject;
    azure.place(
      JSON.stringify({
        ...document,
        identity: { ...(document.identity as JsonObject), principalId: KEPT_WORKFLOW },
      }),
    );
    await grant(vault, [entry(KEPT_WORKFLOW, WIDE)]);
    const was = policiesOf(vault);
    await sweep(scenario);
    expect(policiesOf(vault)).toEqual(was);
    expect((await trimFindings(vault)).filter(({ reason }) => reason.includes(KEPT_WORKFLOW))).toEqual([]);
    expect((await recordsOf(scenario, { resourceId: vaultPath(vault) })).filter(isTrim)).toEqual([]);
  });

  it('is a user-assigned identity: it is refused, once, with what would be taken', async () => {
    const { azure } = scenario;
    const identityId = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shared`;
    const vault = await addPolicyVault();
    const action = httpGet(vault) as { readonly inputs: { readonly authentication: JsonObject } };
    const authentication = { ...action.inputs.authentication, identity: identityId };
    const read = { ...action, inputs: { ...action.inputs, authentication } };
    const identity = { type: 'UserAssigned', userAssignedIdentities: { [identityId]: {} } };
    const name = await addWorkflow(azure, { ...workflow({ actions: { Read: read } }), identity });
    const stored = JSON.parse(textNow(azure, workflowPath(name))) as {
      identity: { userAssignedIdentities: Record<string, { principalId: string }> };
    };
    const [principal] = Object.values(stored.identity.userAssignedIdentities).map((one) => one.principalId);
    await grant(vault, [entry(principal ?? '', WIDE)]);
    const was = policiesOf(vault);
    await sweep(scenario);
    await sweep(scenario);
    expect(policiesOf(vault)).toEqual(was);
    const records = (await recordsOf(scenario, { resourceId: vaultPath(vault) })).filter(isTrim);
    expect(records.map(({ outcome }) => outcome)).toEqual(['refused']);
    expect(records[0]?.edits).toHaveLength(2);
    const [finding] = await trimFindings(vault);
    expect(finding?.reason).toContain('user-assigned identity');
  });

  it.each<[string, (vault: string) => object, string]>([
    [
      'what the definition does with the vault cannot be told',
      (vault) => {
        const get = httpGet(vault) as { readonly inputs: JsonObject };
        const uri = `https://${vault}.vault.azure.net/@{triggerBody()?['path']}?api-version=7.4`;
        return { ...get, inputs: { ...get.inputs, uri } };
      },
      'in a way that cannot be told',
    ],
    [
      'it also reads a vault that cannot be told',
      (vault) => {
        const get = httpGet(vault) as { readonly inputs: JsonObject };
        const uri = "https://@{triggerBody()?['vault']}.vault.azure.net/secrets/one?api-version=7.4";
        return { ...get, inputs: { ...get.inputs, uri } };
      },
      'a vault that cannot be told',
    ],
  ])('is an identity where %s: a finding says so', async (_why, unclear, says) => {
    const { vault, principal } = await addReader(WIDE, (_connection, name) =>
      workflow({ actions: { Read: httpGet(name), Unclear: unclear(name) } }),
    );
    const was = policiesOf(vault);
    await sweep(scenario);
    expect(policiesOf(vault)).toEqual(was);
    const finding = (await trimFindings(vault)).find(({ reason }) => reason.includes(principal));
    expect([finding?.severity, finding?.reason.includes(says)]).toEqual(['high', true]);
  });

  it('are people and other apps: each that holds more than any Logic App uses is a finding', async () => {
    const { vault } = await addReader({ secrets: ['get'] });
    await sweep(scenario);
    const found = (await trimFindings(vault)).map(({ severity, reason }) => [
      severity,
      [CREATOR, READERS_GROUP, BATCH].find((id) => reason.includes(id)),
      reason.includes(APPLICATION),
    ]);
    expect(found).toEqual(
      expect.arrayContaining([
        ['high', CREATOR, false],
        ['low', READERS_GROUP, false],
        ['medium', BATCH, false],
      ]),
    );
    expect(found).toHaveLength(3);
  });
});

describe('an open firewall and a policy that is too wide', () => {
  it('are two writes of one look, each with its own id and records', async () => {
    const { vault, principal } = await addReader({ secrets: ['get'] });
    await sweep(scenario);
    const since = new Date();
    const mark = scenario.azure.journal.mark();
    await openVault(scenario.azure, vault);
    await replace(vault, entry(principal, WIDE), BOB);
    const answer = await remediate(scenario, { resourceId: vaultPath(vault) });
    expect([answer.status, answer.body.outcome]).toEqual([200, 'applied']);
    expect(aclsOf(scenario.azure, vault).defaultAction).toBe('Deny');
    expect(held(vault, principal)?.secrets).toEqual(['Get']);
    const writes = scenario.azure.journal.writes({ since: mark });
    expect(writes.map(({ method, path }) => `${method} ${path.split('/').at(-1) ?? ''}`)).toEqual([
      `PATCH ${vault}`,
      'PUT replace',
    ]);
    const applied = (await expectTrueRecords(vault, mark, since)).filter(
      ({ outcome }) => outcome === 'applied',
    );
    const writeIdOf = (id: string): string | undefined =>
      applied.find(({ remediator }) => remediator === id)?.writeId;
    expect([writeIdOf('vault-firewall'), writeIdOf('vault-least-privilege')]).toEqual(
      writes.map(({ clientRequestId }) => clientRequestId),
    );
    expect(outcomesOf(applied)).toEqual(['vault-firewall applied', 'vault-least-privilege applied']);
    expect(new Set(applied.map(({ correlationId }) => correlationId)).size).toBe(1);
  });

  it('are both in a dry run, which writes nothing', async () => {
    const { vault, principal } = await addReader({ secrets: ['get'] });
    await sweep(scenario);
    await openVault(scenario.azure, vault);
    await replace(vault, entry(principal, WIDE), BOB);
    const records = await recordsOf(scenario, { resourceId: vaultPath(vault) });
    const traffic = await trafficOf(scenario, async () => {
      const answer = await remediate(scenario, { resourceId: vaultPath(vault), dryRun: true });
      const planned = (answer.body.remediations ?? []).filter(({ outcome }) => outcome === 'planned');
      expect(planned.map(({ remediator }) => remediator)).toEqual([
        'vault-firewall',
        'vault-least-privilege',
      ]);
    });
    expect(traffic.writes).toEqual([]);
    expect(await recordsOf(scenario, { resourceId: vaultPath(vault) })).toEqual(records);
    await remediate(scenario, { resourceId: vaultPath(vault) });
  });

  it.each<[string, string, string, 'Allow' | 'Deny', boolean]>([
    ['the vault', 'Microsoft.KeyVault/vaults/write', 'vault-firewall', 'Allow', true],
    ['policies', 'Microsoft.KeyVault/vaults/accessPolicies/write', 'vault-least-privilege', 'Deny', false],
  ])(
    'do not wait for each other: without the permission to write %s, the other is put right, and the failure stands once',
    async (_what, action, remediator, defaultAction, isTrimmed) => {
      const { vault, principal } = await addReader({ secrets: ['get'] });
      await sweep(scenario);
      const since = new Date();
      const mark = scenario.azure.journal.mark();
      await openVault(scenario.azure, vault);
      await replace(vault, entry(principal, WIDE), BOB);
      scenario.azure.permissions.restrict(scenario.appId, [
        { actions: ['*'], notActions: [action], scope: '/' },
      ]);
      try {
        const answer = await remediate(scenario, { resourceId: vaultPath(vault) });
        expect([answer.status, answer.body.outcome]).toEqual([502, 'failed']);
        expect(answer.body.detail).toContain(action);
        expect(aclsOf(scenario.azure, vault).defaultAction).toBe(defaultAction);
        expect(held(vault, principal)?.secrets).toEqual(isTrimmed ? ['Get'] : WIDE.secrets);
        await remediate(scenario, { resourceId: vaultPath(vault) });
        await sweep(scenario);
      } finally {
        scenario.azure.permissions.unrestrict(scenario.appId);
      }
      const records = await expectTrueRecords(vault, mark, since);
      const failed = records.filter(({ outcome }) => outcome === 'failed');
      expect(failed.map((record) => record.remediator)).toEqual([remediator]);
      await remediate(scenario, { resourceId: vaultPath(vault) });
      expect([aclsOf(scenario.azure, vault).defaultAction, held(vault, principal)?.secrets]).toEqual([
        'Deny',
        ['Get'],
      ]);
      await expectTrueRecords(vault, mark, since);
    },
  );

  it('are both refused where the vault is locked, once, and both done when it is not', async () => {
    const { vault, principal } = await addReader({ secrets: ['get'] });
    await sweep(scenario);
    const since = new Date();
    const mark = scenario.azure.journal.mark();
    await openVault(scenario.azure, vault);
    await replace(vault, entry(principal, WIDE), BOB);
    scenario.azure.locks.add({ name: 'audit', scope: vaultPath(vault), level: 'ReadOnly' });
    const answer = await remediate(scenario, { resourceId: vaultPath(vault) });
    expect(answer.status).toBe(409);
    await sweep(scenario);
    scenario.azure.locks.remove(vaultPath(vault));
    const refused = (await expectTrueRecords(vault, mark, since)).filter(
      ({ outcome }) => outcome === 'refused',
    );
    expect(outcomesOf(refused)).toEqual(['vault-firewall refused', 'vault-least-privilege refused']);
    await sweep(scenario);
    expect([aclsOf(scenario.azure, vault).defaultAction, held(vault, principal)?.secrets]).toEqual([
      'Deny',
      ['Get'],
    ]);
    const after = await expectTrueRecords(vault, mark, since);
    expect(outcomesOf(after)).toEqual([
      'vault-firewall applied',
      'vault-firewall refused',
      'vault-least-privilege applied',
      'vault-least-privilege refused',
    ]);
  });
});

interface Trouble {
  readonly name: string;
  readonly action: FaultAction;
  readonly times?: number;
  /** What the fault strikes: the write, or the read that follows it to see what is there now. */
  readonly on?: 'write' | 'confirming read';
  /** Azure carried the write out, and its answer did not say so. */
  readonly isUnanswered?: boolean;
}

const TROUBLES: readonly Trouble[] = [
  { name: '429 with a short Retry-After', action: { kind: 'error', status: 429, retryAfter: 1 } },
  { name: '429 with a long Retry-After', action: { kind: 'error', status: 429, retryAfter: 6 } },
  { name: '409 before anything is applied', action: { kind: 'error', status: 409, code: 'ConflictError' } },
  {
    name: '409 three times in a row',
    action: { kind: 'error', status: 409, code: 'ConflictError' },
    times: 3,
  },
  {
    name: '409 although it was applied',
    action: { kind: 'error', status: 409, code: 'ConflictError', when: 'after' },
    isUnanswered: true,
  },
  { name: '500 before anything is applied', action: { kind: 'error', status: 500 } },
  {
    name: '500 although it was applied',
    action: { kind: 'error', status: 500, when: 'after' },
    isUnanswered: true,
  },
  { name: 'a connection that is cut before', action: { kind: 'reset', when: 'before' } },
  { name: 'a connection that is cut after', action: { kind: 'reset', when: 'after' }, isUnanswered: true },
  { name: 'half an answer', action: { kind: 'truncate' }, isUnanswered: true },
  { name: 'no answer at all', action: { kind: 'hang', when: 'after' }, isUnanswered: true },
  {
    name: '429 with a long Retry-After to the read that is to confirm it',
    action: { kind: 'error', status: 429, retryAfter: 6 },
    on: 'confirming read',
  },
  {
    name: '403 to the read that is to confirm it',
    action: { kind: 'error', status: 403, code: 'AuthorizationFailed' },
    on: 'confirming read',
  },
];

/** A 429 holds up everything that is sent to the subscription: each is tried by itself. */
const isThrottling = ({ action }: Trouble): boolean => action.kind === 'error' && action.status === 429;
const AT_ONCE: readonly (readonly Trouble[])[] = [
  TROUBLES.filter((trouble) => !isThrottling(trouble)),
  ...TROUBLES.filter(isThrottling).map((trouble) => [trouble]),
];

describe.each(['yes', 'no'] as const)(
  'where policy writes renew systemData: %s',
  (sideWritesTouchSystemData) => {
    describe.each(AT_ONCE.map((troubles) => ({ troubles })))('a replace that meets with', ({ troubles }) => {
      const estates: Estate[] = [];
      const was: (readonly Entry[])[] = [];
      let mark: number;
      let since: Date;

      beforeAll(async () => {
        for (let i = 0; i < troubles.length; i += 1) estates.push(await addReader({ secrets: ['get'] }));
        await sweep(scenario);
        scenario.azure.switches.set({ sideWritesTouchSystemData });
        since = new Date();
        mark = scenario.azure.journal.mark();
        for (const [i, trouble] of troubles.entries()) {
          const { vault, principal } = estates[i] as Estate;
          await replace(vault, entry(principal, WIDE), BOB);
          was.push(policiesOf(vault));
          scenario.azure.faults.add(ruleFor(trouble, vault));
        }
        await scenario.stack.sweep();
        // The one that gets no answer waits for it longer than anything else takes.
        await eventually('every write to be over', () => isOver(mark), 90_000);
        await settle(scenario);
        scenario.azure.faults.clear();
        scenario.azure.switches.reset();
      }, 180_000);

      const isOver = (from: number): true | null => {
        const { journal } = scenario.azure;
        const isPending = journal.writes({ since: from }).some(({ durationMs }) => durationMs === null);
        return !isPending && estates.every(({ vault }) => changesOf(vault, from).length > 0) ? true : null;
      };

      it.each(troubles.map((trouble, i) => [trouble.name, trouble, i] as const))(
        '%s ends in a vault that is right, and in records that are true',
        async (_name, { isUnanswered = false, on = 'write' }, i) => {
          const { vault, principal, workflow: name } = estates[i] as Estate;
          expect(held(vault, principal)).toEqual({ keys: [], secrets: ['Get'], certificates: [] });
          expect(withoutOwn(policiesOf(vault), principal)).toEqual(withoutOwn(was[i] ?? [], principal));
          expect(canRead(name)).toEqual([true]);
          const records = (await expectTrueRecords(vault, mark, since)).filter(isTrim);
          const isUnsure = isUnanswered && sideWritesTouchSystemData === 'no';
          expect(records.filter(({ outcome }) => outcome === 'applied')).toHaveLength(isUnsure ? 0 : 1);
          const [change, ...more] = changesOf(vault, mark);
          expect(more).toEqual([]);
          if (on === 'write') return;
          const struck = scenario.azure.journal.reads({ since: mark, under: vaultPath(vault) });
          const [read] = struck.filter(({ fault }) => fault !== null);
          expect(read?.sequence).toBeGreaterThan(change?.sequence ?? Infinity);
        },
      );
    });
  },
);

function ruleFor({ action, times = 1, on = 'write' }: Trouble, vault: string): FaultRule {
  return on === 'write'
    ? { method: 'PUT', path: `${vaultPath(vault)}/accessPolicies/replace`, times, action }
    : // The look reads it first, and again once the Logic Apps that use it have been asked.
      { method: 'GET', path: vaultPath(vault), skip: 2, times, action };
}

describe('reads that lag behind', () => {
  it.each([1000, 5000])('by %i ms lead to no wrong claim and to no second change', async (staleReadsMs) => {
    const { vault, principal } = await addReader({ secrets: ['get'] });
    await sweep(scenario);
    await replace(vault, entry(principal, WIDE), BOB);
    const since = new Date();
    const mark = scenario.azure.journal.mark();
    scenario.azure.switches.set({ staleReadsMs });
    try {
      await sweep(scenario);
    } finally {
      scenario.azure.switches.reset();
    }
    await sweep(scenario);
    expect(held(vault, principal)?.secrets).toEqual(['Get']);
    const records = (await expectTrueRecords(vault, mark, since)).filter(isTrim);
    expect(records.map(({ outcome }) => outcome)).toEqual(['applied']);
    expect(changesOf(vault, mark)).toHaveLength(1);
  });
});

describe('somebody else who writes between the read and the replace', () => {
  it.each<[string, (vault: string) => { method: string; path: string; body: object }]>([
    [
      'gives permissions to one more',
      (vault) => ({
        method: 'PUT',
        path: `${vaultPath(vault)}/accessPolicies/add`,
        body: { properties: { accessPolicies: [entry(principalNamed(BOB).objectId, ALL)] } },
      }),
    ],
    [
      'takes permissions from one',
      (vault) => ({
        method: 'PUT',
        path: `${vaultPath(vault)}/accessPolicies/replace`,
        body: { properties: { accessPolicies: [entry(BATCH, { secrets: ['get'] })] } },
      }),
    ],
    [
      'adds a rule to the firewall',
      (vault) => ({
        method: 'PATCH',
        path: vaultPath(vault),
        body: { properties: { networkAcls: shut(OFFICE, ...CONNECTORS, '203.0.113.9') } },
      }),
    ],
  ])('%s, and loses nothing', async (_what, request) => {
    const { vault, principal } = await addReader({ secrets: ['get'] });
    await sweep(scenario);
    await replace(vault, entry(principal, WIDE), BOB);
    const since = new Date();
    const mark = scenario.azure.journal.mark();
    const { method, path, body } = request(vault);
    scenario.azure.faults.add({
      method: 'PUT',
      path: `${vaultPath(vault)}/accessPolicies/replace`,
      times: 1,
      action: { kind: 'somebody-else', as: BOB, method, path, body: JSON.stringify(body) },
    });
    await sweep(scenario);
    scenario.azure.faults.clear();
    const bobs = scenario.azure.journal
      .changes({ since: mark, resourceId: vaultPath(vault) })
      .find(({ principal: who }) => who?.objectId === principalNamed(BOB).objectId);
    const now = JSON.parse(textNow(scenario.azure, vaultPath(vault))) as JsonObject;
    const then = JSON.parse(bobs?.after ?? '{}') as JsonObject;
    expect(withoutOwn(policiesOf(vault), principal)).toEqual(
      withoutOwn(policiesIn(bobs?.after ?? ''), principal),
    );
    expect((now.properties as JsonObject).networkAcls).toEqual((then.properties as JsonObject).networkAcls);
    expect(held(vault, principal)?.secrets).toEqual(['Get']);
    await expectTrueRecords(vault, mark, since);
  });
});

describe('a vault where roles decide', () => {
  async function addRbacReader(): Promise<Estate> {
    const { azure } = scenario;
    const vault = await addVault(azure, shut(OFFICE, ...CONNECTORS), { enableRbacAuthorization: true });
    const connection = await addConnection(azure, vault);
    const name = await addWorkflow(azure, playbook({ Get_secret: getSecret('token', true) }, connection));
    return { vault, workflow: name, principal: principalIdOf(name) };
  }

  const SECRETS_USER = '4633458b-17de-408a-b874-0445c86b69e6';
  const ADMINISTRATOR = '00482a5a-887f-4fb3-b363-3b7fe8e74483';

  /** Somebody assigns a role at the vault, by the request that raises an event. */
  async function assign(vault: string, principalId: string, role: string): Promise<string> {
    const name = crypto.randomUUID();
    const path = `${vaultPath(vault)}/providers/Microsoft.Authorization/roleAssignments/${name}`;
    const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${role}`;
    await scenario.azure
      .as(ALICE)
      .put(path, { properties: { roleDefinitionId, principalId, principalType: 'ServicePrincipal' } });
    return path;
  }

  const about = async (vault: string): Promise<readonly string[]> =>
    (await findingsOf(vault))
      .filter(({ remediator }) => remediator === 'vault-readers' || remediator === 'vault-least-privilege')
      .map(({ remediator, severity }) => `${remediator ?? ''} ${severity}`)
      .sort();

  it('is never written; a reader without a role is a finding, and goes with the event of the role', async () => {
    const { vault, principal, workflow: name } = await addRbacReader();
    const mark = scenario.azure.journal.mark();
    await sweep(scenario);
    expect(await about(vault)).toEqual(['vault-readers low']);
    await withEvents(scenario, () => assign(vault, principal, SECRETS_USER));
    expect(await about(vault)).toEqual([]);
    expect(canRead(name)).toEqual([true]);
    expect(changesOf(vault, mark)).toEqual([]);
  });

  it('with a role that is too wide is a finding from the event on, until the role goes', async () => {
    const { vault, principal } = await addRbacReader();
    await assign(vault, principal, SECRETS_USER);
    await sweep(scenario);
    expect(await about(vault)).toEqual([]);
    let path = '';
    const traffic = await trafficOf(scenario, () =>
      withEvents(scenario, async () => {
        path = await assign(vault, principal, ADMINISTRATOR);
      }),
    );
    expect(await about(vault)).toEqual(['vault-least-privilege high']);
    expect(traffic.writes).toEqual([]);
    expect(namesOf(traffic)).toContain('GET roleAssignments');
    await withEvents(scenario, () => scenario.azure.as(ALICE).delete(path));
    expect(await about(vault)).toEqual([]);
  });

  it('has roles from above that are too wide, too, which the sweep finds', async () => {
    const { vault, principal } = await addRbacReader();
    scenario.azure.assignRole({ scope: GROUP, principalId: principal, role: 'Owner' });
    scenario.azure.assignRole({
      scope: vaultPath(vault),
      principalId: principal,
      role: 'Key Vault Secrets User',
    });
    await sweep(scenario);
    const [finding, ...more] = await trimFindings(vault);
    expect([finding?.severity, more]).toEqual(['high', []]);
  });
});
