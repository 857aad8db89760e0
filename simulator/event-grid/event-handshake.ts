import { at, textAt } from '../json.js';
import type { CallWebhook } from './webhook.js';

const ORIGIN = 'eventgrid.azure.net';

export interface Handshake {
  readonly endpoint: string;
  readonly schema: 'EventGridSchema' | 'CloudEventSchemaV1_0';
  readonly name: string;
  readonly topic: string;
  readonly validationCode: string;
  readonly eventId: string;
  readonly time: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/**
 * Asks an endpoint whether it wants the events; throws where it does not say so. Event Grid's own schema wants the
 * code back, CloudEvents an OPTIONS answered with the allowed origin.
 * https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
 * https://learn.microsoft.com/azure/event-grid/end-point-validation-cloud-events-schema
 */
export async function validateEndpoint(handshake: Handshake, call: CallWebhook): Promise<void> {
  const accepted =
    handshake.schema === 'EventGridSchema'
      ? await echoesCode(handshake, call)
      : await allowsOrigin(handshake, call);
  if (accepted) return;
  throw new Error(
    `Webhook validation handshake failed for ${handshake.endpoint}: the endpoint did not accept the subscription.`,
  );
}

async function echoesCode(handshake: Handshake, call: CallWebhook): Promise<boolean> {
  const { validationCode, topic, eventId: id, time: eventTime } = handshake;
  const event = {
    id,
    topic,
    subject: '',
    data: { validationCode },
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime,
    metadataVersion: '1',
    dataVersion: '2',
  };
  const answer = await call({
    method: 'POST',
    url: handshake.endpoint,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'aeg-event-type': 'SubscriptionValidation',
      'aeg-subscription-name': handshake.name.toUpperCase(),
      ...handshake.headers,
    },
    body: JSON.stringify([event]),
    timeoutMs: handshake.timeoutMs,
  });
  return answer.status === 200 && textAt(parsed(answer.body), 'validationResponse') === validationCode;
}

async function allowsOrigin(handshake: Handshake, call: CallWebhook): Promise<boolean> {
  const answer = await call({
    method: 'OPTIONS',
    url: handshake.endpoint,
    headers: { 'webhook-request-origin': ORIGIN, ...handshake.headers },
    body: '',
    timeoutMs: handshake.timeoutMs,
  });
  const allowed = at(answer.headers, 'webhook-allowed-origin');
  return answer.status === 200 && (allowed === '*' || allowed === ORIGIN);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
