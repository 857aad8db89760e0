import { createHttpHeaders, RestError, type HttpClient } from '@azure/core-rest-pipeline';
import { createArmPipelines } from '../../src/azure/arm-pipeline.js';
import { createArmReader } from '../../src/azure/arm-reader.js';
import { createArmWriter } from '../../src/azure/arm-writer.js';
import { createPacer } from '../../src/azure/pacer.js';
import { createScopeProbe } from '../../src/azure/scope-probe.js';
import { Azure, type AzureOptions } from '../../simulator/azure.js';

export const ARM = 'https://arm.example';

/** A simulated Azure in this process, whose clock is `Date`'s, and one instance's clients of it. */
export function overAzure(options: AzureOptions = {}) {
  const azure = new Azure(() => ARM, {
    clock: { now: () => Date.now(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
    ...options,
  });
  const http: HttpClient = {
    async sendRequest(request) {
      const { pathname, search } = new URL(request.url);
      const { status, headers, body, ending } = await azure.handle({
        method: request.method,
        url: `${pathname}${search}`,
        headers: request.headers.toJSON(),
        body: typeof request.body === 'string' ? request.body : '',
        clientIp: null,
      });
      if (ending !== 'complete') throw new RestError('socket hang up', { code: 'ECONNRESET', request });
      return { request, status, headers: createHttpHeaders(headers), bodyAsText: body };
    },
  };
  const token = {
    getToken: () =>
      Promise.resolve({ token: azure.tokenFor('holdfast'), expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  return { azure, token, http, instance: () => instanceOver(token, http) };
}

/** What one instance of the app has: a pacer, and clients that go by it. */
export function instanceOver(token: Parameters<typeof createArmPipelines>[1], http: HttpClient) {
  const pacer = createPacer();
  const { urgent, sweep } = createArmPipelines(ARM, token, http, pacer);
  return {
    reader: createArmReader(urgent, ARM),
    sweepReader: createArmReader(sweep, ARM),
    probeScope: createScopeProbe(sweep, ARM),
    writer: createArmWriter(urgent, ARM, () => Promise.resolve(null), pacer),
  };
}
