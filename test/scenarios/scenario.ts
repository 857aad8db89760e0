import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import { fetchRecords } from '../../demo/audit-client.js';
import { GROUP, vault, vaultPath, workflowPath } from '../../demo/estate.js';
import { startStack, SUBSCRIPTION, type Stack, type StackOptions } from '../../demo/stack.js';
import type { Azure } from '../../simulator/azure.js';
import type { JournalledChange, JournalledRequest } from '../../simulator/journal.js';
import { principalNamed } from '../../simulator/principal.js';
import type { AuditRecord } from '../../src/types/record.js';
import { onlyMainJob, UNLIMITED } from './main-job.js';

export { GROUP, SUBSCRIPTION, vaultPath, workflowPath };

export const ALICE = 'alice@contoso.com';
export const BOB = 'bob@contoso.com';
export const OFFICE = '198.51.100.0/24';
/** Where West Europe's connectors call from, as Key Vault writes it in a rule. */
export const CONNECTORS = ['52.174.88.118/32', '13.69.64.208/28', '13.69.71.192/27'];

export interface ScenarioOptions extends StackOptions {
  /** Every remediator as it is by default; otherwise the firewall, purge protection and secure outputs alone. */
  readonly allRemediators?: true;
}

/** A running stack with an empty estate, and what its host has logged. */
export interface Scenario {
  readonly stack: Stack;
  readonly azure: Azure;
  /** The object id under which the simulator knows Holdfast. */
  readonly appId: string;
  readonly lines: readonly string[];
}

export async function startScenario(options: ScenarioOptions = {}): Promise<Scenario> {
  const lines: string[] = [];
  const { settings = {}, allRemediators } = options;
  const { HOLDFAST_REMEDIATORS } = onlyMainJob(settings.HOLDFAST_REMEDIATORS);
  const narrowed = allRemediators === true ? {} : { HOLDFAST_REMEDIATORS };
  const stack = await startStack({
    ...options,
    settings: { ...UNLIMITED, ...settings, ...narrowed },
    onLog: (line) => lines.push(line),
  });
  const { azure } = stack.simulator;
  azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
  return { stack, azure, appId: stack.simulator.identity.objectId, lines };
}

// ── Waiting ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Asks until the answer is neither null nor undefined; rejects, naming what was waited for, after the limit. */
export async function eventually<T>(
  what: string,
  ask: () => T | null | undefined | Promise<T | null | undefined>,
  limitMs = 20_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`Waited ${limitMs} ms for ${what}.`);
    await pause(50);
  }
}

/** Waits until no event is under way and nothing is on the queue, hidden or not. */
export async function settle({ stack, azure }: Scenario, limitMs = 20_000): Promise<void> {
  const queue = new QueueClient(stack.storage, 'reconcile');
  await eventually(
    'the events and the queue to come to rest',
    async () => {
      await azure.events.idle();
      // Before the host has made it, there is no queue yet.
      const properties = await queue.getProperties().catch(() => null);
      return properties?.approximateMessagesCount === 0 && azure.events.pending === 0 ? true : null;
    },
    limitMs,
  );
}

/** A sweep, and all that it put on the queue. */
export async function sweep(scenario: Scenario): Promise<void> {
  await scenario.stack.sweep();
  await settle(scenario);
}

// ── What the simulator saw ───────────────────────────────────────────────────────────────────────────────────

export interface Traffic {
  readonly reads: readonly JournalledRequest[];
  readonly writes: readonly JournalledRequest[];
}

/** Every request that Holdfast sent to ARM while the work was done. */
export async function trafficOf({ azure }: Scenario, work: () => Promise<unknown>): Promise<Traffic> {
  const since = azure.journal.mark();
  await work();
  return { reads: azure.journal.reads({ since }), writes: azure.journal.writes({ since }) };
}

/** `GET kv-one, PATCH kv-one`: methods and last segments, for one comparison of a whole conversation. */
export function namesOf({ reads, writes }: Traffic): readonly string[] {
  return [...reads, ...writes]
    .toSorted((a, b) => a.sequence - b.sequence)
    .map(({ method, path }) => `${method} ${path.split('/').at(-1) ?? ''}`);
}

export function ownChanges({ azure, appId }: Scenario, since = 0): readonly JournalledChange[] {
  return azure.journal.changes({ since, principal: appId });
}

interface VaultNow {
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties: {
    readonly enablePurgeProtection?: boolean;
    readonly publicNetworkAccess?: string;
    /** A vault that was made without says nothing. */
    readonly networkAcls?: NetworkAcls;
  };
}

export interface NetworkAcls {
  readonly bypass: string;
  readonly defaultAction: string;
  readonly ipRules: readonly { readonly value: string }[];
  readonly virtualNetworkRules: readonly { readonly id: string }[];
}

/** A vault as the simulator has it. */
export function vaultNow(azure: Azure, name: string): VaultNow {
  return JSON.parse(textNow(azure, vaultPath(name))) as VaultNow;
}

export function aclsOf(azure: Azure, name: string): NetworkAcls {
  return demanded(vaultNow(azure, name).properties.networkAcls, `networkAcls of ${name}`);
}

export function rulesOf(azure: Azure, name: string): readonly string[] {
  return aclsOf(azure, name).ipRules.map(({ value }) => value);
}

export function textNow(azure: Azure, id: string): string {
  return demanded(azure.read(id), id);
}

function demanded<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`There is no ${what}.`);
  return value;
}

/** Whether every action of a workflow that is marked with `GET_SECRET` hides its outputs. */
export function hidesOutputs(azure: Azure, name: string): boolean {
  return textNow(azure, workflowPath(name)).includes('"secureData":{"properties":["outputs"]}');
}

/** The `networkAcls` that a PATCH carried. */
export function sentAcls({ body }: JournalledRequest): NetworkAcls {
  return demanded((JSON.parse(body ?? '{}') as VaultNow).properties.networkAcls, 'networkAcls in the body');
}

// ── What Holdfast says ───────────────────────────────────────────────────────────────────────────────────────

/** The records, newest first. */
export async function recordsOf(
  { stack }: Scenario,
  query: Readonly<Record<string, string>> = {},
): Promise<readonly AuditRecord[]> {
  return (await fetchRecords(stack.hostUrl, query)) as readonly AuditRecord[];
}

/** `vault-firewall applied`: remediators and outcomes, in alphabetical order. */
export function outcomesOf(records: readonly AuditRecord[]): readonly string[] {
  return records.map(({ remediator, outcome }) => `${remediator} ${outcome}`).sort();
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AnswerBody;
  readonly text: string;
}

interface AnswerBody {
  readonly outcome?: string;
  readonly correlationId?: string;
  readonly recordId?: string | null;
  readonly detail?: string;
  readonly retryAfter?: number;
  readonly dryRun?: boolean;
  readonly resourceId?: string;
  readonly remediations?: readonly (Pick<AuditRecord, 'remediator' | 'edits' | 'warnings' | 'error'> & {
    readonly outcome: string;
    readonly recordId: string | null;
  })[];
}

/** POST /api/remediate of the stack's host, or of another one; a text is sent as it stands. */
export async function remediate(
  { stack }: { readonly stack: Pick<Stack, 'hostUrl'> },
  body: unknown,
): Promise<Answer> {
  const answer = await fetch(`${stack.hostUrl}/api/remediate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: JSON.parse(text) as AnswerBody, text };
}

// ── The estate ───────────────────────────────────────────────────────────────────────────────────────────────

export const connectionPath = (name: string): string =>
  `${GROUP}/providers/Microsoft.Web/connections/${name}`;

let count = 0;
/** A name that no other resource of this file has. */
export function freshName(prefix: string): string {
  count += 1;
  return `${prefix}-${count}`;
}

/** A vault with purge protection, so that only its firewall is of interest. */
export async function addVault(azure: Azure, networkAcls: object, more: object = {}): Promise<string> {
  const name = freshName('kv-test');
  const protectedVault = { enableSoftDelete: true, enablePurgeProtection: true, networkAcls, ...more };
  await azure.as(ALICE).put(vaultPath(name), vault(azure, protectedVault));
  return name;
}

/** Opens a vault to all networks. The rules stay, as in the portal, or go, as a careless template has it. */
export async function openVault(
  azure: Azure,
  name: string,
  rules: 'rules-stay' | 'rules-go' = 'rules-stay',
  who = BOB,
): Promise<void> {
  const kept = rules === 'rules-stay' ? aclsOf(azure, name) : { ipRules: [], virtualNetworkRules: [] };
  await setAcls(azure, name, { ...kept, defaultAction: 'Allow' }, who);
}

export async function setAcls(azure: Azure, name: string, networkAcls: object, who = BOB): Promise<void> {
  await azure.as(who).patch(vaultPath(name), { properties: { networkAcls } });
}

export async function addConnection(azure: Azure, vaultName: string): Promise<string> {
  const name = freshName('keyvault');
  await azure.as(ALICE).put(connectionPath(name), connection(vaultName));
  return name;
}

export function connection(vaultName: string, more: object = {}): object {
  const id = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault`;
  return {
    location: 'westeurope',
    properties: {
      displayName: `Key Vault ${vaultName}`,
      api: { id },
      parameterValueType: 'Alternative',
      alternativeParameterValues: { vaultName },
      ...more,
    },
  };
}

export async function addWorkflow(azure: Azure, document: object): Promise<string> {
  const name = freshName('wf-test');
  await azure.as(ALICE).put(workflowPath(name), document);
  return name;
}

/** The parts of a workflow's document that a test has something to say about. */
export interface WorkflowParts {
  readonly actions?: object;
  readonly triggers?: object;
  /** What the definition declares, and the values. */
  readonly declared?: object;
  readonly parameters?: object;
}

export function workflow(parts: WorkflowParts): object {
  const manual = { type: 'Request', kind: 'Http', inputs: { schema: {} } };
  const { actions = {}, triggers = { manual }, declared = {}, parameters = {} } = parts;
  const $schema =
    'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#';
  return {
    location: 'westeurope',
    identity: { type: 'SystemAssigned' },
    properties: {
      state: 'Enabled',
      definition: {
        $schema,
        contentVersion: '1.0.0.0',
        parameters: declared,
        triggers,
        actions,
        outputs: {},
      },
      parameters,
    },
  };
}

/** An HTTP action that reads a secret straight from a vault, with its outputs hidden. */
export function httpGet(vaultName: string): object {
  return {
    type: 'Http',
    runAfter: {},
    inputs: {
      method: 'GET',
      uri: `https://${vaultName}.vault.azure.net/secrets/card-key?api-version=7.4`,
      authentication: { type: 'ManagedServiceIdentity', audience: 'https://vault.azure.net' },
    },
    runtimeConfiguration: { secureData: { properties: ['outputs'] } },
  };
}

/** Switches tags on by the tag operation, which leaves the resource itself alone. */
export async function setTags(
  azure: Azure,
  id: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const path = `${id}/providers/Microsoft.Resources/tags/default`;
  await azure.as(BOB).put(path, { properties: { tags } });
}

// ── Events made by hand ──────────────────────────────────────────────────────────────────────────────────────

export interface Announcement {
  readonly uri: string;
  readonly operation?: string;
  readonly correlationId?: string;
  readonly who?: string;
  /** When it happened, RFC 3339; that of the resource's last change, where nothing is said. */
  readonly time?: string;
}

/** An event as Event Grid's own schema has it, of the last write of the resource if there was one. */
export function gridEvent(
  { azure }: Scenario,
  {
    uri,
    operation = 'Microsoft.KeyVault/vaults/write',
    correlationId = randomUUID(),
    who = BOB,
    time,
  }: Announcement,
): Record<string, unknown> {
  const principal = principalNamed(who);
  const resourceId = uri.split('/').slice(0, 9).join('/');
  const lastWrite = azure.journal.changes({ resourceId }).at(-1);
  return {
    id: randomUUID(),
    topic: `/subscriptions/${SUBSCRIPTION}`,
    subject: uri,
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    eventTime: time ?? lastWrite?.time ?? new Date().toISOString(),
    data: {
      authorization: { scope: uri, action: operation, evidence: { role: 'Contributor' } },
      claims: {
        'http://schemas.microsoft.com/identity/claims/objectidentifier': principal.objectId,
        'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': who,
        ipaddr: principal.ip ?? '',
      },
      correlationId,
      resourceProvider: 'Microsoft.KeyVault',
      resourceUri: uri,
      operationName: operation,
      status: 'Succeeded',
      subscriptionId: SUBSCRIPTION,
    },
    dataVersion: '2',
    metadataVersion: '1',
  };
}

/** Posts a body to the webhook as Event Grid does, and waits for the answer: then the look is over. */
export async function deliver({ stack }: Scenario, body: unknown): Promise<number> {
  const url = `${stack.hostUrl}/runtime/webhooks/eventgrid?functionName=resourceChanged`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', 'aeg-event-type': 'Notification' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Announces that somebody wrote to a resource, whether or not anybody did. */
export async function announce(scenario: Scenario, announcement: Announcement): Promise<void> {
  const status = await deliver(scenario, [gridEvent(scenario, announcement)]);
  if (status !== 202) throw new Error(`The webhook answered ${status}.`);
}

/** Has Event Grid deliver what happens during the work, and waits until all that it led to is over. */
export async function withEvents(
  scenario: Scenario,
  work: () => Promise<unknown>,
  schema: 'EventGridSchema' | 'CloudEventSchemaV1_0' = 'EventGridSchema',
): Promise<void> {
  const { azure, stack } = scenario;
  await stack.subscribe(schema);
  try {
    await work();
    await settle(scenario);
  } finally {
    for (const { name } of azure.events.subscriptions) azure.events.unsubscribe(name);
  }
}
