import { ageOwnedRules } from '../../vault/rule-ledger.js';
import { confirmReleases } from './confirm-releases.js';
import { considerListed, needsLook } from './consider-listed.js';
import type { EngineDeps } from '../engine-deps.js';
import { hashOfKey } from '../hashed-key.js';
import { markingWrites } from './marking-writes.js';
import type { Seen } from '../observe/observe.js';
import {
  isOutdated,
  readSurroundings,
  untilSilent,
  withCallers,
  withSettings,
} from '../observe/observe-surroundings.js';
import { fromMemory, fromPolicy } from '../observe/observe-vault.js';
import type { ListedResource } from '../ports/arm.js';
import type { RememberedSurroundings } from '../ports/memory.js';
import { digestOf } from '../record/record-digest.js';
import { settledUntil } from './settled-until.js';
import { surroundingsDigest } from './sweep-fingerprint.js';
import { sweepPages } from './sweep-pages.js';
import { advance, noteProblem, sweepLook, type PhaseEnd, type SweepRun } from './sweep-run.js';

/** How old what is remembered of a vault's surroundings may become, and how many vaults' are read in one sweep. */
const REFRESH_MS = 24 * 60 * 60_000;
const MAX_REFRESHED = 500;
/** How long the vaults of a new installation wait for what other subscriptions' sweeps have to learn. */
const LONGEST_WAIT_MS = 30 * 60_000;

/** Lists the vaults and considers them, each with who reads it: which must have been learned, if not now then before. */
export async function sweepVaults(run: SweepRun): Promise<PhaseEnd> {
  const { deps } = run;
  const knowledge = await knowledgeOf(run);
  if (knowledge === 'waiting') return 'waiting';
  if (knowledge === 'none') {
    noteProblem(
      run,
      `The vaults of ${run.subscriptionId} were not looked at: not all that may read them could be listed yet.`,
    );
    return 'done';
  }
  const unresolvedReaders = await deps.readers.unresolvedReaders();
  const asking = { ...deps, callers: untilSilent(deps.callers) };
  const context: VaultContext = { asking, unresolvedReaders, hasGaps: knowledge === 'with-gaps' };
  return sweepPages(run, {
    kind: 'vault',
    list: (...asked) => deps.reader.listVaults(...asked),
    surroundings: surroundingsDigest(deps, digestOf([...unresolvedReaders].sort())),
    consider: (listed, askedAt) => considerVault(run, context, listed, askedAt),
  });
}

interface VaultContext {
  readonly asking: EngineDeps;
  readonly unresolvedReaders: readonly string[];
  readonly hasGaps: boolean;
}

type Knowledge = 'whole' | 'with-gaps' | 'none' | 'waiting';

/** Whether all scopes' workflows and connections have been read, by this sweep or an earlier one. */
async function knowledgeOf(run: SweepRun): Promise<Knowledge> {
  const { deps, progress } = run;
  const learned = await deps.readers.learned(deps.policy.scopes);
  const missing = learned.filter(({ at }) => at === null);
  if (missing.length === 0) return learned.some(({ failedAt }) => failedAt !== null) ? 'with-gaps' : 'whole';
  const begun = new Date(progress.startedAt);
  const hasFailed = missing.every(({ failedAt }) => failedAt !== null && failedAt >= begun);
  const since = progress.waitingSince ?? deps.now().toISOString();
  if (hasFailed || deps.now().getTime() - Date.parse(since) >= LONGEST_WAIT_MS) return 'none';
  advance(run, { waitingSince: since });
  return 'waiting';
}

async function considerVault(
  run: SweepRun,
  { asking, unresolvedReaders, hasGaps }: VaultContext,
  { id, document }: ListedResource,
  askedAt: Date,
): Promise<Date | null> {
  const { deps, signal } = run;
  const [memory] = await Promise.all([deps.memory.read(id), deps.readers.saveVault(id)]);
  // The list that failed may hold a reader that nobody knows of: a vault never seen shut waits for it.
  if (hasGaps && memory.knownGood === null) return null;
  const own = await deps.readers.readersOf(id.name.toLowerCase());
  // Who is asked is not who is considered here.
  const { releasedRules, readers } = await confirmReleases(
    markingWrites(deps),
    id,
    memory.ownedRules,
    own,
    signal,
  );
  const ownedRules = ageOwnedRules(memory.ownedRules, document, readers, deps.now());
  const seenWith = (surroundings: RememberedSurroundings | null, isFresh: boolean): Seen => {
    const vault = withSettings(document, surroundings);
    return {
      text: '',
      document: vault,
      memory,
      surroundings,
      isFresh,
      observed: {
        kind: 'vault',
        id,
        vault,
        unresolvedReaders,
        ownedRules,
        readers,
        releasedRules,
        knownGood: memory.knownGood,
        ...fromPolicy(deps),
        ...fromMemory(memory, surroundings, deps.now()),
      },
    };
  };
  const look = sweepLook(run, id);
  const remembered = seenWith(memory.surroundings, false);
  // The look that the queue gets reads them itself.
  const seen = needsLook(deps, look, remembered)
    ? remembered
    : await withSurroundings(run, asking, remembered, seenWith);
  const considered = await considerListed(deps, look, seen, askedAt);
  if (considered.kind === 'queued') advance(run, { queued: run.progress.queued + 1 });
  if (considered.kind !== 'nothing-new') return null;
  return settledUntil(deps.policy, seen, considered.plan, hashOfKey(id.key), deps.now());
}

/** With what belongs to the vault but does not stand in it, which is read once a day. */
async function withSurroundings(
  run: SweepRun,
  asking: EngineDeps,
  { document, memory, observed: { id } }: Seen,
  seenWith: (surroundings: RememberedSurroundings | null, isFresh: boolean) => Seen,
): Promise<Seen> {
  const { deps, signal } = run;
  const isDue =
    isOutdated(memory.surroundings, deps.now(), REFRESH_MS) && run.progress.refreshed < MAX_REFRESHED;
  if (isDue) advance(run, { refreshed: run.progress.refreshed + 1 });
  const read = isDue
    ? (await readSurroundings(deps, id, document, memory.surroundings, signal)).surroundings
    : memory.surroundings;
  const surroundings = await withCallers(asking, id, document, memory, read, signal);
  return seenWith(surroundings, isDue);
}
