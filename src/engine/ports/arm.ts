import type { JsonObject } from '../../types/json.js';
import type { RunCount } from '../../types/observation.js';
import type { ResourceId } from '../../types/resource-id.js';
import type { Scope } from '../../types/scope.js';

/** One resource as ARM returned it: the text, because `JSON.parse` alone would lose digits and key order. */
export interface ArmDocument {
  readonly id: ResourceId;
  readonly text: string;
  readonly document: JsonObject;
}

/** One resource out of a list: enough to plan from, not to write from. */
export type ListedResource = Omit<ArmDocument, 'text'>;

/** One page of a list. Items of other kinds and without a readable id are left out. */
export interface ListedPage {
  readonly items: readonly ListedResource[];
  /** Where the list goes on, for `from`; null on the last page. */
  readonly next: string | null;
  /** Azure does not list this for a whole subscription, so that each resource group has to be asked. */
  readonly isByGroup?: true;
}

/**
 * The pages of a list, as they arrive; the next is asked for when it is wanted. `from` is where to go on; Azure may not
 * know the place any more, and then refuses.
 */
export type ListPages = (
  scope: Scope,
  signal?: AbortSignal,
  from?: string | null,
) => AsyncIterable<ListedPage>;

export interface ArmReader {
  /** Throws `ArmError`; `not-found` where there is no such resource. */
  read(id: ResourceId, signal?: AbortSignal): Promise<ArmDocument>;
  listVaults(...asked: Parameters<ListPages>): ReturnType<ListPages>;
  listWorkflows(...asked: Parameters<ListPages>): ReturnType<ListPages>;
  /** `byGroup` saves the question whether Azure lists them for a whole subscription, where it is known not to. */
  listConnections(
    scope: Scope,
    signal?: AbortSignal,
    from?: string | null,
    byGroup?: boolean,
  ): ReturnType<ListPages>;
  /** The role assignments that hold at a vault, as ARM returned them: made there, or above it. */
  listRoleAssignments(vault: ResourceId, signal?: AbortSignal): Promise<readonly JsonObject[]>;
  listDiagnosticSettings(vault: ResourceId, signal?: AbortSignal): Promise<readonly JsonObject[]>;
  /** The deleted vaults of a subscription that can still be recovered, as ARM returned them. */
  listDeletedVaults(subscriptionId: string, signal?: AbortSignal): Promise<readonly JsonObject[]>;
  /** How many runs of a workflow began in this time; no run's content is read. Counts no further than some pages. */
  countRuns(workflow: ResourceId, from: Date | null, to: Date, signal?: AbortSignal): Promise<RunCount>;
  /** The latest versions of a workflow, as ARM returned them; one page. */
  listWorkflowVersions(id: ResourceId, signal?: AbortSignal): Promise<readonly JsonObject[]>;
  /** One version, with its text. Throws `ArmError`. */
  readWorkflowVersion(id: ResourceId, version: string, signal?: AbortSignal): Promise<ArmDocument>;
}

/** What belongs to a resource and has a URL of its own. */
export type ArmPart =
  | { readonly kind: 'tags' }
  /** `accessPolicies/add`, which leaves alone whom it does not name, and whatever they hold beside. */
  | { readonly kind: 'access-policies-add' }
  | { readonly kind: 'diagnostic-setting'; readonly name: string };

/** Where a resource, or a part of it, is read and written: an absolute URL with its API version. */
export type ArmUrl = (id: ResourceId, part?: ArmPart) => string;

export interface ArmWriteResult {
  /** The resource as the write's answer has it. */
  readonly document: JsonObject;
  readonly armRequestId: string | null;
}

export interface ArmWriter {
  /**
   * Waits until Azure takes one more write in the resource's subscription, and keeps it for the next write to this
   * resource until `release`. Throws `ArmError`, `throttled`, where that would take too long.
   */
  reserve(id: ResourceId, signal: AbortSignal): Promise<void>;
  release(id: ResourceId): void;
  /** PATCH with `body`. Sent once: a write is never repeated without looking again. Throws `ArmError`. */
  patchVault(id: ResourceId, body: string, writeId: string, signal?: AbortSignal): Promise<ArmWriteResult>;
  /** PUT of the whole document. Sent once. Throws `ArmError`. */
  putWorkflow(
    id: ResourceId,
    document: string,
    writeId: string,
    signal?: AbortSignal,
  ): Promise<ArmWriteResult>;
  /** `accessPolicies/replace`: the permissions of the principals in `body` alone. Sent once. Throws `ArmError`. */
  replaceAccessPolicies(vault: ResourceId, body: string, writeId: string): Promise<ArmWriteResult>;
  putDiagnosticSetting(
    vault: ResourceId,
    name: string,
    body: string,
    writeId: string,
  ): Promise<ArmWriteResult>;
  /** PUT of a vault that was deleted, with `createMode: recover`; adds the tenant. Sent once. Throws `ArmError`. */
  recoverVault(id: ResourceId, body: string, writeId: string): Promise<ArmWriteResult>;
  /** PUT of a connection that is not there yet. Sent once. Throws `ArmError`. */
  putConnection(id: ResourceId, body: string, writeId: string): Promise<ArmWriteResult>;
}

/** The ids under which ARM names this app as the author of a write (object id, client id), in lower case. */
export type OwnIdentity = () => Promise<ReadonlySet<string>>;
