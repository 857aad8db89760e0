import { ArmFailure } from '../arm/arm-error.js';
import type { Circumstances, Findings, Outcome } from '../arm/answer-arm.js';
import { readAnswer } from '../arm/arm-call.js';
import type { ArmRequest, RequestLine } from '../arm/arm-message.js';
import { bearerOf } from '../bearer-of.js';
import { isObject, type JsonObject } from '../json.js';
import type { Principal } from '../principal.js';
import type { World } from '../world.js';
import { checkCloudEvent } from './check-cloud-event.js';
import { TopicFailure, topicErrorBody } from './topic-failure.js';

/** https://learn.microsoft.com/azure/event-grid/post-to-custom-topic#endpoint */
const PATH = '/api/events';
const API_VERSION = '2018-01-01';

/** https://learn.microsoft.com/azure/event-grid/authenticate-with-microsoft-entra-id */
const AUDIENCES = ['https://eventgrid.azure.net', 'https://eventgrid.azure.net/'];
const SEND = 'Microsoft.EventGrid/events/send/action';

/**
 * 1 MB for an event and for all that come at once (https://learn.microsoft.com/azure/event-grid/event-schema). In fact more
 * gets through (https://github.com/pm7y/AzureEventGridSimulator/pull/201), which nobody should count on.
 */
const MAX_BYTES = 1_048_576;

/** Media types of the HTTP binding (https://learn.microsoft.com/azure/event-grid/cloud-event-schema). */
const ONE = 'application/cloudevents+json';
const MANY = 'application/cloudevents-batch+json';

/** An Event Grid custom topic: `POST /api/events`, with a token. Keys and shared access signatures are turned off. */
export function answerTopic(
  world: World,
  request: ArmRequest,
  line: RequestLine,
  circumstances: Circumstances,
  findings: Findings,
): Outcome {
  try {
    if (request.method !== 'POST' || line.path.toLowerCase() !== PATH) throw notThere(line.path);
    const principal = circumstances.actor ?? authenticate(world, request, findings);
    findings.principal = principal;
    findings.operation = SEND;
    if (!world.permissions.isAllowed(principal, SEND, world.topic.id, true)) throw forbidden(world.topic.id);
    if (line.query.get('api-version') !== API_VERSION) {
      throw new TopicFailure(400, 'BadRequest', `The api-version must be ${API_VERSION}.`);
    }
    const events = eventsIn(world, request);
    const time = new Date(world.clock.now()).toISOString();
    world.topic.take(events.map((event) => ({ time, principal, event })));
    return { answer: readAnswer(''), headers: {}, errorCode: null };
  } catch (error) {
    if (!(error instanceof TopicFailure)) throw error;
    const { status, code, headers } = error;
    return { answer: { status, body: topicErrorBody(error), effect: null }, headers, errorCode: code };
  }
}

function authenticate(world: World, request: ArmRequest, findings: Findings): Principal {
  try {
    return bearerOf(world, request, AUDIENCES, findings);
  } catch (error) {
    if (!(error instanceof ArmFailure)) throw error;
    throw new TopicFailure(401, 'Unauthorized', error.message, 'Unauthorized', error.headers);
  }
}

function eventsIn(world: World, request: ArmRequest): readonly JsonObject[] {
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (world.topic.schema === 'EventGridSchema') throw notConforming('EventGridEvent');
  if (mediaType !== ONE && mediaType !== MANY) {
    // The wording and the status: https://github.com/pm7y/AzureEventGridSimulator, which compares itself with Azure.
    const message = `The Content-Type header is either missing or it doesn't have a valid value. The content type header must either be ${ONE}; charset=utf-8 or ${MANY}; charset=UTF-8.`;
    throw new TopicFailure(415, 'UnsupportedMediaType', message, 'InvalidContentType');
  }
  demandSize(request.body);
  let body: unknown;
  try {
    body = JSON.parse(request.body);
  } catch {
    throw new TopicFailure(400, 'BadRequest', 'Unexpected end when reading JSON.', 'InputJsonInvalid');
  }
  const events: unknown = mediaType === ONE ? [body] : body;
  if (!Array.isArray(events) || events.length === 0) throw notConforming('CloudEventV10');
  return events.map((event: unknown) => {
    if (!isObject(event)) throw notConforming('CloudEventV10');
    checkCloudEvent(event);
    demandSize(JSON.stringify(event));
    return event;
  });
}

function demandSize(text: string): void {
  if (Buffer.byteLength(text) <= MAX_BYTES) return;
  // The wording: https://github.com/Azure/azure-functions-dotnet-worker/issues/538
  throw new TopicFailure(413, 'RequestEntityTooLarge', `The maximum size (${MAX_BYTES}) has been exceeded.`);
}

function notConforming(schema: string): TopicFailure {
  const message = `This resource is configured to receive event in '${schema}' schema. The JSON received does not conform to the expected schema.`;
  return new TopicFailure(400, 'BadRequest', message, 'InputJsonInvalid');
}

/** The status is the likeliest: https://learn.microsoft.com/azure/event-grid/authenticate-with-microsoft-entra-id names none. */
function forbidden(topic: string): TopicFailure {
  const message = `The principal associated with access token presented with the incoming request does not have permission to send data to ${topic}.`;
  return new TopicFailure(403, 'Forbidden', message);
}

function notThere(path: string): TopicFailure {
  const message = `No HTTP resource was found that matches the request URI '${path}'.`;
  return new TopicFailure(404, 'ResourceNotFound', message);
}
