import { once } from 'node:events';
import { Agent, createServer, request as send, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Span } from './span.js';

export interface StorageRequest extends Span {
  readonly method: string;
  /** With the query; begins with the account's name. */
  readonly path: string;
}

/** Servers between an app and its storage account, which note when each request came and when it was answered. */
export interface StorageTap {
  /** For the app: the same account, through the tap. */
  readonly connectionString: string;
  /** What the app asked since the last call, but for the host's own polling of the queue. */
  readonly take: () => readonly StorageRequest[];
  /** Holds each answer back for so long from now on, in milliseconds. */
  readonly delayBy: (ms: number) => void;
  readonly close: () => Promise<void>;
}

export async function startStorageTap(connectionString: string): Promise<StorageTap> {
  // The simulator tells the time of day; this clock agrees with it and is finer than a millisecond.
  const offset = Date.now() - performance.now();
  const agent = new Agent({ keepAlive: true });
  const servers: Server[] = [];
  let noted: StorageRequest[] = [];
  let delayMs = 0;

  const tap = async (origin: string): Promise<string> => {
    const server = createServer((incoming, outgoing) => {
      const start = offset + performance.now();
      const { method = '', url: path = '', headers } = incoming;
      const onward = send(new URL(path, origin), { method, headers, agent }, (answer) => {
        const pass = (): void => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        };
        if (delayMs === 0) pass();
        else setTimeout(pass, delayMs);
      });
      onward.once('error', () => outgoing.destroy());
      outgoing.once('finish', () => {
        if (!isPoll(method, path)) noted.push({ method, path, start, end: offset + performance.now() });
      });
      incoming.pipe(onward);
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  let tapped = connectionString;
  for (const origin of new Set(connectionString.match(/http:\/\/127\.0\.0\.1:\d+/g))) {
    tapped = tapped.replaceAll(origin, await tap(origin));
  }
  return {
    connectionString: tapped,
    take() {
      const taken = noted;
      noted = [];
      return taken;
    },
    delayBy(ms) {
      delayMs = ms;
    },
    async close() {
      agent.destroy();
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      }
    },
  };
}

/** The Functions host asks the queue for messages all the time, whatever the app does. */
function isPoll(method: string, path: string): boolean {
  return method === 'GET' && /\/messages(\?|$)/.test(path);
}

/** The table, container or queue that a path is about: what follows tells one resource from another. */
export function storageNameIn(path: string): string {
  return /^\/[^/]+\/([^/?(]+)/.exec(path)?.[1] ?? path;
}
