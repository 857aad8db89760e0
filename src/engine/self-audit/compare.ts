import { TOGETHER_MS, type OwnOperation } from './own-operations.js';
import type { RecordedWrite } from './recorded-writes.js';

/** Azure's clock, ours, and that of another instance may differ by this much, and a write may take as long. */
export const MARGIN_MS = 10 * 60_000;

/** Where nothing but the time tells, it must tell more. */
const CLOSE_MS = 2 * 60_000;

/**
 * A write whose answer was lost may be sent again under its id (docs/decisions/0001), and a provider may log a request
 * once more. This many operations may be those, beside the one that Azure answered.
 */
const MOST_BESIDE = 3;

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
 * can read the ids of earlier writes in the activity log and send them again. So the resource and the time count, too,
 * and what Azure itself called the request.
 */
export function compare(operations: readonly OwnOperation[], writes: readonly RecordedWrite[]): Comparison {
  const byTrace = new Map<string, RecordedWrite[]>();
  for (const write of writes) {
    for (const trace of [write.writeId, write.armRequestId]) {
      if (trace !== null) byTrace.set(trace, [...(byTrace.get(trace) ?? []), write]);
    }
  }
  const excused = new Set<OwnOperation>();
  const named = new Map<RecordedWrite, OwnOperation[]>();
  for (const operation of operations) {
    const traced = [...operation.traces].flatMap((trace) => byTrace.get(trace) ?? []);
    const timely = traced.filter((write) => distance(operation, write) <= MARGIN_MS);
    if (LINKED.test(operation.action) && timely.length > 0) excused.add(operation);
    for (const write of new Set(timely.filter((one) => isWriteTo(operation, one)))) {
      named.set(write, [...(named.get(write) ?? []), operation]);
    }
  }
  for (const [write, own] of named) {
    for (const operation of excusedBy(write, own)) excused.add(operation);
  }
  const seen = new Set(named.keys());
  const unmatched = operations.filter((operation) => !excused.has(operation));
  const unrecorded = withoutNameless(unmatched, writes, seen);
  return { unrecorded, unknown: writes.filter((write) => !seen.has(write)) };
}

/**
 * Of the operations that bear a write's id, those that it was. Azure gives each request an id that its client does not
 * choose, and the record has that of the answer: this one is it, and so are tries before it whose answers were lost. What
 * came after it is somebody else's, who has read the id. Where Azure does not say, the earliest few count.
 */
function excusedBy(write: RecordedWrite, operations: readonly OwnOperation[]): readonly OwnOperation[] {
  const isAnswered = ({ serviceRequestId }: OwnOperation): boolean =>
    serviceRequestId !== null && serviceRequestId === write.armRequestId;
  const timeOf = ({ at }: OwnOperation): number => at?.getTime() ?? 0;
  const answered = operations.filter(isAnswered);
  const end = answered.length === 0 ? Infinity : Math.min(...answered.map(timeOf)) + TOGETHER_MS;
  const before = operations
    .filter((operation) => !isAnswered(operation) && timeOf(operation) <= end)
    .toSorted((one, other) => timeOf(one) - timeOf(other));
  return [...answered, ...before.slice(0, MOST_BESIDE)];
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
