import { recordIntent } from '../record/audit-trail.js';
import { takePlace } from './change-budget.js';
import type { Looking } from '../look/looking.js';
import type { OpenWrite } from '../write/open-write.js';
import type { PreparedWrite } from '../write/prepare-write.js';
import { sendWrite, type WriteAttempt } from '../write/send-write.js';

/*
 * Nothing is written that is not recorded as an intent and counted. Both are put down at once, and only where both
 * are may the write be sent.
 */

/** How long to leave a storage account alone that could not count. */
const COUNT_AGAIN_MS = 1000;

/** Records the intent and counts the look; what keeps the write from being sent, as if Azure had refused it, or null. */
export async function intend(looking: Looking, open: OpenWrite): Promise<WriteAttempt | null> {
  const { deps, trail } = looking;
  const [intent, counted] = await Promise.allSettled([
    recordIntent(deps, trail, open.records, open.evidence),
    looking.allowance ?? takePlace(deps, trail.look),
  ]);
  if (counted.status === 'fulfilled') looking.allowance = counted.value;
  if (intent.status === 'rejected') throw intent.reason;
  if (counted.status === 'rejected') {
    return {
      kind: 'retry',
      retryAfterMs: COUNT_AGAIN_MS,
      why: 'Holdfast could not count its changes in its storage account.',
      isTurnedDown: true,
    };
  }
  if (counted.value.kind !== 'denied') return null;
  return {
    kind: 'blocked',
    outcome: 'refused',
    obstacle: 'failed',
    why: counted.value.why,
    armRequestId: null,
    isDivisible: false,
  };
}

/** Sends the write, and notes whether Azure may have carried it out. */
export async function send(looking: Looking, write: PreparedWrite, open: OpenWrite): Promise<WriteAttempt> {
  const before = looking.mayHaveChanged;
  looking.mayHaveChanged = true;
  const attempt = await sendWrite(looking.deps, looking.trail.look.id, write, open);
  if (isUntouched(attempt)) looking.mayHaveChanged = before;
  return attempt;
}

function isUntouched(attempt: WriteAttempt): boolean {
  switch (attempt.kind) {
    case 'confirmed':
      return false;
    case 'blocked':
      return attempt.missing === undefined;
    case 'retry':
      return attempt.isTurnedDown;
  }
}

/** A look that changed nothing takes no place from others. Where that cannot be noted, it counts as a change. */
export async function giveBackUnused({ deps, allowance, mayHaveChanged }: Looking): Promise<void> {
  if (allowance?.kind !== 'granted' || mayHaveChanged) return;
  await deps.changes.giveBack(allowance.place).catch(() => undefined);
}
