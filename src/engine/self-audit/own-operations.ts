import type { ActivityEvent } from './ports.js';

/** One operation that Azure carried out on a request of Holdfast's identity, however many events tell of it. */
export interface OwnOperation {
  /** What tells it from other operations. */
  readonly key: string;
  readonly action: string;
  readonly resourceId: string;
  /** When it ended, by Azure's clock; null where no event says. */
  readonly at: Date | null;
  /** Everything by which a record may name it. */
  readonly traces: ReadonlySet<string>;
  readonly clientRequestId: string | null;
  readonly serviceRequestId: string | null;
  readonly correlationId: string | null;
  readonly caller: string | null;
  readonly ip: string | null;
}

/** Only these are recorded (https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema#administrative-category). */
const CHANGES = /\/(?:write|action|delete)$/i;

/**
 * What Azure Policy does about a request is logged under the identity that made it, as a category of its own
 * (https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema#policy-category): nobody asked for that.
 */
const OF_POLICY = /^Microsoft\.Authorization\/policies\//i;

/** The events of one request, also those that a resource provider logs under ids of its own, lie no further apart. */
export const TOGETHER_MS = 10_000;

/** `Success` is what Log Analytics makes of it. */
const DONE = /^succe(?:eded|ss)$/i;

/** The operations among these events that were made under one of these ids (in lower case) and succeeded. */
export function ownOperations(
  events: readonly ActivityEvent[],
  own: ReadonlySet<string>,
): readonly OwnOperation[] {
  const ours = events.filter(
    ({ callers, operation, category }) =>
      callers.some((id) => own.has(id)) &&
      CHANGES.test(operation) &&
      !OF_POLICY.test(operation) &&
      (category ?? 'Administrative').toLowerCase() === 'administrative',
  );
  return [...Map.groupBy(ours, keyOf)].flatMap(([key, events]) => operationsIn(key, events));
}

/** An operation begins, may be taken, and ends, each an event with the same operation id. */
function keyOf({ operation, resourceId, operationId, correlationId, id }: ActivityEvent): string {
  return [operation.toLowerCase(), resourceId.toLowerCase(), operationId ?? correlationId ?? id ?? ''].join(
    ' ',
  );
}

/**
 * The operations among events that share all of that. Where Azure chose the operation's id it is one, which may have ended
 * more than once. The id may also be the correlation id
 * (https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema has a sample event with one value for both),
 * and that the client chooses: then each request that ended is one, or else whoever repeats the id of a recorded write
 * would pass for it.
 */
function operationsIn(key: string, events: readonly ActivityEvent[]): readonly OwnOperation[] {
  const isEnd = ({ status }: ActivityEvent): boolean => DONE.test(status);
  const ends = events.filter(isEnd);
  if (ends.length === 0) return [];
  if (!events.some(isNamedByClient)) return [asOperation(key, events)];
  const requests = requestsIn(ends);
  for (const event of events.filter((one) => !isEnd(one))) {
    const own = requests.find((ofOne) => ofOne.some((end) => timeOf(end) >= timeOf(event)));
    (own ?? requests.at(-1))?.push(event);
  }
  return requests.map((ofOne) => asOperation(`${key} ${nameOf(ofOne)}`, ofOne));
}

function isNamedByClient({ operationId, correlationId, clientRequestId }: ActivityEvent): boolean {
  return operationId === null || operationId === correlationId || operationId === clientRequestId;
}

/** What Azure calls a request, or its first event: the same whenever it is read. */
function nameOf(ofOne: readonly ActivityEvent[]): string {
  const named = ofOne.find(({ serviceRequestId }) => serviceRequestId !== null);
  return named?.serviceRequestId ?? ofOne[0]?.id ?? '';
}

/** By the id that Azure gave each request; events that have none belong to what ended at the same time. */
function requestsIn(ends: readonly ActivityEvent[]): ActivityEvent[][] {
  const requests: ActivityEvent[][] = [];
  for (const end of ends.toSorted((one, other) => timeOf(one) - timeOf(other))) {
    const known = requests.find((ofOne) => isSameRequest(ofOne, end));
    if (known === undefined) requests.push([end]);
    else known.push(end);
  }
  return requests;
}

function isSameRequest(ofOne: readonly ActivityEvent[], end: ActivityEvent): boolean {
  const named = ofOne.filter(({ serviceRequestId }) => serviceRequestId !== null);
  if (end.serviceRequestId !== null && named.length > 0)
    return named.some(({ serviceRequestId }) => serviceRequestId === end.serviceRequestId);
  return ofOne.some((other) => Math.abs(timeOf(other) - timeOf(end)) <= TOGETHER_MS);
}

function timeOf({ at }: ActivityEvent): number {
  return at?.getTime() ?? 0;
}

function asOperation(key: string, events: readonly ActivityEvent[]): OwnOperation {
  const ended = events.filter(({ status }) => DONE.test(status));
  const times = ended.flatMap(({ at }) => (at === null ? [] : [at.getTime()]));
  const first = <T>(read: (event: ActivityEvent) => T | null): T | null =>
    [...ended, ...events].map(read).find((value) => value !== null) ?? null;
  const traces = events.flatMap(({ clientRequestId, correlationId, serviceRequestId, operationId }) =>
    [clientRequestId, correlationId, serviceRequestId, operationId].filter((id) => id !== null),
  );
  return {
    key,
    action: first(({ operation }) => operation) ?? '',
    resourceId: first(({ resourceId }) => resourceId) ?? '',
    at: times.length === 0 ? null : new Date(Math.min(...times)),
    traces: new Set(traces),
    clientRequestId: first((event) => event.clientRequestId),
    serviceRequestId: first((event) => event.serviceRequestId),
    correlationId: first((event) => event.correlationId),
    caller: first(({ callers }) => callers[0] ?? null),
    ip: first(({ callerIp }) => callerIp),
  };
}
