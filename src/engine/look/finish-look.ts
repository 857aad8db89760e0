import type { JsonObject } from '../../types/json.js';
import type { AuditRecord } from '../../types/record.js';
import { recordOutcome, toRecord, type Trail } from '../record/audit-trail.js';
import type { Draft } from '../record/draft-records.js';
import type { EngineDeps } from '../engine-deps.js';
import type { LookResult, Obstacle } from './look.js';
import { queueAgain } from './queue-look.js';
import { toLookResult } from './look-result.js';
import { afterTakingUp } from '../lost-save/after-taking-up.js';
import { nextMemory } from '../next-memory.js';
import { noteHistory, reverterOf, type RecordedPause } from '../contested/note-history.js';
import type { Seen } from '../observe/observe.js';
import { noteStanding } from '../standing.js';
import type { ResourcePlan } from '../plan-resource.js';
import { blockedIn, rememberBlocked, rememberDrafts, splitDrafts } from '../record/record-memory.js';

export interface Finished {
  readonly trail: Trail;
  readonly seen: Seen;
  readonly plan: ResourcePlan;
  readonly drafts: readonly Draft[];
  /** The records of what was tried, each with its outcome. */
  readonly closed: readonly AuditRecord[];
  /** The records of parts that were written before, as they stand in the audit log. */
  readonly done?: readonly AuditRecord[];
  /** Records that were written over for a while and go back as they were. */
  readonly putBack?: readonly AuditRecord[];
  /** The resource as it is now. */
  readonly live: JsonObject;
  /** What Azure had against the write, where it had something. */
  readonly obstacle: Obstacle['kind'] | null;
  /** Where a part was left for the queue. */
  readonly unfinished?: LookResult | null;
}

/**
 * Records what a look came to, brings the memory up to date and says what happened. The memory goes before the
 * outcome of a write: a crash in between leaves an open record, which is settled, and not rules that nobody owns.
 */
export async function finishLook(deps: EngineDeps, finished: Finished): Promise<LookResult> {
  const { trail, seen, plan, closed, live, putBack = [], done = [], obstacle, unfinished = null } = finished;
  const asked = new Set<string>(plan.remediations.map(({ remediator }) => remediator));
  const others = finished.drafts.filter((draft) => draft.outcome !== 'pending');
  const { fresh, known } = splitDrafts(others, seen.memory.recorded);
  const freshRecords = await recordsOf(deps, trail, fresh);
  await recordOutcome(deps, freshRecords);

  const unsuccessful = closed.filter((record) => record.outcome !== 'applied');
  const remembered = rememberDrafts(seen.memory.recorded, asked, freshRecords, known);
  const recorded = rememberBlocked(
    // What a part was left for is remembered already, and is nothing that this look came to.
    unfinished === null ? remembered : { ...blockedIn(seen.memory.recorded), ...remembered },
    obstacle === null ? [] : unsuccessful,
  );
  const save = afterTakingUp(recorded, closed, others);
  const next = nextMemory(deps.now(), seen, save.recorded, closed, live);
  const memory = await noteHistory(deps, next, {
    records: closed,
    paused: begunPauses(fresh, freshRecords),
    cause: trail.look,
  });
  if (memory !== seen.memory || seen.isUnsaved === true) await deps.memory.write(trail.look.id, memory);
  if (save.tryAgainMs !== null) await queueAgain(deps, trail.look, save.tryAgainMs);
  await recordOutcome(deps, closed, trail.writeId);
  // Known to every sink already; only the audit log was written over.
  if (putBack.length > 0) await deps.audit.write(putBack);

  await noteStanding(deps, seen.observed, live, memory);

  const [first] = [...done, ...closed].filter((record) => record.outcome !== 'applied');
  const met = first === undefined ? null : obstacleOf(first, obstacle);
  return toLookResult(plan, [...done, ...closed, ...freshRecords], known, met);
}

/** A contested edit's record names who reverted it, not who caused this look. */
async function recordsOf(
  deps: EngineDeps,
  trail: Trail,
  drafts: readonly Draft[],
): Promise<readonly AuditRecord[]> {
  const isContested = drafts.some(({ paused }) => paused !== undefined);
  const reverter = isContested ? await reverterOf(deps, trail.look) : null;
  return drafts.map((draft) => {
    const record = toRecord(trail, draft, deps.now());
    return draft.paused === undefined ? record : { ...record, actor: reverter ?? draft.paused.actor };
  });
}

function begunPauses(drafts: readonly Draft[], records: readonly AuditRecord[]): readonly RecordedPause[] {
  return drafts.flatMap(({ paused }, i) => {
    const recordId = records[i]?.id;
    return paused === undefined || recordId === undefined ? [] : [{ ...paused, recordId }];
  });
}

function obstacleOf(record: AuditRecord, kind: Obstacle['kind'] | null): Obstacle {
  return {
    kind: kind ?? 'failed',
    recordId: record.id,
    why: record.error ?? 'Azure did not take the change.',
  };
}
