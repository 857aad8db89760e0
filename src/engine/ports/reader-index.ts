import type { ConnectionFacts, VaultReader, WorkflowReads } from '../../types/observation.js';
import type { ResourceId } from '../../types/resource-id.js';
import type { Scope } from '../../types/scope.js';

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
