import type { ConnectionFacts, FlowBetween, WorkflowReads } from '../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../types/resource-id.js';
import { readConnectionFacts } from '../workflow/connections.js';
import { abortable } from './abortable.js';
import { ArmError } from './arm-error.js';
import type { EngineDeps } from './engine-deps.js';
import { flowsBetween } from './flow-between.js';
import { inBatches } from './in-batches.js';
import { isGone } from './is-gone.js';
import { currentReads } from './note-reads.js';
import { learnConnection, namedConnectionIds } from './observe-workflow.js';
import type { ListedResource, Scope } from './ports.js';
import { digestOf } from './record-digest.js';

export type ListedWorkflow = ListedResource & {
  readonly connections: ReadonlyMap<string, ConnectionFacts>;
};

/** Who wants to know what was listed. */
export interface Listening {
  readonly onConnection?: (id: ResourceId) => void;
  readonly onWorkflow?: (workflow: ListedWorkflow) => Promise<void>;
}

/**
 * Lists every connection and workflow in scope and brings the index of who reads which vault up to date. What a
 * list leaves out is kept, marked as not listed. A scope that cannot be listed does not keep the others from it; it
 * is in the result, and the index then does not count as complete.
 */
export async function learnReaders(
  deps: EngineDeps,
  signal: AbortSignal,
  { onConnection, onWorkflow }: Listening = {},
): Promise<readonly ArmError[]> {
  const startedAt = deps.now();
  const failures: ArmError[] = [];
  const connections = new Map(await deps.readers.allConnections());
  await forEachScope(deps, failures, (scope) =>
    learnConnections(deps, scope, connections, signal, onConnection),
  );
  const known = new Map(
    (await deps.readers.workflows()).map((reads) => [reads.workflowId.toLowerCase(), reads]),
  );
  const unseen = new Map(known);
  const between = flowsBetween([...known.values()]);
  await forEachScope(deps, failures, async (scope) => {
    for await (const page of deps.reader.listWorkflows(scope, signal)) {
      await inBatches(page, async (listed) => {
        unseen.delete(listed.id.key);
        await learnMissing(deps, listed, connections, signal);
        await keep(deps, listed, connections, known.get(listed.id.key) ?? null, between.of(listed.id));
        await onWorkflow?.({ ...listed, connections });
      });
    }
  });
  if (failures.length > 0) return failures;
  await inBatches([...unseen.values()], (reads) => markUnlisted(deps, reads, signal));
  await deps.readers.markCompleted(deps.policy.scopes, startedAt);
  return [];
}

async function forEachScope(
  deps: EngineDeps,
  failures: ArmError[],
  work: (scope: Scope) => Promise<void>,
): Promise<void> {
  for (const scope of deps.policy.scopes) {
    try {
      await work(scope);
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      failures.push(error);
    }
  }
}

async function learnConnections(
  deps: EngineDeps,
  scope: Scope,
  connections: Map<string, ConnectionFacts>,
  signal: AbortSignal,
  onConnection: Listening['onConnection'],
): Promise<void> {
  for await (const page of deps.reader.listConnections(scope, signal)) {
    await inBatches(page, async ({ id, document }) => {
      onConnection?.(id);
      const facts = readConnectionFacts(document);
      if (digestOf(connections.get(id.key)) === digestOf(facts)) return;
      await deps.readers.saveConnection(id, facts);
      connections.set(id.key, facts);
    });
  }
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
  between: FlowBetween,
): Promise<void> {
  const now = currentReads(workflow.id, workflow.document, connections, before, between);
  if (before === null && isNothing(now)) return;
  if (digestOf(before) !== digestOf(now)) await deps.readers.saveWorkflow(workflow.id, now);
}

/** Whether there is nothing of a workflow that anybody would ask for. */
function isNothing({ reads, connectionIds, returnsSecret, handsSecretTo }: WorkflowReads): boolean {
  return reads.length + connectionIds.length + handsSecretTo.length === 0 && !returnsSecret;
}

/** A workflow that a list leaves out for the first time is asked for once: a deleted one says so. */
async function markUnlisted(deps: EngineDeps, reads: WorkflowReads, signal: AbortSignal): Promise<void> {
  const id = tryParseResourceId(reads.workflowId);
  if (id === null || !reads.listed) return;
  if (await isGone(deps, id, signal)) await deps.readers.forgetWorkflow(id);
  else await deps.readers.saveWorkflow(id, { ...reads, listed: false });
}

/** Under the function's timeout of ten minutes. */
const LEARNING_BUDGET_MS = 9 * 60_000;

/**
 * Makes sure, once per process, that somebody has read the whole of the scopes; does it where nobody has. Learning
 * goes on when a caller has no more time to wait for it. Throws `ArmError` where a scope cannot be listed.
 */
export function createReaderKnowledge(deps: EngineDeps): (signal: AbortSignal) => Promise<void> {
  let isComplete = false;
  let learning: Promise<void> | null = null;

  async function learn(): Promise<void> {
    const [failure] = await learnReaders(deps, AbortSignal.timeout(LEARNING_BUDGET_MS));
    if (failure !== undefined) throw failure;
    isComplete = true;
  }

  return async (signal) => {
    if (isComplete) return;
    isComplete = (await deps.readers.completedAt(deps.policy.scopes)) !== null;
    if (isComplete) return;
    learning ??= learn().finally(() => {
      learning = null;
    });
    // Whoever waits hears of a failure; where nobody does any more, the next look asks again.
    learning.catch(() => undefined);
    await abortable(learning, signal);
  };
}
