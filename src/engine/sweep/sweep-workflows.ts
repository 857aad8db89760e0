import { tryParseResourceId } from '../../types/resource-id.js';
import { isInScope } from '../../types/scope.js';
import { considerListed } from './consider-listed.js';
import { hashOfKey } from '../hashed-key.js';
import { inBatches } from '../in-batches.js';
import { isGone } from '../is-gone.js';
import { learnWorkflow } from '../readers/learn-workflow.js';
import type { Seen } from '../observe/observe.js';
import { withRunsCounted } from '../observe/observe-workflow.js';
import type { ListedResource } from '../ports/arm.js';
import type { Scope } from '../../types/scope.js';
import { sampleOf } from './sample-of.js';
import { forgetReads, saveReads, type Concern } from '../readers/save-reads.js';
import { settledUntil } from './settled-until.js';
import { successorsFor } from '../observe/successors.js';
import { surroundingsDigest } from './sweep-fingerprint.js';
import { considerSafely, sweepPages } from './sweep-pages.js';
import { advance, concernIn, sweepLook, type PhaseEnd, type SweepRun } from './sweep-run.js';

/** How many workflows' runs are counted in one sweep of a subscription. */
const MAX_COUNTED = 200;
/** How many workflows that no list showed are asked for in one sweep of a subscription. */
const MAX_ASKED = 200;

/** Lists the workflows, brings the index up to date with what they read, and considers them. */
export async function sweepWorkflows(run: SweepRun): Promise<PhaseEnd> {
  const { deps, scopes } = run;
  const concern = await concernIn(run);
  const end = await sweepPages(run, {
    kind: 'workflow',
    list: (...asked) => deps.reader.listWorkflows(...asked),
    surroundings: surroundingsDigest(deps),
    onGap: (scope) => noteGap(run, scope),
    consider: (listed, askedAt) => considerWorkflow(run, listed, concern, askedAt),
  });
  if (end !== 'done') return end;
  const at = new Date(run.progress.startedAt);
  const whole = scopes.filter((_, i) => !run.progress.gaps.includes(i));
  await inBatches(whole, (scope) => deps.readers.noteLearned(scope, { at, failedAt: null }));
  return 'done';
}

/** Not all that could read a vault is known: what rests on that has to wait. */
export async function noteGap(run: SweepRun, scope: Scope): Promise<void> {
  const { deps } = run;
  const [before] = await deps.readers.learned([scope]);
  await deps.readers.noteLearned(scope, { at: before?.at ?? null, failedAt: deps.now() });
  advance(run, { gaps: [...run.progress.gaps, run.progress.scope] });
}

async function considerWorkflow(
  run: SweepRun,
  listed: ListedResource,
  concern: Concern,
  askedAt: Date,
): Promise<Date | null> {
  const { deps, signal, snapshot } = run;
  const { id, document } = listed;
  const hash = hashOfKey(id.key);
  snapshot.mark(snapshot.entry(hash, 'workflow'), 'unlisted', false);
  const memory = await deps.memory.read(id);
  const { connections, between, isNew } = await learnWorkflow(deps, listed, concern, signal);
  const isToCount = memory.exposures.some(({ runs }) => runs === null) && run.progress.counted < MAX_COUNTED;
  if (isToCount) advance(run, { counted: run.progress.counted + 1 });
  const seen: Seen = {
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
      flowBetween: between,
      exposures: isToCount ? await withRunsCounted(deps, id, memory.exposures, signal) : memory.exposures,
      successors: await successorsFor(deps, document, connections, signal),
    },
  };
  const considered = await considerListed(deps, sweepLook(run, id), seen, askedAt);
  if (considered.kind === 'queued') advance(run, { queued: run.progress.queued + 1 });
  if (considered.kind !== 'nothing-new' || isNew) return null;
  return settledUntil(deps.policy, seen, considered.plan, hash, deps.now());
}

/**
 * What the lists leave out for the first time is asked for once: a deleted workflow says so. One that is there all the
 * same is kept, marked as not listed.
 */
export async function sweepUnlisted(run: SweepRun): Promise<PhaseEnd> {
  const { deps, snapshot } = run;
  if (run.progress.gaps.length > 0) return 'done';
  const concern = await concernIn(run);
  const some = sampleOf(MAX_ASKED, snapshot.count, (at) => {
    const isUnlisted = snapshot.kindOf(at) === 'workflow' && !snapshot.isSeen(at);
    return isUnlisted && !snapshot.isMarked(at, 'unlisted') ? snapshot.hashOf(at) : null;
  });
  await inBatches(some, async (hash) => {
    const reads = await deps.readers.workflowAt(hash.toString('hex'));
    const id = reads === null ? null : tryParseResourceId(reads.workflowId);
    if (reads !== null && id !== null && reads.listed) {
      await considerSafely(run, () => unlist(run, reads, concern), { id });
    }
    const at = snapshot.find(hash);
    if (at === null) return;
    snapshot.mark(at, 'unlisted', true);
    // Listed again, it is to be considered, however it looks.
    snapshot.unsettle(at);
  });
  return 'done';
}

async function unlist(
  { deps, signal }: SweepRun,
  reads: Parameters<typeof saveReads>[2]['now'],
  concern: Concern,
): Promise<null> {
  const id = tryParseResourceId(reads.workflowId);
  if (id === null) return null;
  // What lies outside the scopes by now is neither asked for nor known to be gone.
  if (isInScope(id, deps.policy.scopes) && (await isGone(deps, id, signal))) {
    await forgetReads(deps, id, concern);
    return null;
  }
  const between = { returnsSecret: new Set<string>(), receivesSecret: false };
  await saveReads(deps, id, { before: reads, now: { ...reads, listed: false }, between }, concern);
  return null;
}
