import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface WebhookRequest {
  readonly method: 'POST' | 'OPTIONS';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
}

export interface WebhookAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** How an event gets to its endpoint. Rejects where no answer comes in time. */
export type CallWebhook = (request: WebhookRequest) => Promise<WebhookAnswer>;

export const callWebhook: CallWebhook = (request) =>
  new Promise((resolve, reject) => {
    const send = new URL(request.url).protocol === 'https:' ? requestHttps : requestHttp;
    const headers = { ...request.headers, 'content-length': String(Buffer.byteLength(request.body)) };
    const outgoing = send(request.url, { method: request.method, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    outgoing.setTimeout(request.timeoutMs, () => {
      outgoing.destroy(new Error(`No answer within ${request.timeoutMs} ms.`));
    });
    outgoing.on('error', reject);
    outgoing.end(request.body);
  });
