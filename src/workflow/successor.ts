import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../types/json.js';
import { parseResourceId, tryParseResourceId, type ResourceId } from '../types/resource-id.js';
import { isKeyVaultApi, readConnectionFacts } from './connections.js';

/**
 * A connection's successor is a second connection beside it, for the same vault, that signs in with the managed
 * identity. Azure saves no workflow that says otherwise of a connection than the connection does, so one that is in
 * use cannot be changed in place: docs/decisions/0007-a-connection-is-moved-by-a-successor.md.
 */
const SUFFIX = '-mi';

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftweb */
const MAX_NAME = 80;

/** Of two long names that begin alike, the second's successor is not good for it, and that is a finding. */
export function successorIdOf(id: ResourceId): ResourceId {
  const name = id.name.slice(0, MAX_NAME - SUFFIX.length) + SUFFIX;
  return parseResourceId(`${id.id.slice(0, id.id.lastIndexOf('/'))}/${name}`);
}

/**
 * What is PUT for a connection's successor; null where the connection does not say its vault, location or API. In the
 * form that the connection has: value sets where it has one, else alternative values
 * (https://learn.microsoft.com/azure/logic-apps/authenticate-with-managed-identity).
 */
export function successorOf(connection: JsonObject): JsonObject | null {
  const location = getIgnoringCase(connection, 'location');
  const { apiId, vaultName } = readConnectionFacts(connection);
  if (typeof location !== 'string' || location.trim() === '' || apiId === null || vaultName === null)
    return null;
  const id = getIgnoringCase(connection, 'id');
  const own = typeof id === 'string' ? tryParseResourceId(id) : null;
  const usesValueSets = isJsonObject(
    getIgnoringCase(getIgnoringCase(connection, 'properties'), 'parameterValueSet'),
  );
  const values: JsonObject = usesValueSets
    ? { parameterValueSet: { name: 'oauthMI', values: { vaultName: { value: vaultName } } } }
    : { parameterValueType: 'Alternative', alternativeParameterValues: { vaultName } };
  const displayName = own === null ? {} : { displayName: successorIdOf(own).name };
  return { kind: 'V1', location, properties: { ...displayName, api: { id: apiId }, ...values } };
}

/** Whether a workflow can be pointed at the candidate in place of the connection. */
export function isGoodSuccessor(connection: JsonObject, candidate: JsonObject): boolean {
  return successorFault(connection, candidate) === null;
}

/** What keeps a candidate from being a connection's successor; null where it is a good one. */
export function successorFault(connection: JsonObject, candidate: JsonObject): string | null {
  const [old, found] = [readConnectionFacts(connection), readConnectionFacts(candidate)];
  if (!isKeyVaultApi(found.apiId)) return 'it is not a Key Vault connection';
  if (plain(found.apiId) !== plain(old.apiId)) return "its API is not that of the connection's region";
  if (found.signIn !== 'managed-identity') return 'it does not sign in with the managed identity';
  if (found.vaultName === null || found.vaultName !== old.vaultName) return 'it is not for the same vault';
  return hasFailed(candidate) ? 'its status is not good' : null;
}

function plain(apiId: string | null): string {
  return (apiId ?? '').toLowerCase().replace(/\/$/, '');
}

/** `Ready` and `Connected` are good; what is not told is not held against it. */
function hasFailed(connection: JsonObject): boolean {
  const properties = getIgnoringCase(connection, 'properties');
  const statuses = getIgnoringCase(properties, 'statuses');
  const listed = Array.isArray(statuses) ? (statuses as readonly Json[]) : [];
  return [
    getIgnoringCase(properties, 'overallStatus'),
    ...listed.map((one) => getIgnoringCase(one, 'status')),
  ]
    .flatMap((status) => (typeof status === 'string' ? [status.trim().toLowerCase()] : []))
    .some((status) => status === 'error' || status === 'unauthenticated');
}
