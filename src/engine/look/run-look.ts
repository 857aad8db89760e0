import { ArmError } from '../arm-error.js';
import { createArrivals, type Arrivals } from './arrivals.js';
import { recordOutcome, startTrail, toRecord } from '../record/audit-trail.js';
import type { Draft } from '../record/draft-records.js';
import type { EngineDeps } from '../engine-deps.js';
import { createReaderKnowledge } from '../readers/learn-readers.js';
import { createUnseenReaders } from '../readers/unseen-readers.js';
import { lookAt, type LookOptions } from './look-at.js';
import type { Look, LookResult } from './look.js';
import { needsReaders, vaultKnown } from '../observe/observe-vault.js';
import { remediatorsOf } from '../plan-resource.js';
import { rememberDrafts, splitDrafts } from '../record/record-memory.js';
import { createSerialiser } from './serialise.js';
import { within } from '../within.js';

/** How long to leave a resource alone that somebody else is working on. */
const BUSY_MS = 5000;

/** How long a look holds its resource while it is found out whether who reads the vaults is known. */
const KNOWN_SOON_MS = 1000;

/**
 * `begin` is called when reading begins, and gives the look as it is by then: others may have joined it while it waited
 * for its turn.
 */
export type RunLook = (look: Look, options: LookOptions, begin?: () => Look) => Promise<LookResult>;

/**
 * Looks at one resource with nobody else at it, and turns what went wrong with Azure into a result. What went wrong
 * with the storage account is thrown: without it nothing may be changed.
 */
export function createRunLook(deps: EngineDeps, arrivals: Arrivals = createArrivals()): RunLook {
  const serialise = createSerialiser();
  const unseenReaders = createUnseenReaders(deps);
  const ensureReadersKnown = createReaderKnowledge({ ...deps, reader: deps.sweepReader });

  /** Null where who reads the vaults has to be learned first, which may take minutes. */
  async function lookHeld(
    options: LookOptions,
    known: Promise<boolean>,
    begin: () => Look,
  ): Promise<LookResult | null> {
    if ((await within(known, KNOWN_SOON_MS)) === null) return null;
    return lookAt(deps, begin(), options);
  }

  async function lookInTurn(look: Look, options: LookOptions, begin: () => Look): Promise<LookResult> {
    for (;;) {
      // Nothing is read before a write could follow: what was read would grow old.
      if (options.isFromQueue === true) await deps.writer.reserve(look.id, options.signal);
      // What need not be read under the lease is read while it is acquired.
      const readersKnown = readersKnownTo(look, options);
      const isVaultKnown = vaultKnown(deps, look);
      const held = await deps.leases.withLease(look.id, (lease) =>
        lookHeld(
          {
            ...options,
            isVaultKnown,
            unseenReaders,
            signal: AbortSignal.any([options.signal, lease]),
            latestEvent: () => arrivals.latest(look.id),
          },
          readersKnown,
          begin,
        ),
      );
      if (held.kind === 'busy') return busy(look);
      if (held.value !== null) return held.value;
      await readersKnown;
    }
  }

  /** A vault is never shut without its Logic Apps' addresses: who reads it is learned first. */
  function readersKnownTo(look: Look, { signal }: LookOptions): Promise<boolean> {
    const known = (needsReaders(deps, look) ? ensureReadersKnown(signal) : Promise.resolve()).then(
      () => true,
    );
    // Where the lease is not had, nobody waits for it, and its failure would end the process.
    known.catch(() => undefined);
    return known;
  }

  return async (look, options, begin = () => look) => {
    try {
      return await serialise(look.id.key, options.signal, () => lookInTurn(look, options, begin));
    } catch (error) {
      return await afterFailure(deps, begin(), options, error);
    } finally {
      deps.writer.release(look.id);
    }
  };
}

function busy(look: Look): LookResult {
  const why = `Somebody else is working on ${look.id.id}.`;
  return { kind: 'later', retryAfterMs: BUSY_MS, why, isBusy: true, isRecorded: false };
}

async function afterFailure(
  deps: EngineDeps,
  look: Look,
  options: LookOptions,
  error: unknown,
): Promise<LookResult> {
  if (options.signal.aborted) {
    const why = `There was not enough time for ${look.id.id}.`;
    return { kind: 'later', retryAfterMs: 0, why, isBusy: false, isRecorded: false };
  }
  if (!(error instanceof ArmError)) throw error;
  const { kind, retryAfterMs } = error.details;
  if (kind === 'unauthorized' || kind === 'rejected' || kind === 'locked' || kind === 'not-found') {
    return recordFailure(deps, look, error.message);
  }
  return {
    kind: 'later',
    retryAfterMs: retryAfterMs ?? 0,
    why: error.message,
    isBusy: false,
    isRecorded: false,
    ...(kind === 'throttled' ? { isThrottled: true } : {}),
  };
}

/** Records, for each remediator that would have looked, that it could not; once for the same reason. */
export async function recordFailure(deps: EngineDeps, look: Look, why: string): Promise<LookResult> {
  const held = await deps.leases.withLease(look.id, () =>
    recordDrafts(deps, look, failures(deps, look, why)),
  );
  const recordIds: ReadonlyMap<string, string> =
    held.kind === 'done' ? held.value : new Map<string, string>();
  const remediations = failures(deps, look, why).map(({ remediator }) => ({
    remediator,
    outcome: 'failed' as const,
    edits: [],
    warnings: [],
    error: why,
    recordId: recordIds.get(remediator) ?? null,
  }));
  const obstacle = { kind: 'failed', recordId: remediations[0]?.recordId ?? null, why } as const;
  return { kind: 'done', outcome: 'failed', remediations, obstacle };
}

function failures(deps: EngineDeps, look: Look, error: string): readonly Draft[] {
  return remediatorsOf(look.id.kind)
    .filter(({ id }) => deps.policy.modeOf(id) !== 'off' && (look.remediators?.includes(id) ?? true))
    .map(({ id }) => {
      const mode = deps.policy.modeOf(id) === 'enforce' ? 'enforce' : 'audit';
      return { remediator: id, mode, outcome: 'failed', edits: [], warnings: [], error };
    });
}

/** Under the lease, because the memory is read and written. Gives the records' ids by remediator. */
async function recordDrafts(
  deps: EngineDeps,
  look: Look,
  drafts: readonly Draft[],
): Promise<ReadonlyMap<string, string>> {
  if (look.dryRun) return new Map();
  const memory = await deps.memory.read(look.id);
  const { fresh, known } = splitDrafts(drafts, memory.recorded);
  const trail = startTrail(look, deps.now());
  const records = fresh.map((draft) => toRecord(trail, draft, deps.now()));
  await recordOutcome(deps, records);
  // What else is remembered of these remediators stays: that they could not look says nothing of it.
  const recorded = { ...memory.recorded, ...rememberDrafts({}, new Set(), records, known) };
  if (records.length > 0) await deps.memory.write(look.id, { ...memory, recorded });
  return new Map([
    ...records.map(({ remediator, id }) => [remediator, id] as const),
    ...known.map(({ draft, recordId }) => [draft.remediator, recordId] as const),
  ]);
}
