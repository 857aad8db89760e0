import type { JsonObject } from '../types/json.js';
import type { FlowBetween, WorkflowReads } from '../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../types/resource-id.js';
import { childWorkflowsOf } from '../workflow/child-workflows.js';
import type { EngineDeps } from './engine-deps.js';

/** What secrets pass between a workflow and the others, as far as the index knows them. */
export async function flowBetween(
  deps: Pick<EngineDeps, 'readers'>,
  id: ResourceId,
  document: JsonObject,
  handers?: readonly string[],
): Promise<FlowBetween> {
  const children = childWorkflowsOf(document).map((child) => tryParseResourceId(child));
  const [handing, ...reads] = await Promise.all([
    handers ?? deps.readers.handersTo(id),
    ...children.map((child) => (child === null ? null : deps.readers.workflow(child))),
  ]);
  return {
    returnsSecret: new Set(
      reads.flatMap((child) => (child?.returnsSecret === true ? [child.workflowId.toLowerCase()] : [])),
    ),
    receivesSecret: handing.length > 0,
  };
}

/** What secrets pass between the workflows of the index, all at once. */
export interface Flows {
  readonly of: (id: ResourceId) => FlowBetween;
  /** Ids, in lower case, of the workflows that give a secret back, and of those that are handed one. */
  readonly returning: ReadonlySet<string>;
  readonly receiving: ReadonlySet<string>;
}

export function flowsBetween(all: readonly WorkflowReads[]): Flows {
  const returning = new Set(
    all.filter((reads) => reads.returnsSecret).map(({ workflowId }) => workflowId.toLowerCase()),
  );
  const receiving = new Set(all.flatMap(({ handsSecretTo }) => handsSecretTo));
  return {
    of: ({ key }) => ({ returnsSecret: returning, receivesSecret: receiving.has(key) }),
    returning,
    receiving,
  };
}

/**
 * The workflows that secrets reach now and did not before, or the other way round: those that are handed one, and those
 * that call one which gives one back. `callers` are the ids of a workflow's callers, by its own.
 */
export function changedFlows(
  before: Flows,
  after: Flows,
  callers: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const differing = (a: ReadonlySet<string>, b: ReadonlySet<string>): readonly string[] =>
    [...a, ...b].filter((id) => !a.has(id) || !b.has(id));
  return [
    ...new Set([
      ...differing(before.receiving, after.receiving),
      ...differing(before.returning, after.returning).flatMap((id) => callers.get(id) ?? []),
    ]),
  ];
}
