import { timestamp } from '../arm/system-data.js';
import { eventClaims, type Principal } from '../principal.js';
import type { Switches } from '../switches.js';

/** What happened, as far as an event tells it. */
export interface Happening {
  readonly subscriptionId: string;
  /** The id of the resource itself. */
  readonly resourceId: string;
  /** The path of the child that was written, e.g. `/accessPolicies/add`; empty for the resource itself. */
  readonly child: string;
  /** Of the operation, e.g. `Microsoft.KeyVault`. */
  readonly namespace: string;
  readonly operation: string;
  readonly outcome: 'Write' | 'Delete' | 'Action';
  readonly isNew: boolean;
  readonly principal: Principal;
  readonly correlationId: string;
  readonly clientRequestId: string;
  readonly method: string;
  readonly url: string;
  readonly time: number;
}

/** An event before it is put into the schema of a subscription to it. */
export interface ResourceEvent {
  readonly id: string;
  readonly topic: string;
  readonly subject: string;
  readonly type: string;
  /** RFC 3339. */
  readonly time: string;
  readonly operation: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The event of an Azure subscription: https://learn.microsoft.com/azure/event-grid/event-schema-subscriptions */
export function resourceEvent(
  happening: Happening,
  id: string,
  tenantId: string,
  audience: string,
  switches: Readonly<Switches>,
  coin: () => boolean,
): ResourceEvent {
  const { principal, subscriptionId } = happening;
  const child = switches.eventChildUri === 'child' ? happening.child : '';
  const uri = recased(`${happening.resourceId}${child}`, switches.eventUriCase, coin);
  const isUpper = switches.eventOperationCase === 'upper';
  const operation = isUpper ? happening.operation.toUpperCase() : happening.operation;
  return {
    id,
    topic: `/subscriptions/${subscriptionId}`,
    subject: uri,
    type: `Microsoft.Resources.Resource${happening.outcome}Success`,
    time: timestamp(happening.time),
    operation: happening.operation,
    data: {
      authorization: {
        scope: uri,
        action: operation,
        evidence: {
          role: 'Contributor',
          roleAssignmentScope: `/subscriptions/${subscriptionId}`,
          principalId: principal.objectId.replaceAll('-', ''),
          principalType: principal.kind === 'user' ? 'User' : 'ServicePrincipal',
        },
      },
      claims: eventClaims(principal, tenantId, audience),
      correlationId: happening.correlationId,
      ...httpRequestOf(happening, switches),
      resourceProvider: happening.namespace,
      resourceUri: uri,
      operationName: operation,
      status: 'Succeeded',
      subscriptionId,
      tenantId,
    },
  };
}

export function asEventGridEvent(event: ResourceEvent): unknown {
  return {
    id: event.id,
    topic: event.topic,
    subject: event.subject,
    eventType: event.type,
    eventTime: event.time,
    data: event.data,
    dataVersion: '2',
    metadataVersion: '1',
  };
}

export function asCloudEvent(event: ResourceEvent): unknown {
  return {
    id: event.id,
    source: event.topic,
    subject: event.subject,
    type: event.type,
    time: event.time,
    data: event.data,
    specversion: '1.0',
  };
}

function httpRequestOf(
  { isNew, principal, clientRequestId, method, url }: Happening,
  switches: Readonly<Switches>,
): { httpRequest?: Record<string, string> } {
  const mode = switches.eventHttpRequest;
  if (mode === 'absent' || (mode === 'absent-on-create' && isNew)) return {};
  const address = mode === 'without-ip' || principal.ip === null ? {} : { clientIpAddress: principal.ip };
  return { httpRequest: { clientRequestId, ...address, method, url } };
}

function recased(uri: string, mode: Switches['eventUriCase'], coin: () => boolean): string {
  if (mode === 'lower') return uri.toLowerCase();
  if (mode === 'upper') return uri.toUpperCase();
  if (mode === 'as-sent') return uri;
  return uri.replace(/[a-z]/gi, (letter) => (coin() ? letter.toUpperCase() : letter.toLowerCase()));
}
