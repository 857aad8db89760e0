import { REMEDIATORS } from '../remediators/index.js';
import { ArmError } from './arm-error.js';
import { newDrafts, recordOutcome, startTrail, toRecord } from './audit-trail.js';
import { connectionChanged } from './connection-changed.js';
import type { Draft } from './draft-records.js';
import type { EngineDeps } from './engine-deps.js';
import { createReaderKnowledge } from './learn-readers.js';
import { lookAt, type LookOptions } from './look-at.js';
import type { Look, LookResult } from './look.js';
import { needsReaders } from './observe-vault.js';
import { createSerialiser } from './serialise.js';

/** How long to leave a resource alone that somebody else is working on. */
const BUSY_MS = 5000;

export type RunLook = (look: Look, options: LookOptions) => Promise<LookResult>;

/**
 * Looks at one resource with nobody else at it, and turns what went wrong with Azure into a result. What went wrong
 * with the storage account is thrown: without it nothing may be changed.
 */
export function createRunLook(deps: EngineDeps): RunLook {
  const serialise = createSerialiser();
  const ensureReadersKnown = createReaderKnowledge(deps);
  return (look, options) =>
    serialise(look.id.key, async () => {
      try {
        options.signal.throwIfAborted();
        if (look.id.kind === 'connection') return await connectionChanged(deps, look, options.signal);
        // A vault is never shut without its Logic Apps' addresses: who reads it is learned first.
        if (needsReaders(deps, look)) await ensureReadersKnown(options.signal);
        const held = await deps.leases.withLease(look.id, (lease) =>
          lookAt(deps, look, { ...options, signal: AbortSignal.any([options.signal, lease]) }),
        );
        if (held.kind === 'done') return held.value;
        return {
          kind: 'later',
          retryAfterMs: BUSY_MS,
          why: `Somebody else is working on ${look.id.id}.`,
          isBusy: true,
        };
      } catch (error) {
        return await afterFailure(deps, look, options, error);
      }
    });
}

async function afterFailure(
  deps: EngineDeps,
  look: Look,
  options: LookOptions,
  error: unknown,
): Promise<LookResult> {
  if (options.signal.aborted) {
    return {
      kind: 'later',
      retryAfterMs: 0,
      why: `There was not enough time for ${look.id.id}.`,
      isBusy: false,
    };
  }
  if (!(error instanceof ArmError)) throw error;
  const { kind, retryAfterMs } = error.details;
  if (kind === 'not-found' && look.id.kind === 'connection') return { kind: 'gone' };
  if (kind === 'unauthorized' || kind === 'rejected' || kind === 'locked' || kind === 'not-found') {
    return recordFailure(deps, look, error.message);
  }
  return { kind: 'later', retryAfterMs: retryAfterMs ?? 0, why: error.message, isBusy: false };
}

/** Records, for each remediator that would have looked, that it could not; once for the same reason. */
export async function recordFailure(deps: EngineDeps, look: Look, error: string): Promise<LookResult> {
  const trail = startTrail(look, deps.now());
  const drafts = REMEDIATORS.filter(
    ({ id, appliesTo }) =>
      appliesTo === look.id.kind &&
      deps.policy.modeOf(id) !== 'off' &&
      (look.remediators?.includes(id) ?? true),
  ).map(({ id }): Draft => {
    const mode = deps.policy.modeOf(id) === 'enforce' ? 'enforce' : 'audit';
    return { remediator: id, mode, outcome: 'failed', edits: [], warnings: [], error };
  });
  const memory = await deps.memory.read(look.id);
  const asked = new Set<string>(drafts.map(({ remediator }) => remediator));
  const { fresh, recorded } = newDrafts(drafts, asked, memory);
  const records = look.dryRun ? [] : fresh.map((draft) => toRecord(trail, draft, deps.now()));
  await recordOutcome(deps, records);
  if (records.length > 0)
    await deps.memory.write(look.id, { ...memory, recorded: { ...memory.recorded, ...recorded } });
  return {
    kind: 'done',
    outcome: 'failed',
    obstacle: 'failed',
    remediations: drafts.map(({ remediator }) => ({
      remediator,
      outcome: 'failed',
      edits: [],
      warnings: [],
      error,
      recordId: records.find((record) => record.remediator === remediator)?.id ?? null,
    })),
  };
}
