import { newDrafts, startTrail } from './audit-trail.js';
import { draftRecords } from './draft-records.js';
import type { EngineDeps } from './engine-deps.js';
import { finishLook } from './finish-look.js';
import { learnReaders } from './learn-readers.js';
import type { Look } from './look.js';
import { nextMemory } from './next-memory.js';
import type { Seen } from './observe.js';
import { planResource } from './plan-resource.js';
import { NO_MEMORY, type ListedResource, type ResourceMemory } from './ports.js';
import { queueLook } from './queue-look.js';
import { settlePending } from './settle-pending.js';
import { observeListedVaults } from './sweep-vaults.js';

export interface SweepSummary {
  readonly correlationId: string;
  readonly vaults: number;
  readonly workflows: number;
  /** Resources that have to be written: each has been put on the queue. */
  readonly queued: number;
}

/**
 * Looks at everything in scope with list calls alone, plans in memory, and puts on the queue only what has to be
 * written. It catches what no event announces: Microsoft's own changes, lost events, the time before Holdfast.
 */
export async function sweep(
  deps: EngineDeps,
  correlationId: string,
  signal: AbortSignal,
): Promise<SweepSummary> {
  await settlePending(deps, signal);
  const memories = await deps.memory.readAll();
  const count = { vaults: 0, workflows: 0, queued: 0 };
  const consider = async (seen: Seen): Promise<void> => {
    if (await considerListed(deps, lookFor(seen.observed.id, correlationId), seen)) count.queued += 1;
  };

  await learnReaders(deps, signal, async ({ id, document, connections }) => {
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
  for await (const seen of observeListedVaults(deps, memories, signal)) {
    count.vaults += 1;
    await consider(seen);
  }
  return { correlationId, ...count };
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
  };
}

/** Plans from the list; true where the resource has to be written and was put on the queue. */
async function considerListed(deps: EngineDeps, look: Look, seen: Seen): Promise<boolean> {
  const plan = planResource(seen.observed, deps.policy, null, deps.now());
  const drafts = draftRecords(plan, look);
  if (drafts.some(({ outcome }) => outcome === 'pending')) {
    await queueLook(deps, look);
    return true;
  }
  const asked = new Set<string>(plan.remediations.map(({ remediator }) => remediator));
  const { fresh, recorded } = newDrafts(drafts, asked, seen.memory);
  const isRemembered = nextMemory(deps.now(), seen, recorded, [], seen.document) === seen.memory;
  if (fresh.length > 0 || !isRemembered) {
    await deps.leases.withLease(look.id, async () => {
      const memory: ResourceMemory = await deps.memory.read(look.id);
      const current = { ...seen, memory };
      await finishLook(deps, {
        trail: startTrail(look, deps.now()),
        seen: current,
        plan,
        drafts,
        closed: [],
        live: seen.document,
      });
    });
  }
  return false;
}
