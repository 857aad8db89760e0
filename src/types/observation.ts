import type { Json, JsonObject } from './json.js';
import type { ResourceId } from './resource-id.js';

/** A vault as ARM returned it (api-version 2026-02-01), unknown keys included. */
export type VaultDocument = JsonObject;

/** A workflow as ARM returned it (api-version 2019-05-01), unknown keys included. */
export type WorkflowDocument = JsonObject;

/** How a workflow reaches a vault, which decides the addresses it comes from (FACTS: connector or runtime). */
export type ReadVia = 'connector' | 'http';

/** A Logic App in scope that reads a vault, and the addresses its calls come from. */
export interface VaultReader {
  readonly workflowId: string;
  readonly via: ReadVia;
  /** As `endpointsConfiguration` has them: single addresses, CIDR blocks or `from-to` ranges. */
  readonly addresses: readonly string[];
  /**
   * False where the last sweep did not list the workflow. That proves nothing (a list leaves out what the
   * identity may not see), so its addresses still count; only their age does not stop.
   */
  readonly listed: boolean;
}

/** An IP rule that Holdfast added to a vault and may therefore take out again. */
export interface OwnedRule {
  /** As the vault has it, e.g. `13.69.64.208/28`. */
  readonly value: string;
  /** The ids of the workflows it was added for. */
  readonly workflowIds: readonly string[];
  /** RFC 3339, UTC. */
  readonly addedAt: string;
  /** Since when no listed workflow has needed it; null while one does. RFC 3339, UTC. */
  readonly unneededSince: string | null;
}

/** A vault's firewall as it was when it was last seen shut. */
export interface KnownGoodFirewall {
  /** RFC 3339, UTC. */
  readonly seenAt: string;
  /** The whole `networkAcls` object as ARM returned it. */
  readonly networkAcls: JsonObject;
}

/** Whether `vault-logic-app-ips` will write the needed addresses in the same write. */
export type AddressUpkeep = { readonly kind: 'enforced' } | { readonly kind: 'absent'; readonly why: string };

export interface VaultObservation {
  readonly kind: 'vault';
  readonly id: ResourceId;
  readonly vault: VaultDocument;
  readonly readers: readonly VaultReader[];
  /** Ids of workflows in scope that use a Key Vault connection or HTTP call whose vault cannot be told. */
  readonly unresolvedReaders: readonly string[];
  readonly ownedRules: readonly OwnedRule[];
  /**
   * The values of owned rules that may go: unneeded for longer than the setting says, and a read of each
   * workflow they were for answered 404 or showed that it no longer needs them.
   */
  readonly releasedRules: readonly string[];
  readonly knownGood: KnownGoodFirewall | null;
  readonly addressUpkeep: AddressUpkeep;
}

/** What is known of a connection resource. */
export interface ConnectionFacts {
  /** `properties.api.id`, e.g. `/subscriptions/…/managedApis/keyvault`; null where the resource does not say. */
  readonly apiId: string | null;
  /** The vault it is for, by name; null where the resource does not say. */
  readonly vaultName: string | null;
}

/** One vault that a workflow reads, and the addresses those reads come from. */
export interface WorkflowRead {
  /** In lower case; null where it cannot be told which vault. */
  readonly vaultName: string | null;
  readonly via: ReadVia;
  readonly addresses: readonly string[];
}

/** Everything known of what one workflow reads. */
export interface WorkflowReads {
  readonly workflowId: string;
  /** Ids, in lower case, of the connections that its `$connections` names. */
  readonly connectionIds: readonly string[];
  readonly reads: readonly WorkflowRead[];
  /** False once a complete sweep did not list it. */
  readonly listed: boolean;
}

export interface WorkflowObservation {
  readonly kind: 'workflow';
  readonly id: ResourceId;
  readonly workflow: WorkflowDocument;
  /** By the connection's id in lower case. One that is not in it has not been read. */
  readonly connections: ReadonlyMap<string, ConnectionFacts>;
  /** True where a person asked for this workflow by name, over HTTP or the command line. */
  readonly askedForByName: boolean;
}

export type Observation = VaultObservation | WorkflowObservation;

/** The document that an observation's edits are about. */
export function documentOf(observation: Observation): JsonObject {
  return observation.kind === 'vault' ? observation.vault : observation.workflow;
}

export function propertiesOf(document: JsonObject): JsonObject {
  const properties: Json | undefined = document.properties;
  return typeof properties === 'object' && properties !== null && !Array.isArray(properties)
    ? (properties as JsonObject)
    : {};
}
