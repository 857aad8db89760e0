import { guidOf } from '../random.js';
import type { JournalledRequest } from '../journal.js';
import { eventClaims, type Principal } from '../principal.js';
import type { World } from '../world.js';

/** One event of a subscription's activity log. */
export interface ActivityEvent {
  /** The newest has the smallest, so that a list that goes on after one is not disturbed by newer ones. */
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly operation: string;
  readonly category: 'Administrative' | 'Policy';
  readonly status: 'Started' | 'Succeeded' | 'Failed';
  readonly request: JournalledRequest;
  readonly principal: Principal;
}

/** More than there will ever be events. */
const NEWEST_FIRST = 2 ** 50;
const AUDIT = 'Microsoft.Authorization/policies/audit/action';

/**
 * What the activity log of a subscription shows by now, the newest first. Every write, action and deletion is in it when
 * it begins and when it ends: https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema
 */
export function activityOf(world: World, subscriptionId: string, now: number): readonly ActivityEvent[] {
  const { activityLogDelayMs } = world.switches.values;
  const under = `/subscriptions/${subscriptionId}`;
  return world.journal
    .requests({ under })
    .flatMap((request) => eventsOf(world, request))
    .filter(({ at }) => at + activityLogDelayMs <= now)
    .toSorted((one, other) => one.sequence - other.sequence);
}

function eventsOf(world: World, request: JournalledRequest): readonly ActivityEvent[] {
  const { principal, operation, method, sequence, changed, status } = request;
  const isLogged = method !== 'GET' && operation !== null && !/\/read$/i.test(operation);
  // What is throttled goes no further, and what never arrived was not begun.
  if (!isLogged || principal === null || status === 429 || (status === null && !changed)) return [];
  const at = Date.parse(request.time);
  const endedAt = at + (request.durationMs ?? 0);
  const isDone = changed || (status !== null && status < 300);
  const event = (part: number, more: Partial<ActivityEvent>): ActivityEvent => ({
    sequence: NEWEST_FIRST - sequence * 3 - part,
    at,
    operation,
    category: 'Administrative',
    status: 'Started',
    request,
    principal,
    ...more,
  });
  const ended = event(2, { at: endedAt, status: isDone ? 'Succeeded' : 'Failed' });
  if (!isDone || world.switches.values.activityLogPolicyEvents === 'none') return [event(0, {}), ended];
  const judged = event(1, { at: endedAt, operation: AUDIT, category: 'Policy', status: 'Succeeded' });
  return [event(0, {}), judged, ended];
}

/** An event as the API shows it. */
export function activityText(world: World, event: ActivityEvent): string {
  const { request, principal, operation, category, status, at } = event;
  const { activityLogDelayMs } = world.switches.values;
  const resourceId = decodeURIComponent(request.path);
  const [, , subscriptionId, , group] = resourceId.split('/');
  const eventDataId = guidOf(`event:${event.sequence}`);
  const named = (value: string): object => ({ value, localizedValue: value });
  return JSON.stringify({
    authorization: { action: request.operation, scope: resourceId },
    caller: principal.kind === 'user' ? principal.name : principal.objectId,
    channels: 'Operation',
    claims: eventClaims(principal, world.tenantId, `${world.url()}/`),
    correlationId: request.correlationId,
    description: '',
    eventDataId,
    eventName: named(status === 'Started' ? 'BeginRequest' : 'EndRequest'),
    category: named(category),
    ...httpRequestOf(world, event),
    eventTimestamp: ticks(at),
    id: `${resourceId}/events/${eventDataId}/ticks/${at}`,
    level: status === 'Failed' ? 'Error' : 'Informational',
    operationId: operationIdOf(world, event),
    operationName: named(operation),
    ...(group === undefined ? {} : { resourceGroupName: group }),
    resourceProviderName: named(operation.split('/')[0] ?? ''),
    resourceType: named(operation.split('/').slice(0, -1).join('/')),
    resourceId,
    status: named(status),
    subStatus: named(''),
    submissionTimestamp: ticks(at + activityLogDelayMs),
    subscriptionId,
    properties: propertiesOf(world, event),
    relatedEvents: [],
  });
}

/** https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema has a sample event with one id for both. */
function operationIdOf(world: World, { request, category }: ActivityEvent): string {
  return world.switches.values.activityLogOperationId === 'correlation'
    ? request.correlationId
    : guidOf(`operation:${category}:${request.sequence}`);
}

function httpRequestOf(world: World, { request, principal, status, category }: ActivityEvent): object {
  const { activityLogHttpRequest: mode } = world.switches.values;
  if (category === 'Policy' || mode === 'absent' || (mode === 'started-only' && status !== 'Started'))
    return {};
  return {
    httpRequest: {
      clientRequestId: request.clientRequestId ?? request.requestId,
      ...(principal.ip === null ? {} : { clientIpAddress: principal.ip }),
      method: request.method,
    },
  };
}

/** `serviceRequestId` is what the answer has as `x-ms-request-id`: https://github.com/Azure/azure-powershell/issues/11069 */
function propertiesOf(world: World, { request, status, category }: ActivityEvent): object {
  if (category === 'Policy') return { isComplianceCheck: 'False' };
  const isKnown = status !== 'Started' && world.switches.values.activityLogServiceRequestId === 'present';
  return isKnown
    ? { serviceRequestId: request.requestId, eventCategory: category }
    : { eventCategory: category };
}

/** Seven digits, as .NET writes them. */
function ticks(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '0000Z');
}
