import type {
  ConnectionFacts,
  KnownGoodFirewall,
  OwnedRule,
  RecentCaller,
  RunCount,
  SecretExposure,
  TemporaryRule,
  VaultSurroundings,
  WorkflowReads,
  VaultReader,
} from '../types/observation.js';
import type { AuditRecord, RecordOutcome, Actor, Trigger } from '../types/record.js';
import type { RemediatorId } from '../types/remediator-id.js';
import type { JsonObject } from '../types/json.js';
import type { Finding } from '../remediators/remediator.js';
import type { ResourceId } from '../types/resource-id.js';
import type { Scope } from '../types/scope.js';
import type { ArmError } from './arm-error.js';

export type { Scope };

/*
 * What the engine needs from the world, in the engine's words. `azure/` and `state/` implement these; `app.ts`
 * hands them over. What only reads is a port of its own, so that a reader cannot write.
 */

// ── Azure ────────────────────────────────────────────────────────────────────────────────────────────────────

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

/** Who called a vault, by its audit log; null where the log cannot be asked. */
export interface CallerLog {
  callersOf(vault: ResourceId, signal?: AbortSignal): Promise<readonly RecentCaller[] | null>;
}

/** The ids under which ARM names this app as the author of a write (object id, client id), in lower case. */
export type OwnIdentity = () => Promise<ReadonlySet<string>>;

// ── State ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface AuditQuery {
  readonly resourceId?: string | undefined;
  readonly remediator?: RemediatorId | undefined;
  readonly outcome?: RecordOutcome | undefined;
  readonly correlationId?: string | undefined;
  /** RFC 3339; records of this time and later. */
  readonly since?: string | undefined;
  /** RFC 3339; records of this time and earlier. */
  readonly until?: string | undefined;
  /** 1 to 1000. */
  readonly limit: number;
  readonly continuationToken?: string | undefined;
}

export interface AuditPage {
  /** Newest first. */
  readonly records: readonly AuditRecord[];
  /** Opaque and safe in a query string; null on the last page. */
  readonly continuationToken: string | null;
}

/** A continuation token that this log did not give. */
export class InvalidContinuationTokenError extends Error {
  override readonly name = 'InvalidContinuationTokenError';
}

/** What the intent remembers beside the record, so that a crash before the outcome can be settled. */
export interface WriteEvidence {
  /** SHA-256 (hex) of the document as it was to be after the write, in canonical form. */
  readonly digest: string;
  /** When ARM says that the document it was planned from had been changed: an earlier version is not this write's. */
  readonly basedOn?: string | null;
  /** How late it was at least, by ARM's clock, when it was sent: what ARM says was written before is not this write. */
  readonly sentAt?: string | null;
  /** The version of the workflow that it was planned from. */
  readonly version?: string | null;
  /**
   * Under which ids ARM names whoever sent it, in lower case, where that is a person on the command line; absent where
   * it is the app.
   */
  readonly by?: readonly string[];
  /** The state that it gives the workflow, e.g. `Enabled`: somebody may switch it without saving a version. */
  readonly state?: string | null;
}

export interface PendingRecord {
  readonly record: AuditRecord;
  readonly evidence: WriteEvidence | null;
}

export interface AuditLog {
  /** Writes records of one write, each for the first time or over its earlier state (same `id` and `time`). */
  write(records: readonly AuditRecord[], evidence?: WriteEvidence): Promise<void>;
  query(query: AuditQuery): Promise<AuditPage>;
  /** The record of this id; null where there is none. */
  find(id: string): Promise<AuditRecord | null>;
  /** What the intent of a record remembered beside it; null where it has none. */
  evidenceOf(record: Pick<AuditRecord, 'id' | 'time'>): Promise<WriteEvidence | null>;
  /** Every record still `pending` whose time is before `olderThan`. */
  pending(olderThan: Date): Promise<readonly PendingRecord[]>;
}

/** What Holdfast remembers of one resource. Read and written under that resource's lease. */
export interface ResourceMemory {
  readonly ownedRules: readonly OwnedRule[];
  /** The rules that were put in for a while. */
  readonly temporaryRules: readonly TemporaryRule[];
  readonly knownGood: KnownGoodFirewall | null;
  /**
   * What stands in the audit log of this resource, so that the same plan, refusal, failure or exemption of the same
   * drift is recorded once. `record-memory.ts` knows the keys.
   */
  readonly recorded: Readonly<Record<string, string>>;
  /** When ARM says that Holdfast's last write was made; a read that shows an earlier state is stale. */
  readonly lastWriteAt: string | null;
  /** The write id of that write; absent where an older code has remembered it. */
  readonly lastWriteId?: string;
  /** What belongs to the vault but does not stand in it, as read last; null where it never was. */
  readonly surroundings: RememberedSurroundings | null;
  /** The values of foreign rules that came in while the vault stood open. */
  readonly arrivedOpen: readonly string[];
  /** The workflow's actions that have stood open. */
  readonly exposures: readonly SecretExposure[];
  /** The edits that were applied lately, and those that somebody else keeps reverting. */
  readonly editHistory: readonly EditHistory[];
}

/** What became of one edit. */
export interface EditHistory {
  /** A digest of what it does and where: `contested.ts`. */
  readonly edit: string;
  /** When it was applied, oldest first; RFC 3339, UTC. */
  readonly appliedAt: readonly string[];
  /** Who caused the look at which it had to be made again; null if unknown. */
  readonly revertedBy: Actor | null;
  /** The last pause that it was put in; null where it was in none lately. */
  readonly pause: EditPause | null;
}

/** For how long an edit is left alone because somebody else keeps reverting it. */
export interface EditPause {
  /** RFC 3339, UTC. */
  readonly since: string;
  /** RFC 3339, UTC. */
  readonly until: string;
  /** The first, the second, … */
  readonly count: number;
  /** The record that says so; null before there is one. */
  readonly recordId: string | null;
}

export interface RememberedSurroundings extends VaultSurroundings {
  /** When role assignments and diagnostic settings were read; RFC 3339, UTC. */
  readonly readAt: string;
  /** Who called while the vault was open and never seen shut; null where the log was not asked or did not answer. */
  readonly recentCallers: readonly RecentCaller[] | null;
  /** When the log answered, RFC 3339, UTC; null if never. */
  readonly callersAskedAt: string | null;
}

export const NO_MEMORY: ResourceMemory = {
  ownedRules: [],
  temporaryRules: [],
  knownGood: null,
  recorded: {},
  lastWriteAt: null,
  surroundings: null,
  arrivedOpen: [],
  exposures: [],
  editHistory: [],
};

export interface Memory {
  /** `NO_MEMORY` where there is none. A row of a newer version than the code knows throws `NewerVersionError`. */
  read(id: ResourceId): Promise<ResourceMemory>;
  /** The same, and when it was written, by the clock of whoever did; null where nobody has, or nobody knows. */
  readDated(id: ResourceId): Promise<{ readonly memory: ResourceMemory; readonly writtenAt: Date | null }>;
  write(id: ResourceId, memory: ResourceMemory): Promise<void>;
}

/** A stored row or message whose `v` is newer than this code: it is left alone. */
export class NewerVersionError extends Error {
  override readonly name = 'NewerVersionError';
}

/** A stored row that something else than Holdfast has changed: it says which, and what to do. */
export class DamagedRowError extends Error {
  override readonly name = 'DamagedRowError';
}

/** Who reads which vault: learned by sweeps and from workflow and connection events. */
export interface ReaderIndex {
  readersOf(vaultName: string): Promise<readonly VaultReader[]>;
  /** Ids of workflows with a read whose vault cannot be told. */
  unresolvedReaders(): Promise<readonly string[]>;
  workflow(workflowId: ResourceId): Promise<WorkflowReads | null>;
  /** The workflow whose key has this hash (SHA-256, hex). */
  workflowAt(hash: string): Promise<WorkflowReads | null>;
  /** The ids of every workflow and connection in the index, as they are read. */
  knownIds(): AsyncIterable<string>;
  /** Ids of the workflows whose `$connections` name this connection. */
  workflowsOn(connectionId: ResourceId): Promise<readonly string[]>;
  /** Ids of the workflows that hand this one a secret. */
  handersTo(workflowId: ResourceId): Promise<readonly string[]>;
  /** Ids of the workflows that call this one, and so get what it gives back. */
  callersOf(workflowId: ResourceId): Promise<readonly string[]>;
  /** Replaces all that is known of the workflow. */
  saveWorkflow(workflowId: ResourceId, reads: WorkflowReads): Promise<void>;
  /** Forgets a workflow that answered 404. */
  forgetWorkflow(workflowId: ResourceId): Promise<void>;

  /** By id in lower case; an id not in the map has not been seen. */
  connections(ids: readonly string[]): Promise<ReadonlyMap<string, ConnectionFacts>>;
  /** The connection whose key has this hash (SHA-256, hex): its id, in lower case, and what is known of it. */
  connectionAt(hash: string): Promise<{ readonly id: string; readonly facts: ConnectionFacts } | null>;
  saveConnection(id: ResourceId, facts: ConnectionFacts): Promise<void>;

  /** The vault's resource id, by its name (names are unique in a cloud); null where no vault of it was seen. */
  vaultId(name: string): Promise<ResourceId | null>;
  saveVault(id: ResourceId): Promise<void>;

  /** What is known of the lists of each of these scopes' connections and workflows, in the scopes' order. */
  learned(scopes: readonly Scope[]): Promise<readonly Learned[]>;
  /** Remembers that all of a scope was read without a gap, or that it was tried and could not be. */
  noteLearned(scope: Scope, learned: Learned): Promise<void>;
}

/** When a scope's connections and workflows were last read; null if never. */
export interface Learned {
  /** The whole of them, without a gap. */
  readonly at: Date | null;
  /** When that was last tried in vain; null where it has succeeded since. */
  readonly failedAt: Date | null;
}

/** How a resource stands with one remediator. */
export type Standing = 'compliant' | 'drifted' | 'exempt' | 'refused';

/** A finding that stands open now. */
export interface OpenFinding extends Finding {
  /** The same for as long as it stands open, and again when it comes back. */
  readonly id: string;
  readonly remediator: RemediatorId | null;
  /** When it was first seen, RFC 3339, UTC. */
  readonly since: string;
}

/** That somebody has looked at a finding and takes responsibility for it. */
export interface Acceptance {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly reason: string;
  /** How bad it was then: what has become worse nobody has accepted. */
  readonly severity: Finding['severity'];
}

/** How one resource stands: the source of `GET /api/findings` and `GET /api/posture`. */
export interface ResourceStanding {
  readonly resourceId: string;
  readonly remediators: Readonly<Partial<Record<RemediatorId, Standing>>>;
  readonly findings: readonly OpenFinding[];
  /** By the finding's id. */
  readonly accepted: Readonly<Record<string, Acceptance>>;
}

export interface StandingsPage {
  /** May be fewer than asked for, with more to come. */
  readonly standings: readonly ResourceStanding[];
  /** Null on the last page. */
  readonly continuationToken: string | null;
}

export interface Standings {
  read(id: ResourceId): Promise<ResourceStanding | null>;
  /** How the resource stands whose key has this hash (SHA-256, hex). */
  readAt(hash: string): Promise<ResourceStanding | null>;
  /** How every resource stands, as it is read. */
  each(): AsyncIterable<ResourceStanding>;
  /** Some of them, in the order of the hashes of their keys. Throws `InvalidContinuationTokenError`. */
  page(limit: number, continuationToken: string | null): Promise<StandingsPage>;
  /** Every resource's standing, by key. */
  readAll(): Promise<ReadonlyMap<string, ResourceStanding>>;
  write(id: ResourceId, standing: ResourceStanding): Promise<void>;
  /** Forgets a resource that is gone. */
  forget(id: ResourceId): Promise<void>;
}

/** One holder at a time per resource, over all instances. */
export interface Leases {
  /**
   * Runs `work` while holding the resource's lease; `busy` without running it where somebody else holds it.
   * The lease lasts 60 seconds; the signal given to `work` aborts before that, so that nobody writes without it.
   */
  withLease<T>(
    id: ResourceId,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ readonly kind: 'done'; readonly value: T } | { readonly kind: 'busy' }>;
  /** The same for work that lasts: the lease is renewed until the work ends; the signal aborts where it is lost. */
  whileHeld<T>(
    name: string,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ readonly kind: 'done'; readonly value: T } | { readonly kind: 'busy' }>;
}

/** Of which resources something was remembered outside a sweep: what the next one must not pass over. */
export interface Touched {
  /** To be called before what is remembered is written: a crash in between costs one consideration too many. */
  mark(id: ResourceId): Promise<void>;
  /** As they are read. */
  of(subscriptionId: string): AsyncIterable<TouchedResource>;
  /** Forgets the mark, unless it was made anew since. */
  clear(touched: TouchedResource): Promise<void>;
}

export interface TouchedResource {
  readonly id: ResourceId;
  /** By the clock of whoever marked it. */
  readonly at: Date;
  /** What `clear` knows the mark by. */
  readonly etag: string;
}

/** How far the sweep of a subscription has come, and what it knows of each resource. Under that sweep's lease. */
export interface SweepStore {
  /** Throws `NewerVersionError`. */
  readProgress(subscriptionId: string): Promise<Stored<SweepProgress> | null>;
  /** Throws {@link OutrunError} where the stored one is not that of `etag` (null: there is none) any more. */
  writeProgress(subscriptionId: string, progress: SweepProgress, etag: string | null): Promise<string>;
  readSnapshot(subscriptionId: string): Promise<Stored<Buffer> | null>;
  /** Throws {@link OutrunError}. */
  writeSnapshot(subscriptionId: string, bytes: Buffer, etag: string | null): Promise<string>;
}

export interface Stored<T> {
  readonly value: T;
  readonly etag: string;
}

/** Somebody else has written what was to be written over: whoever meets this has lost its lease. */
export class OutrunError extends Error {
  override readonly name = 'OutrunError';
}

/** The parts of a subscription's sweep, in their order. */
export const SWEEP_PHASES = [
  'connections',
  'workflows',
  'unlisted',
  'vaults',
  'deleted',
  'moves',
  'gone',
] as const;
export type SweepPhase = (typeof SWEEP_PHASES)[number];

export interface SweepProgress {
  /** Of the run: of all subscriptions that are swept at one time. */
  readonly correlationId: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  /** When this was stored. */
  readonly notedAt: string;
  /** The run's number in the snapshot. */
  readonly run: number;
  /** `over` where there is nothing left to do. */
  readonly phase: SweepPhase | 'over';
  /** Which of the subscription's scopes is being listed, and where the list goes on; null at its beginning. */
  readonly scope: number;
  readonly link: string | null;
  /** Tells the scopes from those of other settings. */
  readonly scopes: string;
  readonly queued: number;
  /** The workflows whose runs were counted, and the vaults whose surroundings were read. */
  readonly counted: number;
  readonly refreshed: number;
  /** What was not seen, and why: the first of them, and how many there are. */
  readonly problems: readonly string[];
  readonly problemCount: number;
  /** Of which of the subscription's scopes not all connections and workflows could be listed. */
  readonly gaps: readonly number[];
  /** Since when the vaults have been waiting for other subscriptions; null where they have not. RFC 3339. */
  readonly waitingSince: string | null;
  /** Whether Azure lists the subscription's connections by resource group alone; false where that is not known. */
  readonly byGroup: boolean;
  /** The correlation ids of the runs that were over before this one, the last first; absent where none is known. */
  readonly over?: readonly string[];
}

/** A request to sweep one subscription, as a part of a run. */
export interface SweepMessage {
  readonly v: 2;
  readonly kind: 'sweep';
  readonly subscriptionId: string;
  readonly correlationId: string;
  /** When the run began, RFC 3339. */
  readonly startedAt: string;
  /** How often it has gone on without having come any further. */
  readonly attempt: number;
  /** How often in a row it has found somebody else at it; absent for never. */
  readonly waits?: number | undefined;
}

/** What a change counts towards: one run of the sweep, or the last hour's events. */
export type ChangeWindow =
  { readonly kind: 'sweep'; readonly correlationId: string } | { readonly kind: 'hour' };

/** One change's place in what HOLDFAST_MAX_CHANGES allows. */
export interface ReservedPlace {
  readonly window: ChangeWindow;
  /** The minute since 1970 that it counts in; 0 in a sweep. */
  readonly minute: number;
}

/** Counts what Holdfast changes by itself, exactly and over all instances. */
export interface ChangeCounter {
  /** Reads what is counted, so that `take` need only write. */
  prepare(window: ChangeWindow): Promise<void>;
  /** Counts one change, unless `limit` are counted already. Throws where the storage account cannot say. */
  take(
    window: ChangeWindow,
    limit: number,
  ): Promise<
    | { readonly kind: 'granted'; readonly place: ReservedPlace }
    | { readonly kind: 'denied'; readonly made: number }
  >;
  /** Takes the count back of a change that was certainly not made. */
  giveBack(place: ReservedPlace): Promise<void>;
}

/** How many resources the last complete sweep saw, by subscription. */
export interface SweepTotals {
  /** By subscription id in lower case; one that was never swept completely is not in it. May be a minute old. */
  read(): Promise<ReadonlyMap<string, number>>;
  /** When each of them was last swept completely. */
  completedAt(): Promise<ReadonlyMap<string, Date>>;
  save(subscriptionId: string, resources: number): Promise<void>;
}

/** A request to look at one resource. It says where to look, not what to do. */
export interface ReconcileMessage {
  readonly v: 1;
  readonly resourceId: string;
  readonly correlationId: string;
  readonly trigger: Trigger;
  readonly actor: Actor | null;
  /** Null means all. */
  readonly remediators: readonly RemediatorId[] | null;
  readonly askedForByName: boolean;
  /** Absent is false. */
  readonly isOfSurroundings?: boolean | undefined;
  /** How often it has been tried and failed in a way that may pass. */
  readonly attempt: number;
  /** How often in a row it was put off for what is no failure of the resource. Absent is never. */
  readonly deferrals?: number | undefined;
  /** The W3C trace context of what queued it; absent where nobody traces. */
  readonly traceParent?: string | undefined;
}

export interface ReconcileQueue {
  send(message: ReconcileMessage | SweepMessage, delayMs: number): Promise<void>;
  /** Puts a message where the Functions host puts those it gave up on, and says why it was given up. */
  poison(message: ReconcileMessage, why: string): Promise<void>;
}

/** Where dead letters come from: what Event Grid could not deliver, and what was given up after it was delivered. */
export const DEAD_LETTER_SOURCES = ['given-up', 'undelivered'] as const;
export type DeadLetterSource = (typeof DEAD_LETTER_SOURCES)[number];

/** Where a dead letter lies. */
export interface DeadLetterPlace {
  readonly source: DeadLetterSource;
  readonly name: string;
}

export interface ListedDeadLetter extends DeadLetterPlace {
  /** When it was put there, by the storage account's clock. */
  readonly storedAt: Date;
}

export interface DeadLetterPage {
  readonly letters: readonly ListedDeadLetter[];
  readonly continuationToken: string | null;
}

export type DeadLetterText =
  | { readonly kind: 'text'; readonly text: string; readonly etag: string }
  | { readonly kind: 'gone' }
  /** It is there, and nobody can read it as it is; `why` is a sentence. */
  | { readonly kind: 'unreadable'; readonly why: string };

export interface DeadLetters {
  /** Takes what was given up from its queue to where it can be listed. To be called before the others. */
  gather(): Promise<void>;
  /** Throws `InvalidContinuationTokenError`. */
  page(limit: number, continuationToken: string | null): Promise<DeadLetterPage>;
  read(place: DeadLetterPlace): Promise<DeadLetterText>;
  /** One that has gone, or is not as it was read any more, is left as it is. */
  remove(place: DeadLetterPlace, etag: string): Promise<void>;
}

// ── Health ───────────────────────────────────────────────────────────────────────────────────────────────────

export const STORAGE_SERVICES = ['tables', 'queues', 'blobs'] as const;
export type StorageService = (typeof STORAGE_SERVICES)[number];

/** Whether a service of the storage account can be read and written: null, or what is wrong, as a sentence. */
export type StorageProbe = (service: StorageService) => Promise<string | null>;

/** What of a scope cannot be listed, kind by kind; a few small requests. Rejects with nothing but `ArmError`s. */
export type ScopeProbe = (scope: Scope, signal: AbortSignal) => Promise<readonly ArmError[]>;

export interface Backlog {
  /** Messages on the queue `reconcile`, those that are to be seen later among them; about that many. */
  readonly queued: number;
  /** When the message that can be seen first was put there; null where none can be seen. */
  readonly oldestAt: Date | null;
  /** Messages on its poison queue, about that many. */
  readonly poison: number;
  /** Dead letters beside those; counted no further than some thousands. */
  readonly deadLetters: number;
}

export type ReadBacklog = () => Promise<Backlog>;

/** What waits to be brought to one of the places where records go beside the audit log, and how that place has fared. */
export interface DeliveryBacklog {
  readonly target: string;
  /** How many records wait for it; `isMore`: at least so many. */
  readonly waiting: number;
  readonly isMore: boolean;
  /** Since when the one that has waited longest does, also where it waits on purpose; null where none does. */
  readonly oldestAt: Date | null;
  /** How often in a row it has failed. */
  readonly failures: number;
  /** Since when; null where it has not failed, or nobody has noted it. */
  readonly failingSince: Date | null;
  /** What it said last, in our words and without a secret; null where it has not failed. */
  readonly lastError: string | null;
  /** When it is asked again; null where that is at once. */
  readonly nextTry: Date | null;
  /** How many records were put aside in the last day, because it will never take them; a thousand at most. */
  readonly setAside: number;
}

export type ReadDeliveries = () => Promise<readonly DeliveryBacklog[]>;
