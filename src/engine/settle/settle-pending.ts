import type { AuditRecord } from '../../types/record.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import type { PendingRecord } from '../ports/audit-log.js';
import type { ResourceMemory } from '../ports/memory.js';
import { isTakenOpen, openWriteIds, rememberBlocked, withoutOpen } from '../record/record-memory.js';
import { untilShown } from './until-shown.js';
import { settleOne, type LeftOpen } from './settle-one.js';

/** A write that is older than this has been answered or never will be: a lease lasts a minute. */
const SETTLE_AFTER_MS = 2 * 60_000;

const DAY_MS = 24 * 60 * 60_000;

/**
 * Settles the writes whose outcome was never recorded, because the process ended between. Each is judged from the
 * live resource and from who ARM says wrote last; without evidence it is `failed`, with the warning `unconfirmed`.
 * One that cannot be judged now stays for the next sweep. `afterMs` is how old a write must be; where nobody else can be at
 * it, it need not be old.
 */
export async function settlePending(
  deps: EngineDeps,
  signal: AbortSignal,
  afterMs: number = SETTLE_AFTER_MS,
): Promise<void> {
  const pending = await deps.audit.pending(new Date(deps.now().getTime() - afterMs));
  for (const write of byWrite(pending)) {
    const id = tryParseResourceId(write[0]?.record.resourceId ?? '');
    if (id === null) continue;
    try {
      await deps.leases.withLease(id, async (lease) => {
        const left = leftOpen(deps, await deps.memory.read(id), write[0]?.record.writeId ?? '');
        return settleOne(deps, id, write, left, AbortSignal.any([signal, lease]));
      });
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
    }
  }
}

/**
 * Settles the writes that a look had to leave open, before the next look at the resource. The lease is held. Gives how
 * long one of them may still not be shown, in milliseconds; 0 where all are settled. Until then nothing can be planned.
 */
export async function settleLeftOpen(
  deps: EngineDeps,
  id: ResourceId,
  memory: ResourceMemory,
  signal: AbortSignal,
): Promise<number> {
  const writeIds = openWriteIds(memory.recorded);
  const failed: AuditRecord[] = [];
  const unshown = new Map<string, number>();
  // Another instance, whose clock may be ahead, may have recorded it.
  const pending = await deps.audit.pending(new Date(deps.now().getTime() + DAY_MS));
  for (const write of byWrite(pending.filter(({ record }) => writeIds.includes(record.writeId)))) {
    const writeId = write[0]?.record.writeId ?? '';
    const left = leftOpen(deps, memory, writeId);
    const settled = await settleOne(deps, id, write, left, signal);
    if (settled === 'unshown') unshown.set(writeId, left.waitMs);
    else failed.push(...settled);
  }
  const now = await deps.memory.read(id);
  // The same change tried again in vain goes over the same record.
  const recorded = withoutOpen(now.recorded, new Set(unshown.keys()), deps.now());
  await deps.memory.write(id, { ...now, recorded: rememberBlocked(recorded, failed) });
  return Math.max(0, ...unshown.values());
}

function leftOpen(deps: EngineDeps, memory: ResourceMemory, writeId: string): LeftOpen {
  return {
    waitMs: untilShown(deps, memory, writeId),
    isTaken: isTakenOpen(memory.recorded, writeId),
  };
}

function byWrite(pending: readonly PendingRecord[]): readonly (readonly PendingRecord[])[] {
  return [...Map.groupBy(pending, ({ record }) => record.writeId).values()];
}
