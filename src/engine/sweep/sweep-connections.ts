import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { isInScope } from '../../types/scope.js';
import { isKeyVaultApi, readConnectionFacts } from '../../workflow/connections.js';
import { ArmError } from '../arm-error.js';
import { considerListed } from './consider-listed.js';
import { hashOfKey } from '../hashed-key.js';
import { inBatches } from '../in-batches.js';
import { nextHourOf } from './next-hour-of.js';
import { observeConnection } from '../observe/observe-connection.js';
import { sampleOf } from './sample-of.js';
import { saveFacts } from '../readers/save-facts.js';
import { rememberingAccess, type VaultAccessOf } from '../observe/successors.js';
import { surroundingsDigest } from './sweep-fingerprint.js';
import { considerSafely, sweepPages } from './sweep-pages.js';
import { noteGap } from './sweep-workflows.js';
import { advance, concernIn, noteProblem, sweepLook, type PhaseEnd, type SweepRun } from './sweep-run.js';

/** How many connections are read in one sweep of a subscription, with all that use them. */
const MAX_READ = 200;

/** Lists the connections and brings the index up to date with what they are for. */
export async function sweepConnections(run: SweepRun): Promise<PhaseEnd> {
  const { deps, snapshot } = run;
  const concern = await concernIn(run);
  const surroundings = surroundingsDigest(deps);
  return sweepPages(run, {
    kind: 'connection',
    list: (scope, signal, from) => deps.reader.listConnections(scope, signal, from, run.progress.byGroup),
    surroundings,
    onGap: (scope) => noteGap(run, scope),
    async consider({ id, document }) {
      await saveFacts(deps, id, document, concern);
      const hash = hashOfKey(id.key);
      const at = snapshot.entry(hash, 'connection');
      if (isToMove(readConnectionFacts(document))) snapshot.mark(at, 'toMove', true);
      // It says what it is for, and nothing else of it is asked here.
      return nextHourOf(hash, deps.now());
    },
  });
}

/** Also where it cannot be told how it signs in: of that there is a finding. */
function isToMove({ apiId, signIn }: ReturnType<typeof readConnectionFacts>): boolean {
  return isKeyVaultApi(apiId) && signIn !== 'managed-identity';
}

/**
 * Considers the Key Vault connections that do not sign in with a managed identity, each with who uses it, and those of
 * which something stands open: mostly few.
 */
export async function sweepMoves(run: SweepRun): Promise<PhaseEnd> {
  const { deps, snapshot, signal } = run;
  const access = rememberingAccess(deps, signal);
  // Others each time, where there are more than are read.
  const some = sampleOf(MAX_READ, snapshot.count, (at) => {
    return snapshot.isMarked(at, 'toMove') ? snapshot.hashOf(at) : null;
  });
  await inBatches(some, async (hash) => {
    const known = await deps.readers.connectionAt(hash.toString('hex'));
    const id = known === null ? null : tryParseResourceId(known.id);
    if (id === null || !isInScope(id, deps.policy.scopes)) return;
    await considerSafely(run, () => considerMove(run, id, hash, access), { id });
  });
  return 'done';
}

async function considerMove(run: SweepRun, id: ResourceId, hash: Buffer, access: VaultAccessOf) {
  const { deps, snapshot, signal } = run;
  const askedAt = deps.now();
  try {
    const seen = await observeConnection(deps, id, signal, access);
    const considered = await considerListed(deps, sweepLook(run, seen.observed.id), seen, askedAt);
    if (considered.kind === 'queued') advance(run, { queued: run.progress.queued + 1 });
    const standing = await deps.standings.read(id);
    const isOpen = (standing?.findings.length ?? 0) > 0;
    const at = snapshot.find(hash);
    if (at !== null && considered.kind === 'nothing-new' && !isOpen) {
      snapshot.mark(at, 'toMove', isToMove(readConnectionFacts(seen.document)));
    }
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    if (error.details.kind !== 'not-found') noteProblem(run, error.message);
    else unmarkGone(run, hash);
  }
  return null;
}

/** One that no list showed either is not asked for again. */
function unmarkGone({ snapshot }: SweepRun, hash: Buffer): void {
  const at = snapshot.find(hash);
  if (at !== null && !snapshot.isSeen(at)) snapshot.mark(at, 'toMove', false);
}
