import type { Json, JsonObject } from './json.js';
import type { ResourceId } from './resource-id.js';

/** A vault as ARM returned it (api-version 2026-02-01), unknown keys included. */
export type VaultDocument = JsonObject;

/** A workflow as ARM returned it (api-version 2019-05-01), unknown keys included. */
export type WorkflowDocument = JsonObject;

/** How a workflow reaches a vault, which decides the addresses it comes from (FACTS: connector or runtime). */
export type ReadVia = 'connector' | 'http';

/**
 * One permission of a vault's data plane, as an access policy spells it, in lower case: `secrets/get`.
 * https://learn.microsoft.com/azure/key-vault/general/assign-access-policy
 */
export type VaultPermission = `${'keys' | 'secrets' | 'certificates' | 'storage'}/${string}`;

/** As whom a workflow's calls reach a vault. */
export type SignIn =
  /** `principalId` is the identity's object id in lower case; null where the workflow has no such identity. */
  | {
      readonly kind: 'managed-identity';
      readonly principalId: string | null;
      /** The resource id of a user-assigned identity, in lower case; null for the workflow's own. */
      readonly userAssignedId: string | null;
    }
  /** With credentials that the connection or the action keeps: a user's consent, an app's secret. */
  | { readonly kind: 'user' | 'application' }
  | { readonly kind: 'unknown' };

/** A Logic App in scope that reads a vault, and the addresses its calls come from. */
export interface VaultReader {
  readonly workflowId: string;
  readonly via: ReadVia;
  readonly signIn: SignIn;
  /** What its definition does with the vault; sorted, each once. */
  readonly uses: readonly VaultPermission[];
  /** It also calls the vault in a way whose permission cannot be told. */
  readonly hasUnknownUse: boolean;
  /** False where the workflow is disabled. */
  readonly isEnabled: boolean;
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

/** An IP rule that somebody had put in for a while, and that goes when the time is up. */
export interface TemporaryRule {
  /** As the vault has it, e.g. `203.0.113.7/32`. */
  readonly value: string;
  /** RFC 3339, UTC. */
  readonly until: string;
  /** RFC 3339, UTC. */
  readonly addedAt: string;
  /** Who, for people; null if unknown. */
  readonly by: string | null;
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

/** A role assignment that holds at a vault: made there, or above it and inherited. */
export interface RoleAssignment {
  readonly id: string;
  /** The id of the vault, its resource group, subscription or management group, in lower case. */
  readonly scope: string;
  /** In lower case. */
  readonly principalId: string;
  /** `ServicePrincipal`, `User`, `Group`, …; null where ARM does not say. */
  readonly principalType: string | null;
  /** The GUID at the end of the role definition's id, in lower case. */
  readonly roleId: string;
  /** A condition (ABAC) may make it hold less than its role says. */
  readonly hasCondition: boolean;
}

/** What belongs to a vault but does not stand in it; null where it has not been read yet. */
export interface VaultSurroundings {
  readonly roleAssignments: readonly RoleAssignment[] | null;
  /** The diagnostic settings as ARM returned them. */
  readonly diagnosticSettings: readonly JsonObject[] | null;
  /** What Azure does not let Holdfast read. */
  readonly hidden: readonly ('roleAssignments' | 'diagnosticSettings')[];
}

/** Whom a vault's audit log has seen, and from where. */
export interface RecentCaller {
  /** As the log has it: an IPv4 or IPv6 address. */
  readonly address: string;
  /** The object id, app id or user name that called; null where the log does not say. */
  readonly caller: string | null;
  readonly calls: number;
  /** RFC 3339. */
  readonly lastSeen: string;
}

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
  /** The rules that were put in for a while, and whose time is up. */
  readonly overdueRules: readonly TemporaryRule[];
  readonly knownGood: KnownGoodFirewall | null;
  readonly addressUpkeep: AddressUpkeep;
  /** The values of foreign rules that came in while the vault stood open and are still there. */
  readonly arrivedOpen: readonly string[];
  readonly surroundings: VaultSurroundings;
  /** Object ids, in lower case, whose permissions are not Holdfast's business. */
  readonly keepPrincipals: ReadonlySet<string>;
  /** The resource id of the Log Analytics workspace that audit events belong into; null where none is set. */
  readonly logWorkspace: string | null;
  /** Who called during the last 30 days; null where that was not asked, or the log did not answer. */
  readonly recentCallers: readonly RecentCaller[] | null;
}

/** A vault in scope that was deleted and can be recovered until it is purged. */
export interface DeletedVaultObservation {
  readonly kind: 'deleted-vault';
  readonly id: ResourceId;
  /** As `deletedVaults` returned it: `properties` has `vaultId`, `location`, `deletionDate`, `scheduledPurgeDate`. */
  readonly deletedVault: JsonObject;
}

/** What is known of a connection resource. */
export interface ConnectionFacts {
  /** `properties.api.id`, e.g. `/subscriptions/…/managedApis/keyvault`; null where the resource does not say. */
  readonly apiId: string | null;
  /** The vault it is for, by name; null where the resource does not say. */
  readonly vaultName: string | null;
  /** As whom it signs in; absent in what was stored before this was told. */
  readonly signIn?: ConnectionSignIn;
}

/** `managed-identity` is that of the workflow that uses the connection. */
export type ConnectionSignIn = 'managed-identity' | 'user' | 'application' | 'unknown';

/** One vault that a workflow reads, and the addresses those reads come from. */
export interface WorkflowRead extends Pick<
  VaultReader,
  'via' | 'signIn' | 'uses' | 'hasUnknownUse' | 'addresses'
> {
  /** In lower case; null where it cannot be told which vault. */
  readonly vaultName: string | null;
}

/** Everything known of what one workflow reads. */
export interface WorkflowReads {
  readonly workflowId: string;
  /** Ids, in lower case, of the connections that its `$connections` names. */
  readonly connectionIds: readonly string[];
  readonly reads: readonly WorkflowRead[];
  readonly isEnabled: boolean;
  /** A Response of it gives a secret to whoever calls it. */
  readonly returnsSecret: boolean;
  /** Ids, in lower case, of the workflows that it hands a secret to. */
  readonly handsSecretTo: readonly string[];
  /** Ids, in lower case, of the workflows that it calls. */
  readonly calls: readonly string[];
  /** False once a complete sweep did not list it. */
  readonly listed: boolean;
}

/** What secrets pass between a workflow and others in scope. */
export interface FlowBetween {
  /** Ids, in lower case, of the workflows whose Response gives back a secret. */
  readonly returnsSecret: ReadonlySet<string>;
  /** A caller hands this workflow a secret through its trigger. */
  readonly receivesSecret: boolean;
}

/** An action that has stood open: what it returned stands in the run history. */
export interface SecretExposure {
  /** The action's name. */
  readonly action: string;
  /** JSON pointer from the resource's root, as the action stood there. */
  readonly pointer: string;
  /** In lower case; null where it cannot be told. */
  readonly vaultName: string | null;
  readonly secretName: string | null;
  /** Since when at the latest it has been open, RFC 3339. */
  readonly openSince: string;
  /** When it was seen shut again, RFC 3339; null while it is open. */
  readonly repairedAt: string | null;
  /** The runs that may hold it; null where they have not been counted. No run's content is ever read. */
  readonly runs: RunCount | null;
}

export interface RunCount {
  readonly count: number;
  /** There are more than were counted. */
  readonly isAtLeast: boolean;
  /** RFC 3339; null where there is none. */
  readonly first: string | null;
}

export interface WorkflowObservation {
  readonly kind: 'workflow';
  readonly id: ResourceId;
  readonly workflow: WorkflowDocument;
  /** By the connection's id in lower case. One that is not in it has not been read. */
  readonly connections: ReadonlyMap<string, ConnectionFacts>;
  /** True where a person asked for this workflow by name, over HTTP or the command line. */
  readonly askedForByName: boolean;
  /**
   * The document is a file that the workflow is deployed from: to edit it writes nothing to Azure, so that nothing is lost
   * by it, and nothing runs.
   */
  readonly isSource?: true;
  readonly flowBetween: FlowBetween;
  /** What has stood open before, as remembered. */
  readonly exposures: readonly SecretExposure[];
  /** By the id, in lower case, of a connection that the workflow names: the one that is to take its place. */
  readonly successors: ReadonlyMap<string, Successor>;
}

/** A Key Vault connection that signs in with the managed identity, beside one that does not. */
export interface Successor {
  /** As ARM spells it. */
  readonly connectionId: string;
  readonly connectionName: string;
  /** Whether the workflow's identity may read the vault that it is for. */
  readonly mayRead: MayRead;
}

/** Whether an identity may read the secrets of the vault that a connection is for; unknown where it cannot be told. */
export type MayRead = 'yes' | 'no' | 'unknown';

/** A workflow that names a connection. */
export interface ConnectionUser {
  readonly workflowId: string;
  /** Keys of `$connections` that name the connection. */
  readonly keys: readonly string[];
  /** The identity that it would read the vault as; null where it has none. */
  readonly identity: Extract<SignIn, { kind: 'managed-identity' }> | null;
  readonly mayRead: MayRead;
  /** Why the workflow cannot be written; empty where it can. */
  readonly obstacles: readonly string[];
}

export interface ConnectionObservation {
  readonly kind: 'connection';
  readonly id: ResourceId;
  /** As ARM returned it (api-version 2016-06-01). */
  readonly connection: JsonObject;
  readonly users: readonly ConnectionUser[];
  /** The connection beside it that signs in with the managed identity; null where there is none. */
  readonly successor: JsonObject | null;
}

export type Observation =
  VaultObservation | DeletedVaultObservation | WorkflowObservation | ConnectionObservation;

export function propertiesOf(document: JsonObject): JsonObject {
  const properties: Json | undefined = document.properties;
  return typeof properties === 'object' && properties !== null && !Array.isArray(properties)
    ? (properties as JsonObject)
    : {};
}
