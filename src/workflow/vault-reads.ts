import { getIgnoringCase, type Json } from '../types/json.js';
import {
  propertiesOf,
  type ReadVia,
  type WorkflowDocument,
  type WorkflowRead,
} from '../types/observation.js';
import { connectionOf, usesConnection } from './action-connection.js';
import { connectionsOf, isKeyVaultReference, type Connections } from './connections.js';
import { constantsOf, type Constants } from './constant.js';
import { operationsOf, type Operation } from './definition.js';
import { httpVaultCallOf } from './http-vault-call.js';
import { looksLikeConnectorSecret } from './secret-actions.js';

export interface VaultReads {
  /** Ids, in lower case, of the connections that the workflow's `$connections` names. */
  readonly connectionIds: readonly string[];
  /** One per vault and way; a vault whose name cannot be told is null. */
  readonly reads: readonly WorkflowRead[];
}

type Vault = string | null;

/** Which vaults a workflow reaches, and from which addresses. */
export function readsOf(workflow: WorkflowDocument, connections: Connections): VaultReads {
  const operations = operationsOf(workflow);
  const constants = constantsOf(workflow, operations);
  const ids = connectionsOf(workflow).flatMap(({ connectionId }) => connectionId ?? []);
  return {
    connectionIds: [...new Set(ids)],
    reads: [
      ...toReads(connectorVaults(workflow, operations, constants, connections), 'connector', workflow),
      ...toReads(httpVaults(operations, constants), 'http', workflow),
    ],
  };
}

/** A connection's vault counts though no action uses it: the next save of the workflow may. */
function connectorVaults(
  workflow: WorkflowDocument,
  operations: readonly Operation[],
  constants: Constants,
  connections: Connections,
): readonly Vault[] {
  const references = connectionsOf(workflow);
  const named = references
    .filter((reference) => isKeyVaultReference(reference, connections))
    .map(({ connectionId }) =>
      connectionId === null ? null : (connections.get(connectionId)?.vaultName ?? null),
    );
  const used = operations.filter(usesConnection).flatMap((operation): readonly Vault[] => {
    const connection = connectionOf(operation, constants, references, connections);
    if (connection.kind === 'key-vault') return [connection.vaultName];
    return connection.kind === 'unknown' && looksLikeConnectorSecret(operation, constants) ? [null] : [];
  });
  return [...named, ...used];
}

/** Whatever the method: a write needs a way through the firewall as a read does. */
function httpVaults(operations: readonly Operation[], constants: Constants): readonly Vault[] {
  return operations.flatMap((operation): readonly Vault[] => {
    const call = httpVaultCallOf(operation, constants);
    return call === null || call.by === 'proxy' ? [] : [call.vaultName];
  });
}

function toReads(
  vaults: readonly Vault[],
  via: ReadVia,
  workflow: WorkflowDocument,
): readonly WorkflowRead[] {
  if (vaults.length === 0) return [];
  // The connector's calls come from other addresses than the workflow's own.
  const addresses = outgoingAddressesOf(workflow, via === 'connector' ? 'connector' : 'workflow');
  return [...new Set(vaults)].map((vaultName) => ({ vaultName, via, addresses }));
}

function outgoingAddressesOf(workflow: WorkflowDocument, part: 'connector' | 'workflow'): readonly string[] {
  const endpoints = getIgnoringCase(getIgnoringCase(propertiesOf(workflow), 'endpointsConfiguration'), part);
  const entries = getIgnoringCase(endpoints, 'outgoingIpAddresses');
  if (!Array.isArray(entries)) return [];
  const addresses = (entries as readonly Json[]).flatMap((entry) => {
    const address = getIgnoringCase(entry, 'address');
    return typeof address === 'string' && address.trim() !== '' ? [address.trim()] : [];
  });
  return [...new Set(addresses)];
}
