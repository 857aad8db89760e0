import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { count, measure } from './instruments.js';

/** Measures each attempt of a request, by the conventions for HTTP clients. The URL names resources, and is no attribute. */
export const tellRequests: PipelinePolicy = {
  name: 'holdfastTelemetryPolicy',
  async sendRequest(request, next) {
    const startedAt = performance.now();
    const of = { 'http.request.method': request.method, 'server.address': new URL(request.url).hostname };
    const end = (more: Readonly<Record<string, string | number>>): void => {
      measure('requestDuration', (performance.now() - startedAt) / 1000, { ...of, ...more });
    };
    try {
      const response = await next(request);
      end({ 'http.response.status_code': response.status });
      if (response.status === 429) count('throttled', 1, of);
      return response;
    } catch (error) {
      end({ 'error.type': error instanceof Error ? error.name : 'unknown' });
      throw error;
    }
  },
};
