import type { AuditRecord } from '../../types/record.js';
import { withoutTurnedDown } from '../../vault/temporary-rules.js';
import { recordOutcome } from '../record/audit-trail.js';
import type { EngineDeps } from '../engine-deps.js';
import type { Look, LookResult } from './look.js';
import type { Seen } from '../observe/observe.js';
import { closeBlocked, closeWrite, type OpenWrite } from '../write/open-write.js';
import { blockedBefore, rememberBlocked, rememberOpen } from '../record/record-memory.js';

/** The ways out of a look that has not come to its end. */

export function closeFailed(deps: EngineDeps, open: OpenWrite, error: string): readonly AuditRecord[] {
  return closeWrite(open, 'failed', error, null, deps.now());
}

/**
 * There is no such resource, as far as this read shows. What it read is forgotten by a sweep, whose list must not show it
 * either: one that was made a moment ago may not be shown yet, and a vault would be shut without its addresses.
 */
export async function reportGone(deps: EngineDeps, look: Look, open: OpenWrite | null): Promise<LookResult> {
  if (open !== null) {
    await recordOutcome(
      deps,
      closeFailed(deps, open, 'The resource was deleted before it could be changed.'),
    );
  }
  if (look.id.kind === 'workflow' && !look.dryRun && (await deps.readers.workflow(look.id)) !== null)
    await deps.touched.mark(look.id);
  if (!look.dryRun) await deps.standings.forget(look.id);
  return { kind: 'gone' };
}

/** Leaves a write for the queue: as failed, where Azure has certainly not carried it out, and open otherwise. */
export function leave(
  deps: EngineDeps,
  seen: Seen,
  open: OpenWrite,
  retryAfterMs: number,
): Promise<LookResult> {
  return (open.mayStand ? leaveOpen : giveUp)(deps, seen, open, retryAfterMs);
}

/** Azure did not carry the write out, and waiting here is no use: the record says so, and the queue goes on. */
async function giveUp(
  deps: EngineDeps,
  seen: Seen,
  open: OpenWrite,
  retryAfterMs: number,
): Promise<LookResult> {
  const why = open.lastError ?? 'There was no time left to write.';
  const error = `${why} It was not changed; Holdfast will try again.`;
  const records = closeBlocked(open, 'failed', error, null, seen.memory, deps.now()).map(
    // That it was not tried this time takes nothing from why Azure would not take it before.
    (record) => blockedBefore(seen.memory.recorded, record) ?? record,
  );
  await recordOutcome(deps, records, open.trail.writeId);
  const recorded = rememberBlocked(seen.memory.recorded, records);
  const memory = withoutTurnedDown(seen.memory, open.records);
  await deps.memory.write(open.trail.look.id, { ...memory, recorded });
  return { ...later(why, retryAfterMs), isRecorded: true };
}

/** Nobody knows what became of the write: the intent stays, and the next look at the resource finds out first. */
export async function leaveOpen(
  deps: EngineDeps,
  seen: Seen,
  open: OpenWrite,
  retryAfterMs: number,
): Promise<LookResult> {
  const recorded = rememberOpen(seen.memory.recorded, open.trail.writeId, {
    at: deps.now(),
    isTaken: open.isTaken,
  });
  await deps.memory.write(open.trail.look.id, { ...seen.memory, recorded });
  return later(open.lastError ?? 'Azure did not answer.', retryAfterMs);
}

export function later(why: string, retryAfterMs: number): Extract<LookResult, { kind: 'later' }> {
  return { kind: 'later', retryAfterMs, why, isBusy: false, isRecorded: false };
}
