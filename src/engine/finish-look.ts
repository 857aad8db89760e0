import type { JsonObject } from '../types/json.js';
import type { AuditRecord } from '../types/record.js';
import { newDrafts, recordOutcome, toRecord, type Trail } from './audit-trail.js';
import type { Draft } from './draft-records.js';
import type { EngineDeps } from './engine-deps.js';
import type { LookResult } from './look.js';
import { toLookResult } from './look-result.js';
import { nextMemory } from './next-memory.js';
import { noteReads } from './note-reads.js';
import type { Seen } from './observe.js';
import { rememberBlocked } from './open-write.js';
import type { ResourcePlan } from './plan-resource.js';

export interface Finished {
  readonly trail: Trail;
  readonly seen: Seen;
  readonly plan: ResourcePlan;
  readonly drafts: readonly Draft[];
  /** The records of what was tried, each with its outcome. */
  readonly closed: readonly AuditRecord[];
  /** Records that were written over for a while and go back as they were. */
  readonly putBack?: readonly AuditRecord[];
  /** The resource as it is now. */
  readonly live: JsonObject;
  readonly obstacle?: 'locked' | 'failed';
}

/** Records what a look came to, brings the memory up to date and says what happened. */
export async function finishLook(deps: EngineDeps, finished: Finished): Promise<LookResult> {
  const { trail, seen, plan, closed, live, putBack = [], obstacle = null } = finished;
  const asked = new Set<string>(plan.remediations.map(({ remediator }) => remediator));
  const others = finished.drafts.filter((draft) => draft.outcome !== 'pending');
  const { fresh, recorded } = newDrafts(others, asked, seen.memory);
  const freshRecords = fresh.map((draft) => toRecord(trail, draft, deps.now()));
  await recordOutcome(deps, [...closed, ...freshRecords]);
  // Known to every sink already; only the audit log was written over.
  if (putBack.length > 0) await deps.audit.write(putBack);

  const blocked = obstacle === null ? [] : closed.filter((record) => record.outcome !== 'applied');
  const memory = nextMemory(deps.now(), seen, rememberBlocked(recorded, blocked), closed, live);
  if (memory !== seen.memory) await deps.memory.write(trail.look.id, memory);
  if (seen.observed.kind === 'vault') await deps.readers.saveVault(trail.look.id);
  else await noteReads(deps, trail.look, seen.document, seen.observed.connections);

  const repeated = others.filter((draft) => !fresh.includes(draft));
  return toLookResult(plan, [...closed, ...freshRecords, ...repeated], obstacle);
}
