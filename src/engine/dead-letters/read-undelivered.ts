import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { readChangeEvent, type ChangeEvent } from '../change-event.js';
import type { ReconcileMessage } from '../ports/queue.js';
import type { DeadLetter, DeadLetterItem } from './dead-letter.js';

/** Event Grid's own words and times; anything else in their place (an address with a key in it) is not shown. */
const word = z
  .string()
  .regex(/^[\w .:+-]{1,100}$/)
  .nullish()
  .catch(null);
const count = z.int().min(0).nullish().catch(null);

/**
 * An event as Event Grid keeps it: with why and when beside what was published. In CloudEvents those names are in lower
 * case (https://learn.microsoft.com/azure/event-grid/delivery-and-retry#delivery-event-formats).
 */
const eventSchema = z
  .object({
    eventType: z.string().optional(),
    type: z.string().optional(),
    eventTime: word,
    time: word,
    data: z.unknown(),
    deadLetterReason: word,
    deadletterreason: word,
    deliveryAttempts: count,
    deliveryattempts: count,
    lastDeliveryOutcome: word,
    lastdeliveryoutcome: word,
    publishTime: word,
    publishtime: word,
    lastDeliveryAttemptTime: word,
    lastdeliveryattempttime: word,
  })
  .refine(({ eventType, type }) => eventType !== undefined || type !== undefined, 'has no type')
  .refine(({ data }) => typeof data === 'object' && data !== null, 'has no data');

type StoredEvent = z.infer<typeof eventSchema>;

/** Reads a blob in which Event Grid keeps one or more events that it could not deliver. */
export function readUndelivered(text: string): DeadLetter {
  const parsed = parse(text);
  if (parsed === undefined) return { kind: 'malformed', problem: 'It is not JSON.' };
  const stored: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  const items: DeadLetterItem[] = [];
  const work = new Map<string, ReconcileMessage>();
  for (const [i, value] of stored.entries()) {
    const event = eventSchema.safeParse(value);
    if (!event.success) {
      const problems = event.error.issues
        .slice(0, 3)
        .map(({ path, message }) => [...path, message].join(': '));
      return {
        kind: 'malformed',
        problem: `Event ${i + 1} of ${stored.length} cannot be read: ${problems.join('; ')}.`,
      };
    }
    const change = readChangeEvent(
      event.data.eventType ?? event.data.type,
      event.data.data,
      timeOf(event.data),
    );
    items.push(itemOf(event.data, change));
    if (change !== null) addWork(work, change);
  }
  return { kind: 'readable', items, work: [...work.values()] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function timeOf({ eventTime, time }: StoredEvent): Date | null {
  const text = eventTime ?? time ?? null;
  return text === null ? null : new Date(text);
}

function itemOf(event: StoredEvent, change: ChangeEvent | null): DeadLetterItem {
  return {
    kind: 'event',
    resourceId: change?.id.id ?? null,
    correlationId: change?.correlationId ?? null,
    actor: change?.actor ?? null,
    reason: event.deadLetterReason ?? event.deadletterreason ?? null,
    lastOutcome: event.lastDeliveryOutcome ?? event.lastdeliveryoutcome ?? null,
    attempts: event.deliveryAttempts ?? event.deliveryattempts ?? null,
    publishedAt: event.publishTime ?? event.publishtime ?? null,
    lastAttemptAt: event.lastDeliveryAttemptTime ?? event.lastdeliveryattempttime ?? null,
  };
}

/** One look sees what all events of a resource are about; it is on behalf of whoever made the last change. */
function addWork(work: Map<string, ReconcileMessage>, change: ChangeEvent): void {
  const before = work.get(change.id.key);
  work.delete(change.id.key);
  work.set(change.id.key, {
    v: 1,
    resourceId: change.id.id,
    correlationId: change.correlationId ?? randomUUID(),
    trigger: 'replay',
    actor: change.actor,
    remediators: null,
    askedForByName: false,
    attempt: 0,
    ...(change.isOfSurroundings || before?.isOfSurroundings === true ? { isOfSurroundings: true } : {}),
  });
}
