import { setTimeout as pause } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import { expect } from 'vitest';
import { fetchRecords } from '../../demo/audit-client.js';
import { GROUP } from '../../demo/estate.js';
import { SUBSCRIPTION, type Stack } from '../../demo/stack.js';
import type { Azure } from '../../simulator/azure.js';
import type { JournalledChange } from '../../simulator/journal.js';
import { membersOf } from '../../simulator/raw-json.js';
import type { AuditRecord } from '../../src/types/record.js';

/*
 * What the scenarios about faults, switches, crashes and addresses have in common: parts of an estate, and looking at
 * it from outside (the simulated Azure's state and journal, the audit log, the queues).
 */

export const OFFICE = '198.51.100.0/24';
export const SUBNET = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-network/providers/microsoft.network/virtualnetworks/vnet/subnets/batch`;
/** The connectors' addresses in West Europe until somebody changes them, as a vault shows them. */
export const CONNECTORS = ['13.69.64.208/28', '13.69.71.192/27', '52.174.88.118/32'];

export const connectionPath = (name: string): string =>
  `${GROUP}/providers/Microsoft.Web/connections/${name}`;

export function keyVaultApi(location = 'westeurope'): string {
  return `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Web/locations/${location}/managedApis/keyvault`;
}

export function keyVaultConnection(vaultName: string, location = 'westeurope'): object {
  return {
    location,
    kind: 'V1',
    properties: {
      displayName: `Key Vault ${vaultName}`,
      api: { id: keyVaultApi(location) },
      parameterValueType: 'Alternative',
      alternativeParameterValues: { vaultName },
    },
  };
}

/** A firewall with the office's range and the batch job's subnet in it: rules that are not Holdfast's. */
export function firewall(defaultAction: 'Allow' | 'Deny', ...addresses: readonly string[]): object {
  return {
    bypass: 'AzureServices',
    defaultAction,
    ipRules: addresses.map((value) => ({ value })),
    virtualNetworkRules: [{ id: SUBNET, ignoreMissingVnetServiceEndpoint: true }],
  };
}

export const WIPED = {
  bypass: 'AzureServices',
  defaultAction: 'Allow',
  ipRules: [],
  virtualNetworkRules: [],
};

/** As much of a resource as the scenarios look at. */
export interface Resource {
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly identity?: unknown;
  readonly properties: {
    readonly enablePurgeProtection?: boolean;
    readonly enableSoftDelete?: boolean;
    readonly networkAcls?: {
      readonly bypass: string;
      readonly defaultAction: string;
      readonly ipRules: readonly { readonly value: string }[];
      readonly virtualNetworkRules: readonly { readonly id: string }[];
    } | null;
    readonly state?: string;
    readonly definition?: { readonly actions: Readonly<Record<string, unknown>> };
  };
}

/** The resource as it is in Azure, whatever reads show. */
export function live(azure: Azure, id: string): Resource {
  return JSON.parse(azure.read(id) ?? 'null') as Resource;
}

/** Somebody changes a vault's firewall or a workflow's definition, just now, and no event says so. */
export function changeSilently(azure: Azure, id: string, properties: object): void {
  const document = live(azure, id);
  const lastModifiedAt = new Date().toISOString();
  const time = id.includes('/vaults/')
    ? { systemData: { lastModifiedBy: 'mallory@contoso.com', lastModifiedByType: 'User', lastModifiedAt } }
    : {};
  azure.place(
    JSON.stringify({ ...document, ...time, properties: { ...document.properties, ...properties } }),
  );
}

/** As {@link changeSilently}: a vault's firewall is off, and its rules are those given, or stay as they are. */
export function openSilently(azure: Azure, id: string, networkAcls: object = {}): void {
  const opened = { ...live(azure, id).properties.networkAcls, defaultAction: 'Allow', ...networkAcls };
  changeSilently(azure, id, { networkAcls: opened });
}

/** The values of a vault's IP rules, sorted, each as often as it is there. */
export function rulesOf(azure: Azure, id: string): readonly string[] {
  return rulesIn(live(azure, id));
}

export function rulesIn(vault: Resource): readonly string[] {
  return (vault.properties.networkAcls?.ipRules ?? []).map(({ value }) => value).sort();
}

export function subnetsOf(azure: Azure, id: string): readonly string[] {
  return (live(azure, id).properties.networkAcls?.virtualNetworkRules ?? []).map((rule) => rule.id);
}

export function isShut(azure: Azure, id: string): boolean {
  return live(azure, id).properties.networkAcls?.defaultAction === 'Deny';
}

export function hidesOutputs(azure: Azure, id: string): boolean {
  return JSON.stringify(live(azure, id).properties.definition).includes(
    '"runtimeConfiguration":{"secureData":{"properties":["outputs"]}}',
  );
}

/** What Holdfast has changed of a resource since that moment of the journal. */
export function ownChanges(stack: Stack, id: string, since = 0): readonly JournalledChange[] {
  const { azure, identity } = stack.simulator;
  return azure.journal.changes({ since, resourceId: id, principal: identity.objectId });
}

/** A resource's records, newest first, each with all that it says. */
export async function recordsOf(
  stack: Pick<Stack, 'hostUrl'>,
  resourceId: string,
  since?: Date,
): Promise<readonly AuditRecord[]> {
  const query = since === undefined ? { resourceId } : { resourceId, since: since.toISOString() };
  return (await fetchRecords(stack.hostUrl, query)) as readonly AuditRecord[];
}

export function withOutcome(
  records: readonly AuditRecord[],
  outcome: AuditRecord['outcome'],
): readonly AuditRecord[] {
  return records.filter((record) => record.outcome === outcome);
}

/** Asks until there is an answer other than null or false; fails with what was waited for. */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  limitMs = 60_000,
): Promise<Exclude<T, null | undefined | false>> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false)
      return answer as Exclude<T, null | undefined | false>;
    if (Date.now() > end) throw new Error(`It did not come true within ${limitMs / 1000} s: ${what}.`);
    await pause(50);
  }
}

/** A message of a queue, decoded; the text itself where it is not base64. */
export async function messagesIn(stack: Pick<Stack, 'storage'>, name: string): Promise<readonly string[]> {
  const queue = new QueueClient(stack.storage, name);
  if (!(await queue.exists())) return [];
  const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
  return peekedMessageItems.map(({ messageText }) =>
    /^[A-Za-z0-9+/]+={0,2}$/.test(messageText) && messageText.length % 4 === 0
      ? Buffer.from(messageText, 'base64').toString('utf8')
      : messageText,
  );
}

export async function putOnQueue(stack: Pick<Stack, 'storage'>, text: string): Promise<void> {
  const queue = new QueueClient(stack.storage, 'reconcile');
  await queue.createIfNotExists();
  await queue.sendMessage(Buffer.from(text).toString('base64'));
}

/** A message as Holdfast writes it. */
export function lookMessage(resourceId: string, more: object = {}): string {
  return JSON.stringify({
    v: 1,
    resourceId,
    correlationId: 'a-scenario',
    trigger: 'sweep',
    actor: null,
    remediators: null,
    askedForByName: false,
    attempt: 0,
    ...more,
  });
}

/**
 * The records say what was changed, once: no two of one write and remediator, none left pending, the writes are
 * those that Azure saw, and each rule that came or went in Azure stands in exactly one edit.
 */
export function expectRecordedOnce(
  records: readonly AuditRecord[],
  changes: readonly JournalledChange[],
  remediators: readonly string[],
): void {
  expect(withOutcome(records, 'pending')).toEqual([]);
  const applied = withOutcome(records, 'applied');
  expect(applied.map(({ remediator }) => remediator).sort()).toEqual([...remediators].sort());
  expect(changes).toHaveLength(1);
  const [change] = changes;
  for (const { writeId } of applied) expect(writeId).toBe(change?.clientRequestId);
  const edits = applied.flatMap((record) => record.edits);
  const places = edits.map((edit) => JSON.stringify([edit.path, edit.before, edit.after]));
  expect(new Set(places).size).toBe(places.length);
  const [before, after] = [change?.before, change?.after].map((text) => JSON.parse(text ?? '{}') as Resource);
  if (before === undefined || after === undefined || !/\/vaults\//i.test(change?.resourceId ?? '')) return;
  const rules = edits.filter(({ path }) => path === '/properties/networkAcls/ipRules');
  const values = (list: readonly unknown[]): readonly string[] =>
    list.flatMap((member) => (member === null ? [] : (member as { value: string }).value)).sort();
  expect(values(rules.map((edit) => edit.after))).toEqual(without(rulesIn(after), rulesIn(before)));
  expect(values(rules.map((edit) => edit.before))).toEqual(without(rulesIn(before), rulesIn(after)));
}

/** A sorted list without the members of another, one for one. */
function without(list: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...list];
  for (const other of others) if (left.includes(other)) left.splice(left.indexOf(other), 1);
  return left;
}

/** What Azure sets by itself, and does not take. */
const READ_ONLY = new Set(['id', 'name', 'type', 'etag', 'systemData']);
const READ_ONLY_PROPERTIES = new Set([
  'provisioningState',
  'createdTime',
  'changedTime',
  'version',
  'accessEndpoint',
  'sku',
  'endpointsConfiguration',
]);

/**
 * A workflow's PUT is the document that was there: the same members in the same order, each byte for byte the same,
 * without what Azure sets; and in the definition nothing but `insertions` actions that now hide their outputs. Null
 * means any number of them.
 */
export function expectLosslessPut(before: string, body: string, insertions: number | null): void {
  const [old, sent] = [before, body].map(membersOf);
  if (old === undefined || sent === undefined) return;
  expect([...sent.keys()]).toEqual([...old.keys()].filter((name) => !READ_ONLY.has(name)));
  const { properties: oldProperties = '{}', identity: oldIdentity = '{}' } = Object.fromEntries(old);
  for (const [name, text] of sent) {
    if (name !== 'properties' && name !== 'identity') expect(text).toBe(old.get(name));
  }
  expect(JSON.parse(sent.get('identity') ?? '{}')).toEqual(asAssigned(oldIdentity));

  const [was, is] = [oldProperties, sent.get('properties') ?? '{}'].map(membersOf);
  if (was === undefined || is === undefined) return;
  expect([...is.keys()]).toEqual([...was.keys()].filter((name) => !READ_ONLY_PROPERTIES.has(name)));
  for (const [name, text] of is) if (name !== 'definition') expect(text).toBe(was.get(name));
  const found = insertionsBetween(was.get('definition') ?? '', is.get('definition') ?? '');
  if (insertions === null) expect(found).not.toBeNull();
  else expect(found).toBe(insertions);
}

/** An identity as it is to be sent: Azure gives ids with it that it does not take. */
function asAssigned(text: string): object {
  const identity = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const entries = Object.entries(identity).filter(([name]) => name !== 'principalId' && name !== 'tenantId');
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (name !== 'userAssignedIdentities') return [name, value];
      return [name, Object.fromEntries(Object.keys(value as object).map((id) => [id, {}]))];
    }),
  );
}

/** What securing an action's outputs may put into its text, by how much of it was there before. */
const INSERTION =
  /,?(?:"runtimeConfiguration": ?\{"secureData": ?\{"properties": ?\["outputs"\]\}\}|"secureData": ?\{"properties": ?\["outputs"\]\}|"properties": ?\["outputs"\]|"outputs")/y;

/**
 * How many insertions make `before` into `after`; null where anything else differs, so that taking the inserted texts
 * out of `after` would not give `before`.
 */
export function insertionsBetween(before: string, after: string): number | null {
  let count = 0;
  let from = 0;
  for (let at = 0; at < after.length;) {
    if (before[from] === after[at]) {
      at += 1;
      from += 1;
      continue;
    }
    INSERTION.lastIndex = at;
    const inserted = INSERTION.exec(after)?.[0];
    if (inserted === undefined) return null;
    at += inserted.length;
    count += 1;
  }
  return from === before.length ? count : null;
}
