import { startTrail } from '../record/audit-trail.js';
import { draftRecords } from '../record/draft-records.js';
import type { EngineDeps } from '../engine-deps.js';
import { finishLook } from '../look/finish-look.js';
import type { Look } from '../look/look.js';
import { isUnfinished } from '../look/unfinished.js';
import { isStale } from '../look/modified-at.js';
import { nextMemory } from '../next-memory.js';
import type { Seen } from '../observe/observe.js';
import { planResource, type ResourcePlan } from '../plan-resource.js';
import { queueLook } from '../look/queue-look.js';
import { digestOf } from '../record/record-digest.js';
import { rememberDrafts, splitDrafts } from '../record/record-memory.js';
import { standingFrom } from '../standing.js';

export type Considered =
  /** It has to be written, or a look at it has left something to do: it was put on the queue. */
  | { readonly kind: 'queued' }
  /** There was something to record or to remember. */
  | { readonly kind: 'noted' }
  /** The list is older than what is remembered. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'nothing-new'; readonly plan: ResourcePlan };

/** Plans from what a list that was asked for at `askedAt` shows, and queues what has to be written. */
export async function considerListed(
  deps: EngineDeps,
  look: Look,
  seen: Seen,
  askedAt: Date,
): Promise<Considered> {
  // A list lags behind as a read does; what Holdfast has written since is not undone by it.
  if (isStale(seen.document, seen.memory.lastWriteAt, deps.now())) return { kind: 'stale' };
  const plan = planListed(deps, seen);
  const drafts = draftRecords(plan, look);
  if (isToBeQueued(seen, drafts)) {
    await queueLook(deps, look);
    return { kind: 'queued' };
  }
  const asked = plan.remediations.map(({ remediator }) => remediator);
  const standing = await deps.standings.read(look.id);
  const next = standingFrom(plan, look.id, standing, deps.now());
  const isSameStanding = digestOf(next) === digestOf(standing);
  if (isSameStanding && !hasNews(deps, asked, drafts, seen)) return { kind: 'nothing-new', plan };
  const held = await deps.leases.withLease(look.id, async (): Promise<Considered> => {
    // Whoever has looked since the list was asked for has seen more than the list.
    const { memory, writtenAt } = await deps.memory.readDated(look.id);
    const isOlder = writtenAt !== null && writtenAt > askedAt;
    if (isOlder || digestOf(memory) !== digestOf(seen.memory)) return { kind: 'stale' };
    const trail = startTrail(look, deps.now());
    await finishLook(deps, { trail, seen, plan, drafts, closed: [], live: seen.document, obstacle: null });
    return { kind: 'noted' };
  });
  return held.kind === 'done' ? held.value : { kind: 'stale' };
}

/** Whether it would be put on the queue as it is. */
export function needsLook(deps: EngineDeps, look: Look, seen: Seen): boolean {
  return isToBeQueued(seen, draftRecords(planListed(deps, seen), look));
}

function isToBeQueued({ memory }: Seen, drafts: ReturnType<typeof draftRecords>): boolean {
  return isUnfinished(memory) || drafts.some(({ outcome }) => outcome === 'pending');
}

function planListed({ policy, now }: EngineDeps, { observed, memory }: Seen): ResourcePlan {
  return planResource(observed, policy, null, now(), memory.editHistory);
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
