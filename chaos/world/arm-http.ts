import {
  createHttpHeaders,
  RestError,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { ArmResponse } from '../../simulator/arm/arm-message.js';
import type { Azure } from '../../simulator/azure.js';
import type { VirtualTime } from '../virtual/virtual-time.js';
import type { Instance } from './instance.js';
import type { Exchange } from './wire.js';

/**
 * The way to ARM for the SDK's pipelines: what Node's own HTTP client would give them for what the simulator answers,
 * cut connections, time-outs and aborts among it.
 */
export function armHttp(azure: Azure, instance: Instance, time: VirtualTime, wire: Exchange[]): HttpClient {
  return {
    sendRequest: (request) =>
      instance.gate(`${request.method} ${new URL(request.url).pathname}`, async () => {
        const exchange = startExchange(azure, instance, time, request);
        wire.push(exchange);
        try {
          const response = await exchanged(azure, time, request, exchange);
          exchange.answer = {
            kind: 'response',
            at: time.now(),
            heardAt: time.now(),
            mark: azure.journal.mark(),
            status: response.status,
            text: response.bodyAsText ?? '',
            headers: response.headers.toJSON(),
          };
          return response;
        } catch (error) {
          const why = error instanceof Error ? error.message : 'unknown';
          exchange.answer = {
            kind: 'none',
            at: time.now(),
            heardAt: time.now(),
            mark: azure.journal.mark(),
            why,
          };
          throw error;
        }
      }),
  };
}

function startExchange(
  azure: Azure,
  instance: Instance,
  time: VirtualTime,
  request: PipelineRequest,
): Exchange {
  const { pathname, search } = new URL(request.url);
  return {
    instance: instance.name,
    method: request.method,
    url: `${pathname}${search}`,
    path: pathname,
    body: typeof request.body === 'string' ? request.body : null,
    clientRequestId: request.headers.get('x-ms-client-request-id') ?? null,
    sentAt: time.now(),
    sentMark: azure.journal.mark(),
    answer: null,
  };
}

/** As `NodeHttpClient` of the SDK has it: a time-out and an abort are the same error. */
async function exchanged(
  azure: Azure,
  time: VirtualTime,
  request: PipelineRequest,
  { url }: Exchange,
): Promise<PipelineResponse> {
  const hangUp = new AbortController();
  const gaveUp = new Promise<never>((_, reject) => {
    hangUp.signal.addEventListener('abort', () => {
      reject(Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' }));
    });
  });
  gaveUp.catch(() => undefined);
  const abort = (): void => {
    hangUp.abort();
  };
  if (request.abortSignal?.aborted === true) abort();
  request.abortSignal?.addEventListener('abort', abort);
  const timer = request.timeout > 0 ? time.set(abort, request.timeout) : null;
  try {
    if (hangUp.signal.aborted) return await gaveUp;
    const handled = azure.handle({
      method: request.method,
      url,
      headers: request.headers.toJSON(),
      body: typeof request.body === 'string' ? request.body : '',
      clientIp: '203.0.113.10',
      hungUp: hangUp.signal,
    });
    return toResponse(await Promise.race([handled, gaveUp]), request);
  } finally {
    timer?.close();
    request.abortSignal?.removeEventListener('abort', abort);
  }
}

function toResponse(response: ArmResponse, request: PipelineRequest): PipelineResponse {
  const { ending, status, body } = response;
  if (ending === 'no-answer') throw new RestError('socket hang up', { code: 'ECONNRESET', request });
  if (ending !== 'complete') {
    const reason = 'Error reading response as text: aborted';
    throw new RestError(reason, { code: RestError.PARSE_ERROR, request });
  }
  return { request, status, headers: createHttpHeaders(response.headers), bodyAsText: body };
}
