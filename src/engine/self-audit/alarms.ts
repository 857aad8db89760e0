import { digestOf } from '../record/record-digest.js';
import type { Alarm, TimeRange } from './ports.js';
import type { OwnOperation } from './own-operations.js';
import type { RecordedWrite } from './recorded-writes.js';

/** The same thing gives the same id, so that nobody is told twice. */
function idOf(kind: Alarm['kind'], ...about: readonly string[]): string {
  return digestOf(['self-audit', kind, ...about]).slice(0, 32);
}

/** Names come from Azure and may hold anything; ids of resources are no longer than this. */
const MOST = 1000;

export function unrecordedWrite(operation: OwnOperation, subscriptionId: string, now: Date): Alarm {
  const { key, action, resourceId, caller, ip, correlationId, clientRequestId } = operation;
  const at = operation.at?.toISOString() ?? null;
  const from = ip === null ? '' : ` from ${ip}`;
  return {
    id: idOf('unrecorded-write', key),
    kind: 'unrecorded-write',
    subscriptionId,
    resourceId: resourceId.slice(0, MOST),
    severity: 'high',
    reason: `Holdfast's identity (${caller ?? 'unknown'}) carried out ${action.slice(0, 200)} here${from}${at === null ? '' : ` at ${at}`}, and Holdfast has no record of it: somebody else has its identity, or its records were changed.`,
    step: `Find the request in the activity log${correlationId === null ? '' : ` (correlation id ${correlationId})`}; unless you know who made it, take the identity's roles away, and compare this resource with what it should be. Accept this when it is cleared up.`,
    since: now.toISOString(),
    operation: { action: action.slice(0, 200), at, caller, ip, correlationId, clientRequestId },
    accepted: null,
  };
}

export function unknownWrite(write: RecordedWrite, subscriptionId: string, now: Date): Alarm | null {
  const record = write.applied;
  if (record === null) return null;
  return {
    id: idOf('unknown-write', write.writeId),
    kind: 'unknown-write',
    subscriptionId,
    resourceId: record.resourceId,
    severity: 'low',
    reason: `Holdfast recorded a change as applied at ${record.time} (record ${record.id}) that Azure's activity log does not know a day later: the record was made by somebody else, or Azure lost the event.`,
    step: 'Compare the resource with the record. Accept this when it is cleared up.',
    since: now.toISOString(),
    operation: null,
    accepted: null,
  };
}

/** Azure has deleted the events of a time before they could be compared. */
export function notCompared({ from, to }: TimeRange, subscriptionId: string, now: Date): Alarm {
  const [first, last] = [from.toISOString(), to.toISOString()];
  return {
    id: idOf('not-compared', subscriptionId, first),
    kind: 'not-compared',
    subscriptionId,
    resourceId: `/subscriptions/${subscriptionId}`,
    severity: 'medium',
    reason: `What Holdfast's identity did from ${first} to ${last} was never compared with Holdfast's records, and Azure keeps no events of that time any more.`,
    step: 'Compare the two where the activity log was exported to, or accept that nobody has.',
    since: now.toISOString(),
    operation: null,
    accepted: null,
  };
}

/** The comparison cannot be made now. One for each subscription, however long it lasts. */
export function unreadable(why: string, subscriptionId: string, now: Date): Alarm {
  return {
    id: idOf('unreadable', subscriptionId),
    kind: 'unreadable',
    subscriptionId,
    resourceId: `/subscriptions/${subscriptionId}`,
    severity: 'medium',
    reason: `Holdfast cannot compare the activity log of this subscription with its records: ${why}`,
    step: 'Put right what the reason names. What was missed is made up for then, as long as Azure keeps the events (90 days).',
    since: now.toISOString(),
    operation: null,
    accepted: null,
  };
}
