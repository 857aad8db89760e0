import { toPointer } from '../types/apply-edits.js';
import { getIgnoringCase, isJsonObject, keyIgnoringCase, type Json, type JsonObject } from '../types/json.js';
import { propertiesOf, type ConnectionFacts, type WorkflowDocument } from '../types/observation.js';
import { tryParseResourceId } from '../types/resource-id.js';
import { connectionSignInOf } from './connection-sign-in.js';
import { toVaultName } from './vault-uri.js';

/** An entry of a workflow's `$connections`: a key, and what the workflow's author says it is. */
export interface ConnectionReference {
  readonly key: string;
  /** In lower case; null where it is not the id of a connection. */
  readonly connectionId: string | null;
  /** The author's claim; the connection resource decides. */
  readonly claimedApiId: string | null;
}

/** An entry of `$connections` as it stands in the document. */
export interface ConnectionEntry extends ConnectionReference {
  /** JSON pointer from the resource's root, with the keys as they are spelled. */
  readonly pointer: string;
  readonly json: Json | undefined;
}

/** A `$connections` entry whose claim and whose connection resource name different APIs. */
export interface ApiDisagreement {
  readonly key: string;
  readonly connectionId: string;
  readonly claimedApiId: string;
  readonly apiId: string;
}

export type Connections = ReadonlyMap<string, ConnectionFacts>;

const KEY_VAULT_API =
  /^\/subscriptions\/[^/]+\/providers\/microsoft\.web\/locations\/[^/]+\/managedapis\/keyvault\/?$/i;

/** The names that the designer gives: `keyvault`, and with a suffix from the second on. */
const KEY_VAULT_KEY = /^keyvault(?:[-_].*)?$/is;

/** Where the several kinds of connection keep what was asked for on creation (also the vault's name). */
const PARAMETER_VALUES = [
  'alternativeParameterValues',
  'nonSecretParameterValues',
  'parameterValues',
  'customParameterValues',
] as const;

/** Whether an API is Microsoft's Key Vault connector; a custom API of that name is not. */
export function isKeyVaultApi(apiId: string | null): boolean {
  return apiId !== null && KEY_VAULT_API.test(apiId);
}

export function connectionsOf(workflow: WorkflowDocument): readonly ConnectionReference[] {
  return connectionEntriesOf(workflow).map(({ key, connectionId, claimedApiId }) => ({
    key,
    connectionId,
    claimedApiId,
  }));
}

export function connectionEntriesOf(workflow: WorkflowDocument): readonly ConnectionEntry[] {
  const path = ['properties'];
  let value: Json | undefined = propertiesOf(workflow);
  for (const key of ['parameters', '$connections', 'value']) {
    const spelled: string | undefined = isJsonObject(value) ? keyIgnoringCase(value, key) : undefined;
    if (spelled === undefined) return [];
    path.push(spelled);
    value = getIgnoringCase(value, spelled);
  }
  return isJsonObject(value) ? entriesIn(value, toPointer(path)) : [];
}

const known = new WeakMap<JsonObject, readonly ConnectionEntry[]>();

/** Told once of each: an edited workflow has the connections of the one that it was made of. */
function entriesIn(connections: JsonObject, pointer: string): readonly ConnectionEntry[] {
  const before = known.get(connections);
  if (before !== undefined) return before;
  const entries = Object.entries(connections).map(([key, json]) => ({
    key,
    connectionId: toConnectionId(getIgnoringCase(json, 'connectionId')),
    claimedApiId: textOrNull(getIgnoringCase(json, 'id')),
    pointer: pointer + toPointer([key]),
    json,
  }));
  known.set(connections, entries);
  return entries;
}

/** A connection's id in lower case; null where the value is none. */
export function toConnectionId(value: Json | undefined): string | null {
  const id = typeof value === 'string' ? tryParseResourceId(value.trim()) : null;
  return id?.kind === 'connection' ? id.key : null;
}

/** Whether a `$connections` entry is a Key Vault connection: its resource decides, then the claim, then its key. */
export function isKeyVaultReference(reference: ConnectionReference, connections: Connections): boolean {
  const facts = reference.connectionId === null ? undefined : connections.get(reference.connectionId);
  const apiId = facts?.apiId ?? reference.claimedApiId;
  return apiId === null ? isKeyVaultKey(reference.key) : isKeyVaultApi(apiId);
}

/** Whether a key is one that the designer gives a Key Vault connection. */
export function isKeyVaultKey(key: string): boolean {
  return KEY_VAULT_KEY.test(key);
}

/** What a `Microsoft.Web/connections` resource says of its API, its vault and how it signs in. */
export function readConnectionFacts(document: JsonObject): ConnectionFacts {
  const properties = getIgnoringCase(document, 'properties');
  const valueSet = getIgnoringCase(getIgnoringCase(properties, 'parameterValueSet'), 'values');
  const names = [valueSet, ...PARAMETER_VALUES.map((values) => getIgnoringCase(properties, values))].flatMap(
    vaultNamesIn,
  );
  const [first = null] = names;
  return {
    apiId: textOrNull(getIgnoringCase(getIgnoringCase(properties, 'api'), 'id')),
    // Names that contradict each other do not say which one the connector uses.
    vaultName: names.every((name) => name === first) ? first : null,
    signIn: connectionSignInOf(properties),
  };
}

export function apiDisagreementsOf(
  workflow: WorkflowDocument,
  connections: Connections,
): readonly ApiDisagreement[] {
  return connectionsOf(workflow).flatMap(({ key, connectionId, claimedApiId }) => {
    const apiId = connectionId === null ? null : (connections.get(connectionId)?.apiId ?? null);
    if (connectionId === null || claimedApiId === null || apiId === null) return [];
    return isSameApi(claimedApiId, apiId) ? [] : [{ key, connectionId, claimedApiId, apiId }];
  });
}

/** A managed API is the same one in every region. */
function isSameApi(a: string, b: string): boolean {
  const [left, right] = [a, b].map((id) =>
    id
      .toLowerCase()
      .replace(/\/$/, '')
      .replace(/^.*\/locations\/[^/]+\/managedapis\//, 'managedapis/'),
  );
  return left === right;
}

/** A value stands by itself, or in an object's `value` (in a value set). */
function vaultNamesIn(values: Json | undefined): readonly string[] {
  const member = getIgnoringCase(values, 'vaultName');
  const text = textOrNull(isJsonObject(member) ? getIgnoringCase(member, 'value') : member);
  const name = text === null ? null : toVaultName(text);
  return name === null ? [] : [name];
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
