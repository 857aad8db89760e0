import { getIgnoringCase, type Json } from '../types/json.js';
import {
  propertiesOf,
  type ReadVia,
  type WorkflowDocument,
  type WorkflowRead,
} from '../types/observation.js';
import type { Connections } from './connections.js';
import { readingOf } from './reading.js';
import {
  callsThroughProxy,
  connectorAccesses,
  httpAccesses,
  type AccessContext,
  type VaultAccess,
} from './vault-accesses.js';

export interface VaultReads {
  /** Ids, in lower case, of the connections that the workflow's `$connections` names. */
  readonly connectionIds: readonly string[];
  /** One per vault, way and sign-in; a vault whose name cannot be told is null. */
  readonly reads: readonly WorkflowRead[];
}

/** Which vaults a workflow reaches, as whom, what it does with them, and from which addresses. */
export function readsOf(workflow: WorkflowDocument, connections: Connections): VaultReads {
  const { operations, constants, connectionEntries } = readingOf(workflow);
  const ids = connectionEntries.flatMap(({ connectionId }) => connectionId ?? []);
  const context: AccessContext = { workflow, operations, constants, connections };
  const isProxied = callsThroughProxy(context);
  return {
    connectionIds: [...new Set(ids)],
    reads: [
      ...toReads(connectorAccesses(context), 'connector', workflow),
      ...toReads(httpAccesses(context), 'http', workflow),
    ].map((read) => (isProxied ? { ...read, hasUnknownUse: true } : read)),
  };
}

function toReads(
  accesses: readonly VaultAccess[],
  via: ReadVia,
  workflow: WorkflowDocument,
): readonly WorkflowRead[] {
  if (accesses.length === 0) return [];
  // The connector's calls come from other addresses than the workflow's own.
  const addresses = outgoingAddressesOf(workflow, via === 'connector' ? 'connector' : 'workflow');
  const groups = new Map<string, VaultAccess[]>();
  for (const access of accesses) {
    const name = `${access.vaultName ?? ''} ${JSON.stringify(access.signIn)}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [access]);
    else group.push(access);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const uses = [...new Set(group.flatMap((access) => access.uses))].sort();
    const hasUnknownUse = group.some((access) => access.hasUnknownUse);
    return [{ vaultName: first.vaultName, via, signIn: first.signIn, uses, hasUnknownUse, addresses }];
  });
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
