import { type HostRequest, type HostResponse, jsonResponse, textResponse } from './http-message.js';
import type { InvocationResult, TriggerInput } from './invocation.js';

/**
 * What Azure answers when a function throws is unsure: in 2018 a 202, and the event was lost
 * (Azure/azure-functions-eventgrid-extension#35); in 2021 a 500, and Event Grid delivered it again
 * (Azure/azure-functions-python-worker#874).
 */
export type EventGridThrow = 'lost' | 'retried';

export interface EventGridOptions {
  readonly onThrow: EventGridThrow;
  /** Runs the function of that name, or is undefined if no Event Grid trigger has it. */
  readonly find: (
    functionName: string,
  ) => ((input: () => TriggerInput) => Promise<InvocationResult>) | undefined;
}

/**
 * The webhook of the Event Grid extension (HttpRequestProcessor.cs and EventGridExtensionConfigProvider.cs of
 * Microsoft.Azure.WebJobs.Extensions.EventGrid), and the handshake of CloudEvents 1.0.
 */
export async function answerEventGrid(
  request: HostRequest,
  { onThrow, find }: EventGridOptions,
): Promise<HostResponse> {
  const functionName = request.url.searchParams.get('functionName') ?? '';
  const run = find(functionName);
  if (!run) return textResponse(404, `cannot find function: '${functionName}'`);
  if (request.method === 'OPTIONS') return allowOrigin(request);
  if (request.method !== 'POST') return { status: 404 };

  const kind = request.headers.get('aeg-event-type')?.toLowerCase();
  if (kind === 'unsubscribe') return { status: 202 };
  if (kind !== 'notification' && kind !== 'subscriptionvalidation') {
    return textResponse(
      400,
      "The header aeg-event-type must say 'Notification' or 'SubscriptionValidation'.",
    );
  }
  const content = parseJson(request.body.toString('utf8'));
  if (typeof content !== 'object' || content === null) {
    return textResponse(400, 'The body must be a JSON object or array.');
  }
  if (kind === 'subscriptionvalidation') return validateSubscription(content);

  const events: unknown[] = Array.isArray(content) ? content : [content];
  const results = await Promise.all(events.map((event) => run(() => eventInput(event))));
  const hasFailed = results.some((result) => result.kind === 'failed');
  return hasFailed && onThrow === 'retried'
    ? textResponse(500, `Exception while executing function: Functions.${functionName}`)
    : { status: 202 };
}

/** https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection */
function allowOrigin(request: HostRequest): HostResponse {
  const origin = request.headers.get('webhook-request-origin');
  if (origin === undefined) return { status: 400 };
  const headers = { allow: 'POST, OPTIONS', 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' };
  return { status: 200, headers };
}

function validateSubscription(content: object): HostResponse {
  const event: unknown = Array.isArray(content) ? content[0] : content;
  const data = isObject(event) ? event['data'] : undefined;
  // A CloudEvent carries its data as JSON in a string.
  const validation: unknown = typeof data === 'string' ? parseJson(data) : data;
  const code = isObject(validation) ? validation['validationCode'] : undefined;
  return typeof code === 'string'
    ? jsonResponse(200, { validationResponse: code })
    : textResponse(400, 'The validation event has no data.validationCode.');
}

/** The event is the function's input, and its `data` the trigger's metadata (EventGridTriggerAttributeBindingProvider.cs). */
export function eventInput(event: unknown): TriggerInput {
  if (!isObject(event))
    throw new Error(`Unable to bind ${JSON.stringify(event)}: an event is a JSON object.`);
  const { data } = event;
  return {
    data: { json: JSON.stringify(event) },
    metadata: data === undefined || data === null ? {} : { data: { json: JSON.stringify(data) } },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
