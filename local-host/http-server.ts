import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeError, type Log } from './host-log.js';
import type { HostRequest, HostResponse } from './http-message.js';

export interface HostServer {
  readonly url: string;
  /** Takes no more requests; resolves when the last one is answered. */
  close(): Promise<void>;
  /** Cuts what is still open. */
  abort(): void;
}

export interface HostServerOptions {
  readonly port: number;
  readonly hostname: string;
  readonly handle: (request: HostRequest) => Promise<HostResponse>;
  readonly log: Log;
}

/** The host's default for `maxRequestBodySize`: 100 MB. */
const largestBody = 104_857_600;
/** As long as the host's web server, so that a client which keeps its connections seldom meets one that is being closed. */
const KEEP_ALIVE_MS = 130_000;

export async function serve({ port, hostname, handle, log }: HostServerOptions): Promise<HostServer> {
  let isClosing = false;

  const answer = async (incoming: IncomingMessage): Promise<HostResponse> => {
    if (isClosing) return { status: 503 };
    const url = parseUrl(incoming);
    if (!url) return { status: 400 };
    const body = await readBody(incoming);
    if (!body) return { status: 413 };
    return handle({ method: incoming.method ?? 'GET', url, headers: joinHeaders(incoming.rawHeaders), body });
  };

  const respond = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    try {
      const { status, headers = {}, body = '' } = await answer(incoming);
      outgoing.statusCode = status;
      for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
      if (isClosing) outgoing.setHeader('connection', 'close');
      outgoing.end(body);
    } catch (error) {
      log('error', 'host', `${incoming.method ?? ''} request could not be answered: ${describeError(error)}`);
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(500, { connection: 'close' }).end();
    }
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    void respond(incoming, outgoing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, hostname, resolve);
  });
  const { port: actualPort } = server.address() as AddressInfo;
  const urlHost = hostname.includes(':') ? `[${hostname}]` : hostname;

  return {
    url: `http://${urlHost}:${actualPort}`,
    close() {
      isClosing = true;
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
    abort() {
      server.closeAllConnections();
    },
  };
}

/** Dots in the path are resolved here, before routing, as Kestrel does. */
function parseUrl(incoming: IncomingMessage): URL | undefined {
  const { url = '/', headers } = incoming;
  if (!url.startsWith('/')) return undefined;
  try {
    return new URL(`http://${headers.host ?? 'localhost'}${url}`);
  } catch {
    return undefined;
  }
}

function joinHeaders(raw: readonly string[]): Map<string, string> {
  const joined = new Map<string, string>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return joined;
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
