import { createDefaultHttpClient, createPipelineRequest, type HttpMethods } from '@azure/core-rest-pipeline';
import type { JsonObject } from '../src/types/json.js';
import type { SimulatedAzure } from './simulated-azure.js';

/**
 * A client that does nothing but ask: the HTTP client that the app's own requests go out with (connections are kept
 * alive), without pipeline, policies or model. It has a principal, and so token buckets, of its own.
 */
export interface BareClient {
  readonly send: (method: HttpMethods, url: string, body?: object) => Promise<string>;
}

export async function createBareClient(azure: SimulatedAzure): Promise<BareClient> {
  const { token } = (await azure.control('POST', '/token', { as: 'bare-client' })) as { token: string };
  const client = createDefaultHttpClient();
  const tlsSettings = { ca: azure.certificate };
  return {
    async send(method, url, body) {
      const request = createPipelineRequest({
        method,
        url: url.startsWith('/') ? `${azure.url}${url}` : url,
      });
      request.tlsSettings = tlsSettings;
      request.headers.set('authorization', `Bearer ${token}`);
      request.headers.set('accept', 'application/json');
      if (body !== undefined) {
        request.headers.set('content-type', 'application/json');
        request.body = JSON.stringify(body);
      }
      const { status, bodyAsText } = await client.sendRequest(request);
      if (status < 200 || status > 299) throw new Error(`${method} ${url}: ${status} ${bodyAsText ?? ''}`);
      return bodyAsText ?? '';
    },
  };
}

/** Fetches lists to their last page, `concurrency` lists at once; gives how many pages there were. */
export async function fetchLists(
  client: BareClient,
  lists: readonly string[],
  concurrency: number,
  onPage: (page: JsonObject) => void = () => undefined,
): Promise<number> {
  const waiting = [...lists];
  let pages = 0;
  const work = async (): Promise<void> => {
    for (let list = waiting.shift(); list !== undefined; list = waiting.shift()) {
      for (let url: unknown = list; typeof url === 'string'; pages += 1) {
        const page = JSON.parse(await client.send('GET', url)) as JsonObject;
        onPage(page);
        url = page.nextLink;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return pages;
}
