import { ArmError } from '../arm-error.js';
import { considerListed } from './consider-listed.js';
import { hashOfKey } from '../hashed-key.js';
import { inBatches } from '../in-batches.js';
import { deletedVaultSeen, listDeletedInScope, type DeletedVault } from '../observe/observe-deleted-vault.js';
import { settledUntil } from './settled-until.js';
import { fingerprintOf, surroundingsDigest } from './sweep-fingerprint.js';
import { considerSafely, remember } from './sweep-pages.js';
import { advance, noteProblem, sweepLook, type PhaseEnd, type SweepRun } from './sweep-run.js';

/** Considers the vaults that were in scope and are deleted, but can be recovered. */
export async function sweepDeleted(run: SweepRun): Promise<PhaseEnd> {
  const { deps, snapshot, signal } = run;
  const surroundings = surroundingsDigest(deps, 'deleted');
  const askedAt = deps.now();
  try {
    const deleted = await listDeletedInScope(deps, run.subscriptionId, signal);
    await inBatches(deleted, async (one) => {
      const hash = hashOfKey(one.id.key);
      const at = snapshot.entry(hash, 'deleted-vault');
      // The list of the deleted lags behind; what is there is not deleted.
      if (snapshot.isSeen(at)) return;
      snapshot.see(at, 'deleted-vault');
      const fingerprint = fingerprintOf(deps, one, surroundings);
      if (fingerprint !== null && snapshot.isSettled(at, fingerprint, deps.now())) return;
      const until = await considerSafely(run, () => considerDeleted(run, one, hash, askedAt), one);
      remember(run, snapshot.entry(hash, 'deleted-vault'), fingerprint, until);
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ArmError)) throw error;
    noteProblem(run, error.message);
  }
  return 'done';
}

async function considerDeleted(
  run: SweepRun,
  one: DeletedVault,
  hash: Buffer,
  askedAt: Date,
): Promise<Date | null> {
  const { deps } = run;
  const seen = deletedVaultSeen(one, await deps.memory.read(one.id));
  const considered = await considerListed(deps, sweepLook(run, one.id), seen, askedAt);
  if (considered.kind === 'queued') advance(run, { queued: run.progress.queued + 1 });
  if (considered.kind !== 'nothing-new') return null;
  return settledUntil(deps.policy, seen, considered.plan, hash, deps.now());
}
