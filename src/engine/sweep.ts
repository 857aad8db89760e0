import type { FlowBetween } from '../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../types/resource-id.js';
import { isInScope } from '../types/scope.js';
import { childWorkflowsOf } from '../workflow/child-workflows.js';
import type { ArmError } from './arm-error.js';
import { startTrail } from './audit-trail.js';
import { draftRecords } from './draft-records.js';
import type { EngineDeps } from './engine-deps.js';
import { finishLook } from './finish-look.js';
import { changedFlows, flowsBetween } from './flow-between.js';
import { forgetGone } from './forget-gone.js';
import { inBatches } from './in-batches.js';
import { learnReaders, type ListedWorkflow } from './learn-readers.js';
import type { Look } from './look.js';
import { isStale } from './modified-at.js';
import { nextMemory } from './next-memory.js';
import type { Seen } from './observe.js';
import { withRunsCounted } from './observe-workflow.js';
import { planResource } from './plan-resource.js';
import { NO_MEMORY, type ResourceMemory, type ResourceStanding } from './ports.js';
import { queueLook } from './queue-look.js';
import { digestOf } from './record-digest.js';
import { rememberDrafts, splitDrafts } from './record-memory.js';
import { saveTotals } from './save-totals.js';
import { settlePending } from './settle-pending.js';
import { standingFrom } from './standing.js';
import { successorsFor } from './successors.js';
import { observeConnectionsToMove } from './sweep-connections.js';
import { observeDeletedVaults, observeListedVaults } from './sweep-vaults.js';

export interface SweepSummary {
  readonly correlationId: string;
  readonly vaults: number;
  readonly workflows: number;
  /** Resources that have to be written: each has been put on the queue. */
  readonly queued: number;
}

/** A sweep that saw what it could, but not everything. The message says what it did not see, and why. */
export class IncompleteSweepError extends Error {
  override readonly name = 'IncompleteSweepError';
}

/** How many workflows' runs are counted in one sweep. */
const MAX_COUNTED = 200;

/**
 * Looks at everything in scope with list calls alone, plans in memory, and puts on the queue only what has to be
 * written. It catches what no event announces: Microsoft's own changes, lost events, the time before Holdfast. What
 * is wrong with one resource or one scope does not keep it from the others; throws {@link IncompleteSweepError} at
 * its end.
 */
export async function sweep(
  deps: EngineDeps,
  correlationId: string,
  signal: AbortSignal,
): Promise<SweepSummary> {
  await settlePending(deps, signal);
  const [memories, standings] = await Promise.all([deps.memory.readAll(), deps.standings.readAll()]);
  const count = { vaults: 0, workflows: 0, queued: 0, counted: 0 };
  const problems: string[] = [];
  const seenKeys = new Set<string>();
  const consider = async (seen: Seen): Promise<void> => {
    signal.throwIfAborted();
    const { id } = seen.observed;
    seenKeys.add(id.key);
    try {
      const standing = standings.get(id.key) ?? null;
      if (await considerListed(deps, lookFor(id, correlationId), seen, standing)) count.queued += 1;
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`${id.id}: ${error instanceof Error ? error.message : 'an unknown failure'}`);
    }
  };

  const flows = flowsBetween(await deps.readers.workflows());
  const callers = new Map<string, string[]>();
  const unlisted = await learnReaders(deps, signal, {
    onConnection: ({ key }) => seenKeys.add(key),
    onWorkflow: async (workflow) => {
      count.workflows += 1;
      for (const child of childWorkflowsOf(workflow.document)) {
        callers.set(child, [...(callers.get(child) ?? []), workflow.id.id]);
      }
      const memory = memories.get(workflow.id.key) ?? NO_MEMORY;
      const isToCount = memory.exposures.some(({ runs }) => runs === null) && count.counted < MAX_COUNTED;
      if (isToCount) count.counted += 1;
      await consider(await listedSeen(deps, workflow, memory, flows.of(workflow.id), isToCount, signal));
    },
  });
  problems.push(...unlisted.map(({ message }) => message));
  // A workflow may have been planned before the one that it gets its secret from was learned.
  const learned = flowsBetween(await deps.readers.workflows());
  for (const workflowId of changedFlows(flows, learned, callers)) {
    const id = tryParseResourceId(workflowId);
    if (id === null || !isInScope(id, deps.policy.scopes)) continue;
    await queueLook(deps, lookFor(id, correlationId));
    count.queued += 1;
  }
  const unseen: ArmError[] = [];
  // Who reads the vaults must have been learned, if not now then before.
  const isKnown = unlisted.length === 0 || (await deps.readers.completedAt(deps.policy.scopes)) !== null;
  if (isKnown) {
    for await (const page of observeListedVaults(deps, memories, signal, unseen)) {
      count.vaults += page.length;
      for (const { observed } of page) seenKeys.add(observed.id.key);
      // The list that failed may hold a reader that nobody knows of: a vault never seen shut waits for it.
      await inBatches(
        page.filter(({ memory }) => unlisted.length === 0 || memory.knownGood !== null),
        consider,
      );
    }
    const open = new Set(
      [...standings].filter(([, { findings }]) => findings.length > 0).map(([key]) => key),
    );
    for (const seen of await observeConnectionsToMove(deps, signal, unseen, open)) await consider(seen);
  }
  for await (const seen of observeDeletedVaults(deps, memories, signal, unseen)) {
    // The list of the deleted lags behind; what is there is not deleted.
    if (!seenKeys.has(seen.observed.id.key)) await consider(seen);
  }
  problems.push(...unseen.map(({ message }) => message));
  await forgetGone(
    deps,
    [...standings.keys()].filter((key) => !seenKeys.has(key)),
    signal,
  );
  if (problems.length > 0) throw incomplete(problems);
  await saveTotals(deps, seenKeys);
  const { vaults, workflows, queued } = count;
  return { correlationId, vaults, workflows, queued };
}

async function listedSeen(
  deps: EngineDeps,
  { id, document, connections }: ListedWorkflow,
  memory: ResourceMemory,
  flowBetween: FlowBetween,
  isToCount: boolean,
  signal: AbortSignal,
): Promise<Seen> {
  return {
    text: '',
    document,
    memory,
    surroundings: null,
    isFresh: true,
    observed: {
      kind: 'workflow',
      id,
      workflow: document,
      connections,
      askedForByName: false,
      flowBetween,
      exposures: isToCount ? await withRunsCounted(deps, id, memory.exposures, signal) : memory.exposures,
      successors: await successorsFor(deps, document, connections, signal),
    },
  };
}

function incomplete(problems: readonly string[]): IncompleteSweepError {
  const most = 10;
  const rest = problems.length > most ? ` And ${problems.length - most} more.` : '';
  return new IncompleteSweepError(`The sweep is not complete. ${problems.slice(0, most).join(' ')}${rest}`);
}

function lookFor(id: ResourceId, correlationId: string): Look {
  return {
    id,
    trigger: 'sweep',
    correlationId,
    actor: null,
    remediators: null,
    askedForByName: false,
    dryRun: false,
    causedAt: null,
  };
}

/** Plans from the list; true where the resource has to be written and was put on the queue. */
async function considerListed(
  deps: EngineDeps,
  look: Look,
  seen: Seen,
  standing: ResourceStanding | null,
): Promise<boolean> {
  // A list lags behind as a read does; what Holdfast has written since is not undone by it.
  if (isStale(seen.document, seen.memory.lastWriteAt, deps.now())) return false;
  const plan = planResource(seen.observed, deps.policy, null, deps.now(), seen.memory.editHistory);
  const drafts = draftRecords(plan, look);
  if (drafts.some(({ outcome }) => outcome === 'pending')) {
    await queueLook(deps, look);
    return true;
  }
  const asked = plan.remediations.map(({ remediator }) => remediator);
  const next = standingFrom(plan, look.id, standing, deps.now());
  const isSameStanding = digestOf(next) === digestOf(standing);
  if (isSameStanding && !hasNews(deps, asked, drafts, seen)) return false;
  await deps.leases.withLease(look.id, async () => {
    // Whoever has looked since the list was read has seen more than the list.
    const memory = await deps.memory.read(look.id);
    if (digestOf(memory) !== digestOf(seen.memory)) return;
    const trail = startTrail(look, deps.now());
    await finishLook(deps, { trail, seen, plan, drafts, closed: [], live: seen.document, obstacle: null });
  });
  return false;
}

/** Whether there is something to record or to remember that is not there yet. */
function hasNews(
  deps: EngineDeps,
  asked: readonly string[],
  drafts: ReturnType<typeof draftRecords>,
  seen: Seen,
): boolean {
  const { fresh, known } = splitDrafts(drafts, seen.memory.recorded);
  if (fresh.length > 0) return true;
  const recorded = rememberDrafts(seen.memory.recorded, new Set(asked), [], known);
  return nextMemory(deps.now(), seen, recorded, [], seen.document) !== seen.memory;
}
