import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed, vi } from 'vitest';
import { GROUP, PIPELINE, vault, vaultPath, workflowPath } from '../../demo/estate.js';
import { settle } from '../../demo/settle.js';
import { startStack, SUBSCRIPTION, type Stack } from '../../demo/stack.js';
import type { Azure } from '../../simulator/azure.js';
import { systemClock, type Clock } from '../../simulator/clock.js';
import { seededRandom } from '../../simulator/random.js';
import { SWITCH_DEFINITIONS, type Switches } from '../../simulator/switches.js';
import { clearEstate } from './clear-estate.js';
import {
  connectionPath,
  eventually,
  expectLosslessPut,
  expectRecordedOnce,
  firewall,
  hidesOutputs,
  isShut,
  keyVaultApi,
  keyVaultConnection,
  live,
  lookMessage,
  OFFICE,
  openSilently,
  ownChanges,
  putOnQueue,
  recordsOf,
  rulesIn,
  rulesOf,
  SUBNET,
  subnetsOf,
  withOutcome,
  type Resource,
} from './fault-scenario.js';
import { onlyMainJob } from './main-job.js';

vi.setConfig({ testTimeout: 90_000 });

/** What the app never meets, but who installs it: test/infra has them. */
type OfInstallations =
  | 'principalWithType'
  | 'flexDeprecatedSettings'
  | 'flexLeastMaximum'
  | 'lockedImmutabilityPolicy'
  | 'unlockedPolicyKeepsAccount'
  | 'flexAuthEnvironment';
type Met = Omit<Switches, OfInstallations>;

/** Every switch, under every setting; a number stands for how it is when Azure does the thing, and when not. */
const SETTINGS: { readonly [Name in keyof Met]: readonly Met[Name][] } = {
  secureValueOmitted: ['reject', 'preserve', 'wipe'],
  secureParameterOnGet: ['without-value', 'absent'],
  identityOmitted: ['keep', 'remove'],
  stateOmitted: ['keep', 'enable'],
  ifMatch: ['ignored', 'honoured'],
  secureDataOnUnsupported: ['reject', 'accept'],
  networkAclsSubkeyOmitted: ['keep', 'default'],
  openNetworkAclsOnGet: ['as-set', 'null', 'absent'],
  tagsInPatch: ['merge', 'replace'],
  slash31Rules: ['accept', 'reject'],
  overlappingRules: ['accept', 'reject'],
  unalignedRules: ['accept', 'reject'],
  reservedRules: ['accept', 'reject'],
  purgeProtectionAlone: ['accept', 'reject'],
  accessPolicyRemove: ['listed-permissions', 'whole-entry'],
  sideWritesTouchSystemData: ['yes', 'no'],
  concurrentVaultWrites: ['last-wins', 'conflict'],
  connectionConsentOnPut: ['lost', 'kept'],
  connectionAuthenticationOnSave: ['checked', 'unchecked'],
  workflowIdentityMissingOnSave: ['accept', 'reject'],
  managedIdentityConnectionWithoutAuthentication: ['fails', 'works'],
  roleDefinitionIdScope: ['subscription', 'tenant'],
  diagnosticCategoryOverlap: ['expanded', 'literal'],
  diagnosticSettingsOfDeleted: ['kept', 'lost'],
  vaultRegistrationMs: [0, 500],
  applicationAuthor: ['appid', 'oid'],
  connectionsBySubscription: ['supported', 'not-found'],
  listsWithoutPermission: ['forbidden', 'filtered'],
  linkedAccess: ['new-links', 'all-links', 'off'],
  newProperties: ['none', 'every-level'],
  staleReadsMs: [0, 700],
  eventDuplicates: [0, 4],
  eventDelayMinMs: [0, 300],
  eventDelayMaxMs: [0, 600],
  eventLoss: [0, 1],
  eventUriCase: ['as-sent', 'lower', 'upper', 'mixed'],
  eventOperationCase: ['canonical', 'upper'],
  eventChildUri: ['child', 'parent'],
  eventHttpRequest: ['absent-on-create', 'present', 'without-ip', 'absent'],
  correlationRequestId: ['honoured', 'ignored'],
  // What is made of the activity log is in self-audit.test.ts.
  activityLogDelayMs: [0, 500],
  activityLogHttpRequest: ['present', 'started-only', 'absent'],
  activityLogOperationId: ['own', 'correlation'],
  activityLogServiceRequestId: ['present', 'absent'],
  activityLogPolicyEvents: ['none', 'with-each-write'],
  activityLogCallerFilter: ['rejected', 'accepted'],
  activityLogByGroup: ['forbidden', 'allowed'],
};
const NAMES = Object.keys(SETTINGS) as (keyof Met)[];
/** What ARM does, and what Event Grid and time do: the latter make a run another one. */
const [OF_TIME, OF_ARM] = [true, false].map((isOfTime) =>
  NAMES.filter((name) => /^event|Ms$/.test(name) === isOfTime),
);
/** How many mixtures there are in which every setting comes at least once, and how many more. */
const [ALL, MORE] = [3, 9];

type Row = { readonly name: string; readonly number: number; readonly switches: Partial<Switches> };

/**
 * What Azure does is one of all mixtures of its settings, so all of ARM's switches are set at once; each of the others by
 * itself.
 */
const ROWS: readonly Row[] = [
  ...Array.from({ length: ALL + MORE }, (_, i) => {
    const random = seededRandom(i + 1);
    const chosen = (OF_ARM ?? []).map((name, at) => {
      const settings = SETTINGS[name];
      // In the first ones each switch goes through its settings, each from another one on.
      const place = i < ALL ? (i + at) % settings.length : Math.floor(random.next() * settings.length);
      return [name, settings[place]] as const;
    });
    return { name: `mixture ${i + 1}`, switches: Object.fromEntries(chosen) };
  }),
  ...(OF_TIME ?? []).flatMap((name) =>
    SETTINGS[name].map((setting) => ({ name: `${name}: ${setting}`, switches: { [name]: setting } })),
  ),
].map((row, i) => ({ ...row, number: i + 1 }));

const REGION = 'northeurope';
/** As the platform lists them: single addresses, blocks inside blocks, a range, a block with host bits set. */
const CONNECTOR_IPS = ['20.50.0.5', '20.50.1.16/28', '20.50.1.20', '20.50.2.0-20.50.2.1', '20.50.3.9/29'];
/** Somebody else's, and part of what the connectors need. */
const PARTNER = '20.50.1.16/30';
/** What a vault then needs beside its own rules: nothing that overlaps, no /31, no host bits. */
const NEEDED = [
  '20.50.0.5/32',
  '20.50.1.20/30',
  '20.50.1.24/29',
  '20.50.2.0/32',
  '20.50.2.1/32',
  '20.50.3.8/29',
];
const RULES = [...NEEDED, OFFICE, PARTNER].sort();

const IDENTITY = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-playbooks`;
const ACCOUNT = `${GROUP}/providers/Microsoft.Logic/integrationAccounts/partners`;

let stack: Stack;
let azure: Azure;
/** By how much Azure's clock is behind, so that what happens there is soon long ago. */
let behindMs = 0;
const clock: Clock = { ...systemClock, now: () => Date.now() - behindMs };

/** A workflow's PUT as text, with what a parse and a stringify would lose, and with what no SDK knows. */
function workflowText(connection: string, isSecured: boolean): string {
  const secured = isSecured
    ? ',\n  "runtimeConfiguration": { "secureData": { "properties": [ "outputs" ] } }'
    : '';
  return `{
 "tags": { "team": "soc", "cost": "4711" },
 "futureTop": {"n": 1.0, "big": 12345678901234567890},
 "location": "${REGION}",
 "identity": { "type": "UserAssigned", "userAssignedIdentities": { "${IDENTITY}": {} } },
 "properties": {
  "runtimeConfiguration": { "lifetime": { "unit": "day", "count": 30.0 } },
  "state": "Disabled",
  "accessControl": { "triggers": { "sasAuthenticationPolicy": { "state": "Disabled" },
    "allowedCallerIpAddresses": [ { "addressRange": "203.0.113.0-203.0.113.9" } ] } },
  "integrationAccount": { "id": "${ACCOUNT}" },
  "futureProperty": [ 1.0, -0, 1e3, { "a": "\\u0041\\/" } ],
  "definition": {
  "$schema": "https:\\/\\/schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
  "contentVersion": "1.0.0.0",
  "parameters": { "$connections": { "defaultValue": {}, "type": "Object" },
    "limits": { "type": "Object", "defaultValue": { "big": 12345678901234567890, "one": 1.0, "tiny": 1E-7 } } },
  "triggers": { "manual": { "type": "Request", "kind": "Http", "inputs": { "schema": {} } } },
  "actions": {
   "Say_\\u00e9\\"_\\/": { "type": "Compose", "inputs": "caf\\u00e9 \\ud83d\\ude00 \\u003c", "runAfter": {} },
   "Get_secret": { "type": "ApiConnection",
     "inputs": { "host": { "connection": { "name": "@parameters('$connections')['keyvault']['connectionId']" } },
       "method": "get", "path": "/secrets/@{encodeURIComponent('api-token')}/value" },
     "runAfter": { "Say_\\u00e9\\"_/": [ "Succeeded" ] }${secured}
   }
  },
  "outputs": {}
  },
  "parameters": { "$connections": { "value": { "keyvault": {
    "connectionId": "${connectionPath(connection)}", "connectionName": "${connection}", "id": "${keyVaultApi(REGION)}",
    "connectionProperties": { "authentication": { "type": "ManagedServiceIdentity", "identity": "${IDENTITY}" } } } } },
    "limits": { "value": { "big": 98765432109876543210, "one": 2.0 } } }
 }
}`;
}

/** The same, with a secret that Azure will not show again. */
function withSecureParameter(text: string): string {
  return text
    .replace(
      '"limits": { "type": "Object"',
      '"apiKey": { "type": "SecureString" }, "limits": { "type": "Object"',
    )
    .replace('"limits": { "value"', '"apiKey": { "value": "s3cr3t-of-the-author" }, "limits": { "value"');
}

interface Estate {
  readonly vaultId: string;
  readonly workflowId: string;
  readonly secretiveId: string;
  readonly connection: string;
}

const TAGS = { team: 'soc', environment: 'production' };

/** A vault as somebody set it up with care, but for its Logic Apps' addresses, and two Logic Apps that read it. */
async function deploy(number: number): Promise<Estate> {
  const connection = `to-kv-switch-${number}`;
  const estate = {
    connection,
    vaultId: vaultPath(`kv-switch-${number}`),
    workflowId: workflowPath(`la-switch-${number}`),
    secretiveId: workflowPath(`la-secretive-${number}`),
  };
  const pipeline = azure.as(PIPELINE);
  await pipeline.put(connectionPath(connection), keyVaultConnection(`kv-switch-${number}`, REGION));
  await pipeline.put(estate.workflowId, workflowText(connection, true));
  await pipeline.put(estate.secretiveId, withSecureParameter(workflowText(connection, true)));
  const networkAcls = { ...firewall('Deny', OFFICE, PARTNER), futureRule: { since: '2027' } };
  const body = vault(azure, { networkAcls, enableSoftDelete: true, futureSetting: { mode: 'strict' } });
  await pipeline.put(estate.vaultId, { ...body, tags: TAGS, futureTop: ['kept'] });
  return estate;
}

/** Somebody opens the vault and wipes its rules; a colleague saves both workflows without secure outputs. */
async function breakAll({ vaultId, workflowId, secretiveId, connection }: Estate): Promise<void> {
  const opened = {
    ...live(azure, vaultId).properties.networkAcls,
    defaultAction: 'Allow',
    ipRules: [],
    virtualNetworkRules: [],
  };
  await azure.as('mallory@contoso.com').patch(vaultId, { properties: { networkAcls: opened } });
  const bob = azure.as('bob@contoso.com');
  await bob.put(workflowId, workflowText(connection, false));
  await bob.put(secretiveId, withSecureParameter(workflowText(connection, false)));
}

function isSafe({ vaultId, workflowId }: Estate): boolean {
  return (
    isShut(azure, vaultId) &&
    rulesOf(azure, vaultId).join() === RULES.join() &&
    subnetsOf(azure, vaultId).join() === SUBNET &&
    live(azure, vaultId).properties.enablePurgeProtection === true &&
    hidesOutputs(azure, workflowId)
  );
}

/** By events alone where there are any; else, and where reads are stale, as often as it takes by sweeps. */
async function untilSafe(estate: Estate): Promise<void> {
  await settle(stack);
  await eventually('the estate is safe', async () => {
    if (isSafe(estate)) return true;
    const { eventLoss, staleReadsMs } = azure.switches.values;
    if (eventLoss === 0 && staleReadsMs === 0) throw new Error('Events alone did not make the estate safe.');
    await stack.sweep();
    await settle(stack);
    return isSafe(estate);
  });
}

beforeAll(async () => {
  stack = await startStack({ settings: onlyMainJob(), simulator: { clock } });
  azure = stack.simulator.azure;
  azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
  azure.changeOutboundIps(REGION, { connector: CONNECTOR_IPS });
  await stack.sweep();
  await stack.subscribe();
});
afterAll(() => stack.close());
afterEach(() => {
  azure.changeOutboundIps(REGION, { connector: CONNECTOR_IPS });
  behindMs = 0;
  azure.switches.reset();
  azure.faults.clear();
  clearEstate(azure);
});

it('every setting of every switch has its row', () => {
  for (const name of NAMES) {
    const { values } = SWITCH_DEFINITIONS[name];
    const mine: readonly unknown[] = SETTINGS[name];
    if (values === 'number') expect(mine.length).toBe(2);
    else expect(mine).toEqual(values);
    const tried = new Set(ROWS.map(({ switches }) => switches[name]));
    expect([name, mine.filter((setting) => !tried.has(setting as never))]).toEqual([name, []]);
  }
});

describe('an estate that is broken ends safe and whole', () => {
  it.each(ROWS)('$name', async ({ number, switches }) => {
    onTestFailed(() => {
      console.log(switches);
    });
    azure.switches.set(switches);
    const estate = await deploy(number);
    await untilSafe(estate);
    const { vaultId, workflowId, secretiveId } = estate;
    const good = await registered(vaultId);
    const mark = azure.journal.mark();
    await breakAll(estate);
    await untilSafe(estate);

    // The vault: whatever is not the firewall is as it was, unknown names and tags too.
    expect(comparable(live(azure, vaultId))).toEqual(comparable(good));
    expect(live(azure, vaultId).tags).toEqual(TAGS);
    for (const { before, after } of ownChanges(stack, vaultId, mark)) {
      const [opened, fixed] = [before, after].map((text) => JSON.parse(text ?? '') as Resource);
      expect(
        rulesIn(opened as Resource).filter((rule) => !rulesIn(fixed as Resource).includes(rule)),
      ).toEqual([]);
    }

    // The workflow: every write was the text that was there, but for what had to be put in and what Azure sets.
    const puts = azure.journal.writes({ since: mark, under: workflowId });
    expect(puts.length).toBeGreaterThan(0);
    for (const put of puts) {
      const change = ownChanges(stack, workflowId, mark).find((one) => one.requestSequence === put.sequence);
      expectLosslessPut(change?.before ?? '', put.body ?? '', 'staleReadsMs' in switches ? null : 1);
    }
    const fixed = live(azure, workflowId);
    expect(fixed.properties.state).toBe('Disabled');
    expect(
      Object.keys((fixed.identity as { userAssignedIdentities: object }).userAssignedIdentities),
    ).toEqual([IDENTITY]);
    expect(azure.read(workflowId)).toContain('"sasAuthenticationPolicy": { "state": "Disabled" }');
    expect(azure.read(workflowId)).toContain('"lifetime": { "unit": "day", "count": 30.0 }');
    expect(azure.read(workflowId)).toContain('98765432109876543210');

    // The workflow with the secret: not written, the secret there, and the reason recorded, once.
    expect(azure.journal.writes({ under: secretiveId })).toEqual([]);
    expect(azure.secretOf(secretiveId, 'apiKey')).toBe('"s3cr3t-of-the-author"');
    await settle(stack);
    if (azure.switches.values.eventLoss === 1) await stack.sweep();
    const refused = await recordsOf(stack, secretiveId);
    expect(
      refused.map(({ outcome, error }) => [outcome, error?.includes('secure parameters ("apiKey")')]),
    ).toEqual([['refused', true]]);
    expect(azure.journal.runs(mark)).toEqual([]);

    // And it is over: neither a sweep nor what is still under way writes again.
    const over = azure.journal.mark();
    await stack.sweep();
    await settle(stack);
    expect(azure.journal.writes({ since: over })).toEqual([]);
    const records = [...(await recordsOf(stack, vaultId)), ...(await recordsOf(stack, workflowId))];
    expect(withOutcome(records, 'applied').length).toBe(records.length);
    const writes = azure.journal
      .requests({ origin: 'client', changed: true })
      .filter(({ path }) => [vaultId, workflowId].some((id) => id.toLowerCase() === path.toLowerCase()))
      .map(({ clientRequestId }) => clientRequestId);
    expect([...new Set(records.map(({ writeId }) => writeId))].sort()).toEqual([...writes].sort());
  });
});

/** A vault may be registering its name when it is safe already. */
async function registered(vaultId: string): Promise<Resource> {
  return eventually('the vault is registered', () => {
    const document = live(azure, vaultId) as Resource & { properties: { provisioningState?: string } };
    return document.properties.provisioningState !== 'RegisteringDns' && document;
  });
}

/** Without who wrote it last; and without what nobody could know of the firewall, where a GET showed none of it. */
function comparable(document: Resource): unknown {
  if (azure.switches.values.openNetworkAclsOnGet === 'as-set') return { ...document, systemData: null };
  const { bypass, defaultAction, ipRules, virtualNetworkRules } = document.properties.networkAcls ?? {};
  const networkAcls = { bypass, defaultAction, ipRules, virtualNetworkRules };
  return { ...document, systemData: null, properties: { ...document.properties, networkAcls } };
}

describe('somebody else writes at the same time', () => {
  let number = 1000;

  async function safeEstate(): Promise<Estate> {
    number += 1;
    const estate = await deploy(number);
    await untilSafe(estate);
    return estate;
  }

  it.each(SETTINGS.concurrentVaultWrites)(
    'a pipeline’s write of the vault is under way ($0): the rules of both are there in the end',
    async (concurrentVaultWrites) => {
      const estate = await safeEstate();
      const { vaultId } = estate;
      azure.switches.set({ concurrentVaultWrites });
      const mark = azure.journal.mark();
      const body = JSON.stringify({
        properties: { networkAcls: firewall('Allow', OFFICE, PARTNER, '203.0.113.80/32') },
      });
      azure.faults.add({ method: 'PATCH', path: vaultId, times: 1, action: { kind: 'delay', ms: 800 } });
      const pipeline = azure.handle({
        method: 'PATCH',
        url: `${vaultId}?api-version=2026-02-01`,
        headers: {
          authorization: `Bearer ${azure.tokenFor(PIPELINE)}`,
          'content-type': 'application/json',
        },
        body,
        clientIp: null,
      });
      const opened = { ...live(azure, vaultId).properties.networkAcls, defaultAction: 'Allow' };
      await azure.as('mallory@contoso.com').patch(vaultId, { properties: { networkAcls: opened } });
      expect((await pipeline).status).toBe(200);
      await eventually('the vault is shut with all rules', () => {
        const rules = rulesOf(azure, vaultId);
        return isShut(azure, vaultId) && [...RULES, '203.0.113.80/32'].every((rule) => rules.includes(rule));
      });
      await settle(stack);
      expect(rulesOf(azure, vaultId)).toEqual([...RULES, '203.0.113.80/32'].sort());
      const own = azure.journal
        .writes({ since: mark, under: vaultId })
        .filter(({ principal }) => principal?.objectId === stack.simulator.identity.objectId);
      expect(own.some(({ errorCode }) => errorCode === 'ConflictError')).toBe(
        concurrentVaultWrites === 'conflict',
      );
      expect(withOutcome(await recordsOf(stack, vaultId), 'pending')).toEqual([]);
    },
  );

  it.each(SETTINGS.applicationAuthor)(
    'an answer that is lost is found to be Holdfast’s own write: applications are named by their %s',
    async (applicationAuthor) => {
      azure.switches.set({ applicationAuthor });
      const { vaultId } = await safeEstate();
      const since = new Date();
      const mark = azure.journal.mark();
      azure.faults.add({
        method: 'PATCH',
        path: vaultId,
        times: 1,
        action: { kind: 'reset', when: 'after' },
      });
      const opened = { ...live(azure, vaultId).properties.networkAcls, defaultAction: 'Allow' };
      await azure.as('mallory@contoso.com').patch(vaultId, { properties: { networkAcls: opened } });
      await eventually('the vault is shut', () => isShut(azure, vaultId));
      await settle(stack);
      expectRecordedOnce(await recordsOf(stack, vaultId, since), ownChanges(stack, vaultId, mark), [
        'vault-firewall',
      ]);
    },
  );

  it('the platform’s addresses change between the read and the write: the next sweep brings the new ones', async () => {
    const estate = await safeEstate();
    const { vaultId } = estate;
    const change = { kind: 'change-outbound-ips', location: REGION } as const;
    const connector = [...CONNECTOR_IPS, '20.50.9.0/27'];
    azure.faults.add({ method: 'PATCH', path: vaultId, times: 1, action: { ...change, ips: { connector } } });
    await breakAll(estate);
    await settle(stack);
    expect(isShut(azure, vaultId)).toBe(true);
    await stack.sweep();
    await settle(stack);
    expect(rulesOf(azure, vaultId)).toEqual([...RULES, '20.50.9.0/27'].sort());
  });
});

describe('reads are stale for a while', () => {
  it('Holdfast’s own write is not taken back by a plan from the state before it', async () => {
    const estate = await deploy(2000);
    await untilSafe(estate);
    const { vaultId, workflowId } = estate;
    azure.switches.set({ staleReadsMs: 1500 });
    const mark = azure.journal.mark();
    await breakAll(estate);
    await untilSafe(estate);
    await settle(stack);
    for (const id of [vaultId, workflowId]) expect([id, ownChanges(stack, id, mark).length]).toEqual([id, 1]);
  });

  it('what somebody has just written, a vault’s new rule or a workflow, is not written over with the state before', async () => {
    behindMs = 60_000;
    const estate = await deploy(2001);
    await untilSafe(estate);
    const { vaultId, workflowId, connection } = estate;
    const bob = azure.as('bob@contoso.com');
    await bob.put(workflowId, workflowText(connection, false));
    await eventually('Holdfast has written it once', () => hidesOutputs(azure, workflowId));
    await settle(stack);

    // Half a minute ago somebody opened the vault and dropped the secure outputs; no event said so.
    behindMs = 30_000;
    const time = new Date(clock.now()).toISOString();
    const { properties, ...document } = live(azure, vaultId);
    const acls = { ...properties.networkAcls, defaultAction: 'Allow' };
    const ipRules = [{ value: OFFICE }, { value: PARTNER }];
    const systemData = {
      lastModifiedBy: 'mallory@contoso.com',
      lastModifiedByType: 'User',
      lastModifiedAt: time,
    };
    const opened = { ...properties, networkAcls: { ...acls, ipRules } };
    azure.place(JSON.stringify({ ...document, systemData, properties: opened }));
    const workflow = JSON.parse(azure.read(workflowId) ?? '{}') as { properties: object };
    const { definition } = (
      JSON.parse(workflowText(connection, false)) as { properties: { definition: object } }
    ).properties;
    const saved = { ...workflow.properties, definition, changedTime: time };
    azure.place(JSON.stringify({ ...workflow, properties: saved }));

    // Now Bob shuts the vault, with a rule of his own, and saves the workflow; reads still show what was before.
    behindMs = 0;
    azure.switches.set({ staleReadsMs: 1500 });
    const mark = azure.journal.mark();
    const shut = { ...acls, defaultAction: 'Deny', ipRules: [...ipRules, { value: '203.0.113.77/32' }] };
    await bob.patch(vaultId, { properties: { networkAcls: shut } });
    await bob.put(
      workflowId,
      workflowText(connection, false).replace('caf\\u00e9', 'what Bob has just saved'),
    );
    await settle(stack);
    const bodies = (id: string) => azure.journal.writes({ since: mark, under: id }).map(({ body }) => body);
    for (const body of bodies(vaultId)) expect(body).toContain('203.0.113.77/32');
    for (const body of bodies(workflowId)) expect(body).toContain('what Bob has just saved');
    expect(rulesOf(azure, vaultId)).toEqual([...RULES, '203.0.113.77/32'].sort());
    expect(hidesOutputs(azure, workflowId)).toBe(true);
    expect(azure.read(workflowId)).toContain('what Bob has just saved');
  });
});

describe('events come twice and in any order', () => {
  it('many breaks and repairs of one vault end in one safe state, each change recorded once', async () => {
    const { vaultId } = await deploy(3001);
    await settle(stack);
    azure.switches.set({
      eventDuplicates: 2,
      eventDelayMinMs: 0,
      eventDelayMaxMs: 500,
      eventUriCase: 'mixed',
    });
    const since = new Date();
    const mark = azure.journal.mark();
    const acls = live(azure, vaultId).properties.networkAcls;
    const mallory = azure.as('mallory@contoso.com');
    for (let i = 0; i < 5; i += 1) {
      await mallory.patch(vaultId, {
        properties: { networkAcls: { ...acls, defaultAction: i % 2 === 0 ? 'Allow' : 'Deny' } },
      });
    }
    await eventually('the vault is shut', () => isShut(azure, vaultId));
    await settle(stack);
    expect(rulesOf(azure, vaultId)).toEqual(RULES);
    const records = await recordsOf(stack, vaultId, since);
    expect(withOutcome(records, 'applied')).toEqual(records);
    const writes = ownChanges(stack, vaultId, mark).map(({ clientRequestId }) => clientRequestId);
    expect(records.map(({ writeId }) => writeId).sort()).toEqual([...writes].sort());
  });

  it('messages that come twice write once', async () => {
    const estate = await deploy(3002);
    await untilSafe(estate);
    const { vaultId } = estate;
    const mark = azure.journal.mark();
    openSilently(azure, vaultId);
    await Promise.all(Array.from({ length: 6 }, () => putOnQueue(stack, lookMessage(vaultId))));
    await eventually('the vault is shut', () => isShut(azure, vaultId));
    await settle(stack);
    expect(ownChanges(stack, vaultId, mark)).toHaveLength(1);
  });
});
