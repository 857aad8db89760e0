import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly path: string;
}

export type Verdict =
  | { readonly kind: 'forward'; readonly path?: string }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body: string;
    }
  /** Forwarded, and the connection is cut when the answer comes. */
  | { readonly kind: 'lose' }
  /** Never answered; the connection stays open. */
  | { readonly kind: 'swallow' };

export interface Proxy {
  readonly url: string;
  /** All that was asked, in order. */
  readonly asked: readonly Asked[];
  stop(): Promise<void>;
}

export const FORWARD: Verdict = { kind: 'forward' };

/** The storage account's own words for a request that its caller may not make; nobody retries it. */
export const FORBIDDEN: Verdict = {
  kind: 'answer',
  status: 403,
  headers: { 'content-type': 'application/json', 'x-ms-error-code': 'AuthorizationPermissionMismatch' },
  body: '{"odata.error":{"code":"AuthorizationPermissionMismatch","message":{"lang":"en-US","value":"Not allowed."}}}',
};

/** An HTTP server before another one, which decides for each request what becomes of it. */
export async function startProxy(
  target: string,
  decide: (asked: Asked) => Verdict | Promise<Verdict>,
): Promise<Proxy> {
  const asked: Asked[] = [];
  const server = createServer((incoming, outgoing) => {
    const seen = { method: incoming.method ?? '', path: incoming.url ?? '' };
    asked.push(seen);
    void Promise.resolve(decide(seen)).then((verdict) => {
      if (verdict.kind === 'forward') {
        forward(incoming, outgoing, new URL(verdict.path ?? seen.path, target), (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        });
      } else if (verdict.kind === 'lose') {
        forward(incoming, outgoing, new URL(seen.path, target), (answer) => {
          answer.resume();
          outgoing.destroy();
        });
      } else {
        incoming.resume();
        if (verdict.kind === 'answer') outgoing.writeHead(verdict.status, verdict.headers).end(verdict.body);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  url: URL,
  onAnswer: (answer: IncomingMessage) => void,
): void {
  const onward = send(url, { method: incoming.method, headers: incoming.headers }, onAnswer);
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}
