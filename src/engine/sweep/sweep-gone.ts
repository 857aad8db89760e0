import { tryParseResourceId } from '../../types/resource-id.js';
import { isInScope } from '../../types/scope.js';
import { inBatches } from '../in-batches.js';
import { isGone } from '../is-gone.js';
import { sampleOf } from './sample-of.js';
import { considerSafely } from './sweep-pages.js';
import type { PhaseEnd, SweepRun } from './sweep-run.js';

/** How many resources that no list showed are asked for in one sweep of a subscription. */
const MAX_ASKED = 200;

/**
 * Forgets how resources stood that are there no more. A list leaves out what the identity may not see, so each is asked
 * for by name; what lies outside the scopes by now is none of Holdfast's business.
 */
export async function sweepGone(run: SweepRun): Promise<PhaseEnd> {
  const { deps, snapshot, signal } = run;
  // Others each time, so that those that are there do not keep the rest from being asked for.
  const some = sampleOf(MAX_ASKED, snapshot.count, (at) =>
    snapshot.isSeen(at) ? null : snapshot.hashOf(at),
  );
  const gone: Buffer[] = [];
  await inBatches(some, async (hash) => {
    const standing = await deps.standings.readAt(hash.toString('hex'));
    const id = standing === null ? null : tryParseResourceId(standing.resourceId);
    if (id === null) {
      if (!(await isKnownOtherwise(run, hash))) gone.push(hash);
      return;
    }
    await considerSafely(
      run,
      async () => {
        if (isInScope(id, deps.policy.scopes) && !(await isGone(deps, id, signal))) return null;
        await deps.standings.forget(id);
        gone.push(hash);
        return null;
      },
      { id },
    );
  });
  // Not while others are being asked: where an entry stands changes with each that goes.
  for (const hash of gone) snapshot.remove(hash);
  return 'done';
}

/** A workflow that nothing is said of may still be one that reads a vault, and has not been asked for yet. */
async function isKnownOtherwise({ deps, snapshot }: SweepRun, hash: Buffer): Promise<boolean> {
  const at = snapshot.find(hash);
  if (at === null || snapshot.kindOf(at) !== 'workflow' || snapshot.isMarked(at, 'unlisted')) return false;
  return (await deps.readers.workflowAt(hash.toString('hex'))) !== null;
}
