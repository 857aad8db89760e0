import { recordOutcome } from '../record/audit-trail.js';
import { rememberOpen } from '../record/record-memory.js';
import { SHOWN_WITHIN_MS } from '../settle/until-shown.js';
import { closeUnconfirmed, separateFromRefusal, type OpenWrite } from '../write/open-write.js';
import { closeFailed, later } from './leave-look.js';
import type { LookResult } from './look.js';
import { noteClosed, renewWriteId, type Looking } from './looking.js';

/* What becomes of an earlier write that is in the way of the next one. */

/** What became of the writes is found out first, by the next look. */
export async function takeUpForgotten(
  { deps, seen, trail }: Looking,
  writeIds: readonly string[],
): Promise<LookResult> {
  const { id } = trail.look;
  const left = { at: deps.now(), isTaken: false };
  const recorded = writeIds.reduce(
    (marked, writeId) => rememberOpen(marked, writeId, left),
    seen.memory.recorded,
  );
  await deps.memory.write(id, { ...seen.memory, recorded });
  return later(`What became of an earlier write to ${id.id} is not known yet.`, SHOWN_WITHIN_MS);
}

/** Nothing tells whether it was carried out and undone since, or never: what is written next has records of its own. */
export async function closeUndone(looking: Looking, open: OpenWrite): Promise<void> {
  const { deps, seen, trail } = looking;
  const closed = closeUnconfirmed(open, deps.now());
  const { applied, putBack } = separateFromRefusal(closed, seen.memory, deps.now());
  await recordOutcome(deps, applied, trail.writeId);
  if (putBack.length > 0) await deps.audit.write(putBack);
  looking.open = null;
  renewWriteId(looking);
}

/** Another write takes the place of one that Azure has certainly not carried out. */
export async function closeChanged(looking: Looking, open: OpenWrite): Promise<void> {
  const { deps, trail } = looking;
  const changed = closeFailed(
    deps,
    open,
    'Azure did not say that it took it, and the plan was another one when the resource was read again.',
  );
  noteClosed(looking, changed);
  await recordOutcome(deps, changed, trail.writeId);
  renewWriteId(looking);
}
