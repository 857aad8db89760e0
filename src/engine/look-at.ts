import type { JsonObject } from '../types/json.js';
import type { AuditRecord } from '../types/record.js';
import { recordIntent, recordOutcome, startTrail } from './audit-trail.js';
import { draftRecords } from './draft-records.js';
import type { EngineDeps } from './engine-deps.js';
import { finishLook } from './finish-look.js';
import type { Look, LookResult } from './look.js';
import { previewLook } from './look-result.js';
import { observe } from './observe.js';
import {
  closeUnconfirmed,
  closeWrite,
  openWrite,
  separateFromRefusal,
  type OpenWrite,
} from './open-write.js';
import { planResource } from './plan-resource.js';
import { prepareWrite } from './prepare-write.js';
import { sendWrite } from './send-write.js';
import { settleWrite } from './settle-write.js';
import { sleep } from './sleep.js';

export interface LookOptions {
  /** Aborts reading and waiting; a write that was sent is always waited for. */
  readonly signal: AbortSignal;
  /** Whether there is time to ask the workflows of rules that nobody seems to need any more. */
  readonly confirmReleases: boolean;
}

/** How often a write that Azure did not carry out is planned anew within one look. */
const MAX_WRITES = 3;
/** A named wait longer than this goes to the queue. */
const LONGEST_WAIT_MS = 5000;
const BACKOFF_MS = 300;

/**
 * Looks at one resource and does what it takes: observe, plan, record the intent, write, verify, record the
 * outcome. To be called while holding the resource's lease. Throws `ArmError` where the resource cannot be read.
 */
export async function lookAt(deps: EngineDeps, look: Look, options: LookOptions): Promise<LookResult> {
  const trail = startTrail(look, deps.now());
  const closed: AuditRecord[] = [];
  let open: OpenWrite | null = null;

  for (let writes = 0; ; writes++) {
    const seen = await observe(deps, look, options);
    if (seen === null) {
      await recordOutcome(deps, close(deps, open, 'The resource was deleted before it could be changed.'));
      return { kind: 'gone' };
    }
    if (open !== null && (await settle(deps, open, look, seen.document, closed))) open = null;

    const plan = prepareWrite(planResource(seen.observed, deps.policy, look.remediators, deps.now()), seen);
    const drafts = draftRecords(plan, look);
    if (look.dryRun) return previewLook(plan, drafts);
    const intents = drafts.filter((draft) => draft.outcome === 'pending');
    if (intents.length === 0 || plan.write === null) {
      closed.push(...close(deps, open, 'It was not needed any more after Azure had reported a conflict.'));
      return finishLook(deps, { trail, seen, plan, drafts, closed, live: seen.document });
    }
    if (open !== null && writes >= MAX_WRITES) return giveUp(deps, open, 0);

    const next = openWrite(trail, intents, plan.write.evidence, seen.memory, open, deps.now());
    if (open !== next)
      closed.push(...close(deps, open, 'The plan changed after Azure had reported a conflict.'));
    open = next;
    await recordIntent(deps, open.records, plan.write.evidence);
    // From here on the lease must outlast the write.
    if (options.signal.aborted)
      return giveUp(deps, { ...open, lastError: 'There was no time left to write.' }, 0);
    const attempt = await sendWrite(deps, look.id, plan.write, open);
    switch (attempt.kind) {
      case 'confirmed': {
        const records = closeWrite(open, 'applied', null, attempt.armRequestId, deps.now());
        const { applied, putBack } = separateFromRefusal(records, seen.memory, deps.now());
        closed.push(...applied);
        return finishLook(deps, { trail, seen, plan, drafts, closed, putBack, live: attempt.document });
      }
      case 'blocked': {
        closed.push(...closeWrite(open, attempt.outcome, attempt.why, attempt.armRequestId, deps.now()));
        return finishLook(deps, {
          trail,
          seen,
          plan,
          drafts,
          closed,
          live: seen.document,
          obstacle: attempt.obstacle,
        });
      }
      case 'retry':
        open = { ...open, lastError: attempt.why };
        if (attempt.retryAfterMs > LONGEST_WAIT_MS) return giveUp(deps, open, attempt.retryAfterMs);
        await sleep(Math.max(attempt.retryAfterMs, BACKOFF_MS * 2 ** writes), options.signal);
    }
  }
}

/** Finds out what became of a write that was not confirmed; true where its records are closed. */
async function settle(
  deps: EngineDeps,
  open: OpenWrite,
  look: Look,
  live: JsonObject,
  closed: AuditRecord[],
): Promise<boolean> {
  const settlement = await settleWrite(deps, open.records, open.evidence, look.id, live);
  if (settlement === 'absent') return false;
  closed.push(
    ...(settlement === 'applied'
      ? closeWrite(open, 'applied', null, null, deps.now())
      : closeUnconfirmed(open, deps.now())),
  );
  return true;
}

function close(deps: EngineDeps, open: OpenWrite | null, error: string): readonly AuditRecord[] {
  return open === null ? [] : closeWrite(open, 'failed', error, null, deps.now());
}

/** Azure did not carry the write out, and waiting here is no use: the record says so, and the queue goes on. */
async function giveUp(deps: EngineDeps, open: OpenWrite, retryAfterMs: number): Promise<LookResult> {
  const why = open.lastError ?? 'Azure did not carry the write out.';
  await recordOutcome(deps, close(deps, open, `${why} It was not changed; Holdfast will try again.`));
  return { kind: 'later', retryAfterMs, why, isBusy: false };
}
