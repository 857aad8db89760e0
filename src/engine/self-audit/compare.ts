import type { OwnOperation } from './own-operations.js';
import type { RecordedWrite } from './recorded-writes.js';

/** Azure's clock, ours, and that of another instance may differ by this much, and a write may take as long. */
export const MARGIN_MS = 10 * 60_000;

/** Where nothing but the time tells, it must tell more. */
const CLOSE_MS = 2 * 60_000;

/**
 * Permissions that Azure checks, in the course of a write, of whoever links a resource to another one
 * (https://learn.microsoft.com/azure/role-based-access-control/permissions/networking: "Not alertable"). Nothing is
 * changed by them. Whether they are logged is not documented; where they are, it is with the write's correlation id.
 */
const LINKED = /\/(?:join|joinViaServiceEndpoint|assign)\/action$/i;

export interface Comparison {
  /** Carried out in Azure, and in no record. */
  readonly unrecorded: readonly OwnOperation[];
  /** Recorded, and not to be found in Azure. */
  readonly unknown: readonly RecordedWrite[];
}

/**
 * Which operations have no record, and which writes no operation. An id alone excuses nothing: whoever has the identity
 * can read the ids of earlier writes in the activity log and send them again. So the resource and the time count, too.
 */
export function compare(operations: readonly OwnOperation[], writes: readonly RecordedWrite[]): Comparison {
  const byTrace = new Map<string, RecordedWrite[]>();
  for (const write of writes) {
    for (const trace of [write.writeId, write.armRequestId]) {
      if (trace !== null) byTrace.set(trace, [...(byTrace.get(trace) ?? []), write]);
    }
  }
  const seen = new Set<RecordedWrite>();
  const unmatched = operations.filter((operation) => {
    const named = [...operation.traces].flatMap((trace) => byTrace.get(trace) ?? []);
    const timely = named.filter((write) => distance(operation, write) <= MARGIN_MS);
    if (LINKED.test(operation.action)) return timely.length === 0;
    const of = timely.filter((write) => isWriteTo(operation, write));
    for (const write of of) seen.add(write);
    return of.length === 0;
  });
  const unrecorded = withoutNameless(unmatched, writes, seen);
  return { unrecorded, unknown: writes.filter((write) => !seen.has(write)) };
}

/**
 * Azure does not always say what the client called its request. Such an operation is the write that was sent to this
 * resource at this time, if there is one that no other operation is: one write excuses one operation.
 */
function withoutNameless(
  unmatched: readonly OwnOperation[],
  writes: readonly RecordedWrite[],
  seen: Set<RecordedWrite>,
): readonly OwnOperation[] {
  return unmatched.filter((operation) => {
    if (operation.clientRequestId !== null) return true;
    const [nearest] = writes
      .filter((write) => !seen.has(write) && isWriteTo(operation, write))
      .filter((write) => operation.serviceRequestId === null || write.armRequestId === null)
      .filter((write) => distance(operation, write) <= CLOSE_MS)
      .toSorted((one, other) => distance(operation, one) - distance(operation, other));
    if (nearest === undefined) return true;
    seen.add(nearest);
    return false;
  });
}

/** Holdfast deletes nothing and calls no action. */
function isWriteTo({ action, resourceId }: OwnOperation, { resources }: RecordedWrite): boolean {
  const id = resourceId.toLowerCase();
  return /\/write$/i.test(action) && resources.some((one) => id === one || id.startsWith(`${one}/`));
}

/** How far apart they are, in milliseconds; 0 where the operation lies within the write, or has no time. */
function distance({ at }: OwnOperation, { from, to }: RecordedWrite): number {
  if (at === null) return 0;
  return Math.max(0, from - at.getTime(), at.getTime() - to);
}
