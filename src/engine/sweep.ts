import type { ArmError } from './arm-error.js';
import { startTrail } from './audit-trail.js';
import { draftRecords } from './draft-records.js';
import type { EngineDeps } from './engine-deps.js';
import { finishLook } from './finish-look.js';
import { learnReaders } from './learn-readers.js';
import type { Look } from './look.js';
import { isStale } from './modified-at.js';
import { nextMemory } from './next-memory.js';
import type { Seen } from './observe.js';
import { planResource } from './plan-resource.js';
import { NO_MEMORY, type ListedResource } from './ports.js';
import { queueLook } from './queue-look.js';
import { digestOf } from './record-digest.js';
import { rememberDrafts, splitDrafts } from './record-memory.js';
import { settlePending } from './settle-pending.js';
import { observeListedVaults } from './sweep-vaults.js';

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
  const memories = await deps.memory.readAll();
  const count = { vaults: 0, workflows: 0, queued: 0 };
  const problems: string[] = [];
  const consider = async (seen: Seen): Promise<void> => {
    const { id } = seen.observed;
    try {
      if (await considerListed(deps, lookFor(id, correlationId), seen)) count.queued += 1;
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`${id.id}: ${error instanceof Error ? error.message : 'an unknown failure'}`);
    }
  };

  const unlisted = await learnReaders(deps, signal, async ({ id, document, connections }) => {
    count.workflows += 1;
    const observed = {
      kind: 'workflow',
      id,
      workflow: document,
      connections,
      askedForByName: false,
    } as const;
    await consider({ observed, text: '', document, memory: memories.get(id.key) ?? NO_MEMORY });
  });
  problems.push(...unlisted.map(({ message }) => message));
  const unseen: ArmError[] = [];
  // Who reads the vaults must have been learned, if not now then before.
  const isKnown = unlisted.length === 0 || (await deps.readers.completedAt(deps.policy.scopes)) !== null;
  if (isKnown) {
    for await (const seen of observeListedVaults(deps, memories, signal, unseen)) {
      count.vaults += 1;
      // The list that failed may hold a reader that nobody knows of: a vault never seen shut waits for it.
      if (unlisted.length === 0 || seen.memory.knownGood !== null) await consider(seen);
    }
  }
  problems.push(...unseen.map(({ message }) => message));
  if (problems.length > 0) throw incomplete(problems);
  return { correlationId, ...count };
}

function incomplete(problems: readonly string[]): IncompleteSweepError {
  const most = 10;
  const rest = problems.length > most ? ` And ${problems.length - most} more.` : '';
  return new IncompleteSweepError(`The sweep is not complete. ${problems.slice(0, most).join(' ')}${rest}`);
}

function lookFor(id: ListedResource['id'], correlationId: string): Look {
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
async function considerListed(deps: EngineDeps, look: Look, seen: Seen): Promise<boolean> {
  // A list lags behind as a read does; what Holdfast has written since is not undone by it.
  if (isStale(seen.document, seen.memory.lastWriteAt, deps.now())) return false;
  const plan = planResource(seen.observed, deps.policy, null, deps.now());
  const drafts = draftRecords(plan, look);
  if (drafts.some(({ outcome }) => outcome === 'pending')) {
    await queueLook(deps, look);
    return true;
  }
  if (
    !hasNews(
      deps,
      plan.remediations.map(({ remediator }) => remediator),
      drafts,
      seen,
    )
  )
    return false;
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
  const recorded = rememberDrafts(seen.memory.recorded, new Set(asked), [], known);
  return fresh.length > 0 || nextMemory(deps.now(), seen, recorded, [], seen.document) !== seen.memory;
}
