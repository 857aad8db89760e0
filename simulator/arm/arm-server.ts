import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { MAX_BODY_BYTES } from './arm-content.js';
import type { ArmRequest, ArmResponse } from './arm-message.js';
import type { Certificate } from '../certificate.js';

/** An HTTPS server in front of an ARM endpoint. Plain HTTP on its port fails, as there is nothing to answer it. */
export function createArmServer(
  { certificate, privateKey }: Certificate,
  handle: (request: ArmRequest) => Promise<ArmResponse>,
): Server {
  const server = createServer({ cert: certificate, key: privateKey }, (incoming, outgoing) => {
    void answer(incoming, outgoing, handle);
  });
  // Idle connections stay open as long as ARM's do, so that clients may keep them.
  server.keepAliveTimeout = 120_000;
  return server;
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handle: (request: ArmRequest) => Promise<ArmResponse>,
): Promise<void> {
  const hangUp = new AbortController();
  outgoing.once('close', () => {
    hangUp.abort();
  });
  try {
    const body = textOf(await readBytes(incoming, MAX_BODY_BYTES + 1), incoming.headers['content-encoding']);
    const request = {
      method: incoming.method ?? 'GET',
      url: incoming.url ?? '/',
      headers: headersOf(incoming),
      body,
      clientIp: incoming.socket.remoteAddress?.replace(/^::ffff:/, '') ?? null,
      hungUp: hangUp.signal,
    };
    send(incoming, outgoing, await handle(request));
  } catch (error) {
    // A fault of the simulator itself: it must be seen, and must not look like an answer of Azure's.
    console.error('The simulator failed:', error);
    incoming.socket.destroy();
  }
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, response: ArmResponse): void {
  const { status, headers, ending } = response;
  if (ending === 'no-answer') {
    incoming.socket.destroy();
    return;
  }
  const body = Buffer.from(response.body);
  outgoing.writeHead(status, { ...headers, 'content-length': body.length });
  if (ending === 'complete') {
    outgoing.end(body);
    return;
  }
  outgoing.write(body.subarray(0, ending.cutAfter), () => {
    incoming.socket.destroy();
  });
}

/** The body as text; what goes beyond the limit is cut off there, which is enough to see that it is too long. */
export async function readBody(incoming: IncomingMessage, limit: number): Promise<string> {
  return (await readBytes(incoming, limit)).toString('utf8');
}

async function readBytes(incoming: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    if (size <= limit) chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks);
}

/** What unpacks to more than this has no text: no service takes it. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

/** What says that it is compressed and is not has no text: the service refuses it. */
function textOf(bytes: Buffer, encoding: string | undefined): string {
  if (encoding?.toLowerCase() !== 'gzip') return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }).toString('utf8');
  } catch {
    return '';
  }
}

export function headersOf(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
