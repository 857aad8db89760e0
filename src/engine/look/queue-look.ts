import type { ResourceId } from '../../types/resource-id.js';
import type { EngineDeps } from '../engine-deps.js';
import type { Look } from './look.js';
import type { ReconcileMessage } from '../ports/queue.js';
import { currentTraceParent } from '../../telemetry/trace-parent.js';

export function toMessage(look: Look, attempt: number, deferrals = 0): ReconcileMessage {
  const { id, trigger, correlationId, actor, remediators, askedForByName } = look;
  const traceParent = currentTraceParent();
  const message = {
    v: 1,
    resourceId: id.id,
    correlationId,
    trigger,
    actor,
    remediators,
    askedForByName,
    attempt,
    ...(deferrals > 0 ? { deferrals } : {}),
    ...(traceParent === null ? {} : { traceParent }),
  } as const;
  return look.isOfSurroundings === true ? { ...message, isOfSurroundings: true } : message;
}

/** Has another resource looked at, as a whole, for the same cause; nobody has asked for that one by name. */
export function queueAnother(deps: Pick<EngineDeps, 'queue'>, look: Look, id: ResourceId): Promise<void> {
  return queueLook(deps, { ...look, id, remediators: null, askedForByName: false });
}

/** Has the resource looked at again, as a whole. Whoever asked for one thing by name has not asked for the others. */
export function queueAgain(deps: Pick<EngineDeps, 'queue'>, look: Look, delayMs: number): Promise<void> {
  const askedForByName = look.askedForByName && look.remediators === null;
  return queueLook(deps, { ...look, remediators: null, askedForByName }, delayMs);
}

/** Has a resource looked at by way of the queue. */
export async function queueLook(
  deps: Pick<EngineDeps, 'queue'>,
  look: Look,
  delayMs = 0,
  attempt = 0,
  deferrals = 0,
): Promise<void> {
  await deps.queue.send(toMessage(look, attempt, deferrals), delayMs);
}
