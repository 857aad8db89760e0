import type { ConnectionFacts, WorkflowReads } from '../types/observation.js';
import { tryParseResourceId } from '../types/resource-id.js';
import { readConnectionFacts } from '../workflow/connections.js';
import type { EngineDeps } from './engine-deps.js';
import { currentReads } from './note-reads.js';
import { learnConnection, namedConnectionIds } from './observe-workflow.js';
import type { ListedResource } from './ports.js';
import { digestOf } from './record-digest.js';

export type ListedWorkflow = ListedResource & { readonly connections: ReadonlyMap<string, ConnectionFacts> };

/**
 * Lists every connection and workflow in scope and brings the index of who reads which vault up to date. What a
 * list leaves out is kept, marked as not listed. Throws where a list cannot be read to its end: then the index is
 * not complete.
 */
export async function learnReaders(
  deps: EngineDeps,
  signal: AbortSignal,
  onWorkflow: (workflow: ListedWorkflow) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const startedAt = deps.now();
  const connections = await learnConnections(deps, signal);
  const known = new Map(
    (await deps.readers.workflows()).map((reads) => [reads.workflowId.toLowerCase(), reads]),
  );
  const unseen = new Map(known);
  for (const scope of deps.policy.scopes) {
    for await (const page of deps.reader.listWorkflows(scope, signal)) {
      for (const listed of page) {
        unseen.delete(listed.id.key);
        await learnMissing(deps, listed, connections, signal);
        await keep(deps, listed, connections, known.get(listed.id.key) ?? null);
        await onWorkflow({ ...listed, connections });
      }
    }
  }
  for (const reads of unseen.values()) await markUnlisted(deps, reads);
  await deps.readers.markCompleted(deps.policy.scopes, startedAt);
}

async function learnConnections(
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Map<string, ConnectionFacts>> {
  const connections = new Map(await deps.readers.allConnections());
  for (const scope of deps.policy.scopes) {
    for await (const page of deps.reader.listConnections(scope, signal)) {
      for (const { id, document } of page) {
        const facts = readConnectionFacts(document);
        if (digestOf(connections.get(id.key)) === digestOf(facts)) continue;
        await deps.readers.saveConnection(id, facts);
        connections.set(id.key, facts);
      }
    }
  }
  return connections;
}

/** A connection that no list showed is read by the id that a workflow names. */
async function learnMissing(
  deps: EngineDeps,
  workflow: ListedResource,
  connections: Map<string, ConnectionFacts>,
  signal: AbortSignal,
): Promise<void> {
  for (const id of namedConnectionIds(workflow.document)) {
    if (connections.has(id)) continue;
    const facts = await learnConnection(deps, id, signal);
    if (facts !== null) connections.set(id, facts);
  }
}

async function keep(
  deps: EngineDeps,
  workflow: ListedResource,
  connections: ReadonlyMap<string, ConnectionFacts>,
  before: WorkflowReads | null,
): Promise<void> {
  const now = currentReads(workflow.id, workflow.document, connections, before);
  if (before === null && now.reads.length === 0 && now.connectionIds.length === 0) return;
  if (digestOf(before) !== digestOf(now)) await deps.readers.saveWorkflow(workflow.id, now);
}

async function markUnlisted(deps: EngineDeps, reads: WorkflowReads): Promise<void> {
  const id = tryParseResourceId(reads.workflowId);
  if (id !== null && reads.listed) await deps.readers.saveWorkflow(id, { ...reads, listed: false });
}

/** Makes sure, once per process, that somebody has read the whole of the scopes; does it where nobody has. */
export function createReaderKnowledge(deps: EngineDeps): (signal: AbortSignal) => Promise<void> {
  let isComplete = false;
  let learning: Promise<void> | null = null;
  return async (signal) => {
    if (isComplete) return;
    isComplete = (await deps.readers.completedAt(deps.policy.scopes)) !== null;
    if (isComplete) return;
    learning ??= learnReaders(deps, signal).finally(() => {
      learning = null;
    });
    await learning;
    isComplete = true;
  };
}
