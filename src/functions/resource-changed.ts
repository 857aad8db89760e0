import { EventGridDeserializer } from '@azure/eventgrid';
import type { InvocationContext } from '@azure/functions';
import { readChangeEvent, withEngine } from '../app.js';

const deserializer = new EventGridDeserializer();

/**
 * Somebody wrote to a resource. Takes the Event Grid schema and CloudEvents 1.0. A malformed event is reported and
 * acknowledged: sending it again would not mend it.
 */
export async function resourceChanged(event: unknown, context: InvocationContext): Promise<void> {
  for (const one of eventsIn(event)) await handle(one, context);
}

/** A trigger is given one event; a binding with another cardinality gives a list, and one of another type its text. */
function eventsIn(event: unknown): readonly unknown[] {
  const value = typeof event === 'string' ? parsed(event) : event;
  return Array.isArray(value) ? value : [value];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function handle(event: unknown, context: InvocationContext): Promise<void> {
  const log = context.log.bind(context);
  const change = await readEvent(event, context);
  if (change === null) return;
  await withEngine(log, async (engine) => {
    const result = await engine.handleChange(change);
    if (result.kind === 'queued') context.warn(`Queued ${change.id.id}: ${result.why}`);
  });
}

async function readEvent(event: unknown, context: InvocationContext) {
  try {
    const { type, data, time } = await readEnvelope(event);
    return readChangeEvent(type, data, time);
  } catch (error) {
    context.error(`A malformed event was ignored: ${error instanceof Error ? error.message : 'unreadable'}`);
    return null;
  }
}

interface Envelope {
  readonly type: string;
  readonly data: unknown;
  readonly time: Date | null;
}

/** Both schemas' envelopes, read by Azure's own deserialiser. */
async function readEnvelope(event: unknown): Promise<Envelope> {
  if (typeof event !== 'object' || event === null) throw new TypeError('it is not an object.');
  if ('specversion' in event) {
    const [cloudEvent] = await deserializer.deserializeCloudEvents(event as Record<string, unknown>);
    return { type: cloudEvent?.type ?? '', data: cloudEvent?.data, time: cloudEvent?.time ?? null };
  }
  const [gridEvent] = await deserializer.deserializeEventGridEvents(event as Record<string, unknown>);
  return { type: gridEvent?.eventType ?? '', data: gridEvent?.data, time: gridEvent?.eventTime ?? null };
}
