import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { headersOf, readBody } from '../arm/arm-server.js';
import type { Azure } from '../azure.js';
import { control, CONTROL_PREFIX } from './control.js';
import { identityRequest, IDENTITY_PATH } from '../identity/identity-endpoint.js';

const MAX_CONTROL_BYTES = 256 * 1024 * 1024;

/**
 * What is served on loopback over plain HTTP: the managed-identity endpoint, as on App Service, and the control
 * API. `shutDown` ends the process that the simulator runs in.
 */
export function createLoopbackServer(azure: Azure, facts: () => object, shutDown: () => void): Server {
  return createServer((incoming, outgoing) => {
    void answer(azure, facts, shutDown, incoming, outgoing).catch((error: unknown) => {
      console.error('The simulator failed:', error);
      incoming.socket.destroy();
    });
  });
}

async function answer(
  azure: Azure,
  facts: () => object,
  shutDown: () => void,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const method = incoming.method ?? 'GET';
  const headers = headersOf(incoming);
  if (url.pathname === IDENTITY_PATH) {
    const reply = await identityRequest(azure, method, url.searchParams, headers);
    if (reply === null) incoming.socket.destroy();
    else
      outgoing
        .writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
        .end(reply.body);
    return;
  }
  if (!isLocal(headers)) {
    outgoing.writeHead(403).end();
    return;
  }
  if (!url.pathname.startsWith(CONTROL_PREFIX)) {
    outgoing.writeHead(404).end();
    return;
  }
  const body = await readBody(incoming, MAX_CONTROL_BYTES);
  const reply = await control(azure, {
    method,
    path: url.pathname.slice(CONTROL_PREFIX.length),
    query: url.searchParams,
    body,
    facts,
    shutDown,
  });
  outgoing.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body);
}

/** A page in somebody's browser must not control the simulator: its requests have another Host, or an Origin. */
function isLocal(headers: Readonly<Record<string, string>>): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? '') && headers.origin === undefined;
}
