import type { ConnectionFacts, FlowBetween } from '../../types/observation.js';
import type { EngineDeps } from '../engine-deps.js';
import { flowBetween } from '../observe/flow-between.js';
import { currentReads } from './note-reads.js';
import { namedConnections } from '../observe/observe-workflow.js';
import type { ListedResource } from '../ports/arm.js';
import { saveReads, type Concern } from './save-reads.js';

export interface LearnedWorkflow {
  readonly connections: ReadonlyMap<string, ConnectionFacts>;
  readonly between: FlowBetween;
  /** Whether it reads something else than was known. */
  readonly isNew: boolean;
}

/** Brings the index of who reads which vault up to date with a workflow that a list showed. */
export async function learnWorkflow(
  deps: EngineDeps,
  { id, document }: ListedResource,
  concern: Concern,
  signal: AbortSignal,
): Promise<LearnedWorkflow> {
  const [connections, between, before] = await Promise.all([
    namedConnections(deps, document, signal),
    flowBetween(deps, id, document),
    deps.readers.workflow(id),
  ]);
  const now = currentReads(id, document, connections, before, between);
  const isNew = await saveReads(deps, id, { before, now, between }, concern);
  return { connections, between, isNew };
}
