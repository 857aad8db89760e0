import type { FlowBetween, WorkflowReads } from '../../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import type { EngineDeps } from '../engine-deps.js';
import type { Look } from '../look/look.js';
import { queueAnother } from '../look/queue-look.js';
import { digestOf } from '../record/record-digest.js';

export interface ReadsChange {
  readonly before: WorkflowReads | null;
  readonly now: WorkflowReads;
  /** What `now` was worked out with. */
  readonly between: FlowBetween;
}

/** What becomes of a resource that is concerned by what somebody else reads. */
export interface Concern {
  /** Before it is saved: should the process end there, a sweep has the resource considered all the same. */
  readonly mark: (id: ResourceId) => Promise<void>;
  /** After it was saved. */
  readonly announce: (id: ResourceId) => Promise<void>;
}

/** Has whoever is concerned looked at from the queue, for the same cause. */
export function queueing(deps: Pick<EngineDeps, 'queue' | 'touched'>, look: Look): Concern {
  return {
    mark: (id) => deps.touched.mark(id),
    announce: (id) => queueAnother(deps, look, id),
  };
}

/** Has whoever is concerned considered by the next sweep. */
export function marking({ touched }: Pick<EngineDeps, 'touched'>): Concern {
  return { mark: (id) => touched.mark(id), announce: () => Promise.resolve() };
}

/**
 * Saves what a workflow reads, where it is something else than before; true where it is. This concerns the vaults that
 * it reads otherwise, the workflows that it hands a secret to, and those that call it.
 */
export async function saveReads(
  { readers }: Pick<EngineDeps, 'readers'>,
  id: ResourceId,
  { before, now, between }: ReadsChange,
  concern: Concern,
): Promise<boolean> {
  if (before === null && isNothing(now)) return false;
  if (digestOf(before) === digestOf(now)) return false;
  const marked = new Map<string, ResourceId>();
  const mark = async (): Promise<void> => {
    for (const one of await concernedBy(readers, id, before, now)) {
      if (!marked.has(one.key)) await concern.mark(one);
      marked.set(one.key, one);
    }
  };
  await mark();
  await readers.saveWorkflow(id, now);
  // A vault or a caller that makes itself known at the same time is either seen now, or sees what was saved.
  await mark();
  for (const one of marked.values()) await concern.announce(one);
  if (await isOutrunByChild(readers, before, now, between)) await concern.announce(id);
  return true;
}

/** Forgets a workflow that is gone; whoever it concerns is considered by the next sweep, if not told otherwise. */
export async function forgetReads(
  deps: Pick<EngineDeps, 'readers' | 'touched'>,
  id: ResourceId,
  { mark, announce }: Concern = marking(deps),
): Promise<void> {
  const before = await deps.readers.workflow(id);
  const now = before && { ...before, reads: [], handsSecretTo: [], returnsSecret: false };
  const concerned = before && now ? await concernedBy(deps.readers, id, before, now) : [];
  for (const one of concerned) await mark(one);
  await deps.readers.forgetWorkflow(id);
  for (const one of concerned) await announce(one);
}

async function concernedBy(
  readers: EngineDeps['readers'],
  id: ResourceId,
  before: WorkflowReads | null,
  now: WorkflowReads,
): Promise<readonly ResourceId[]> {
  const isReturnChanged = (before?.returnsSecret ?? false) !== now.returnsSecret;
  const [vaults, callers] = await Promise.all([
    Promise.all(changedVaults(before, now).map((name) => readers.vaultId(name))),
    isReturnChanged ? readers.callersOf(id) : [],
  ]);
  const workflows = [...changedReceivers(before, now), ...callers].map((one) => tryParseResourceId(one));
  return [...vaults, ...workflows].filter((one) => one !== null);
}

/** Whether a workflow that it has begun to call says by now something else than it was worked out with. */
async function isOutrunByChild(
  readers: EngineDeps['readers'],
  before: WorkflowReads | null,
  { calls }: WorkflowReads,
  { returnsSecret }: FlowBetween,
): Promise<boolean> {
  const added = calls.filter((child) => before?.calls.includes(child) !== true);
  const children = await Promise.all(
    added.map(async (child) => {
      const id = tryParseResourceId(child);
      return id === null ? null : readers.workflow(id);
    }),
  );
  return children.some((child, i) => (child?.returnsSecret ?? false) !== returnsSecret.has(added[i] ?? ''));
}

/** Whether there is nothing of a workflow that anybody would ask for. */
function isNothing({ reads, connectionIds, returnsSecret, handsSecretTo, calls }: WorkflowReads): boolean {
  return reads.length + connectionIds.length + handsSecretTo.length + calls.length === 0 && !returnsSecret;
}

/** The workflows that get a secret now and did not before, or the other way round. */
function changedReceivers(before: WorkflowReads | null, now: WorkflowReads): readonly string[] {
  const [old, current] = [new Set(before?.handsSecretTo), new Set(now.handsSecretTo)];
  return [...old, ...current].filter((id) => !old.has(id) || !current.has(id));
}

/** The vaults that are read otherwise than before. */
function changedVaults(before: WorkflowReads | null, now: WorkflowReads): readonly string[] {
  const names = new Set([...(before?.reads ?? []), ...now.reads].map(({ vaultName }) => vaultName));
  const partOf = (reads: WorkflowReads | null, name: string): string =>
    digestOf([
      (reads?.reads ?? []).filter(({ vaultName }) => vaultName === name),
      reads?.isEnabled ?? null,
      reads?.listed ?? null,
    ]);
  return [...names]
    .filter((name) => name !== null)
    .filter((name) => partOf(before, name) !== partOf(now, name));
}
