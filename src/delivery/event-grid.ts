import type { HttpClient, PipelineResponse } from '@azure/core-rest-pipeline';
import { EventGridPublisherClient } from '@azure/eventgrid';
import type { TokenCredential } from '@azure/identity';
import { attempt, type Service } from './attempt.js';
import { audienceOf, EVENT_GRID_AUDIENCES } from './audience.js';
import { bytesOf, recordEvent } from './record-event.js';
import { refusePage } from './refuse-page.js';
import { sendInParts } from './send-in-parts.js';
import type { DeliveryTarget } from './target.js';

/**
 * 1 MB for an event and for all that are sent at once (https://learn.microsoft.com/azure/event-grid/event-schema); what
 * is left is for the trace context that the SDK may add to each.
 */
const MAX_BYTES = 1_000_000;

const EVENT_GRID: Service = {
  name: 'Event Grid',
  advice: {
    400: 'is the input schema of the topic CloudEvents 1.0?',
    401: 'the topic does not accept the token of the identity; check HOLDFAST_EVENT_GRID_TOPIC and its cloud.',
    403: 'the identity needs the role EventGrid Data Sender on the topic, and the topic must let this network in.',
    404: 'there is no such topic; check HOLDFAST_EVENT_GRID_TOPIC.',
  },
};

/** Sends records to an Event Grid custom topic whose input schema is CloudEvents 1.0, with the identity alone. */
export function createEventGrid(
  credential: TokenCredential,
  http: HttpClient,
  topic: string,
): DeliveryTarget {
  const scope = `${audienceOf(EVENT_GRID_AUDIENCES, topic)}/.default`;
  // The client always asks for a token of the public cloud.
  const ofThisCloud: TokenCredential = {
    getToken: (_scopes, options) => credential.getToken(scope, options),
  };
  const client = new EventGridPublisherClient(topic, 'CloudEvent', ofThisCloud, {
    httpClient: http,
    // Who calls tries again; the client would wait for as long as it is told, and call that one delivery.
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'holdfast' },
  });
  const onResponse = (answer: PipelineResponse): void => {
    refusePage(EVENT_GRID.name, answer);
  };
  return {
    name: 'event-grid',
    batch: 100,
    async deliver(records, signal) {
      const events = records.map((record) => recordEvent(record, MAX_BYTES - 100));
      const sized = events.map((value) => ({ value, bytes: bytesOf(value) }));
      await sendInParts(sized, MAX_BYTES, (part) =>
        attempt(EVENT_GRID, signal, (abortSignal) => client.send([...part], { abortSignal, onResponse })),
      );
    },
  };
}
