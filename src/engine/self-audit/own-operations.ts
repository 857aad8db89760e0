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
  return [...Map.groupBy(ours, keyOf)]
    .filter(([, events]) => events.some(({ status }) => DONE.test(status)))
    .map(([key, events]) => asOperation(key, events));
}

/**
 * An operation begins, may be taken, and ends, each an event with the same operation id. Nothing that the client chooses
 * joins two events where there is one: what is joined to a recorded write would pass for it.
 */
function keyOf({ operation, resourceId, operationId, correlationId, id }: ActivityEvent): string {
  return [operation.toLowerCase(), resourceId.toLowerCase(), operationId ?? correlationId ?? id ?? ''].join(
    ' ',
  );
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
