import { once } from 'node:events';
import { Agent, createServer, request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../simulator/arm/arm-server.js';

/** An event as it was delivered. */
export interface CaughtEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Stands between Event Grid and the app: passes every event on, but for those that somebody wants to have. */
export interface EventRelay {
  readonly url: string;
  /** Keeps the next event of this resource from the app, and gives it. */
  readonly catchNext: (resourceId: string) => Promise<CaughtEvent>;
  /** Posts an event to the app, and waits for its answer. */
  readonly deliver: (event: CaughtEvent) => Promise<void>;
  /** Who the events go to from now on. */
  readonly passTo: (webhook: string) => void;
  readonly close: () => Promise<void>;
}

const MAX_BYTES = 1024 * 1024;

export async function startEventRelay(): Promise<EventRelay> {
  const wanted = new Map<string, ((event: CaughtEvent) => void)[]>();
  const agent = new Agent({ keepAlive: true });
  let webhook = '';

  const post = (event: CaughtEvent): Promise<number> =>
    new Promise((resolve, reject) => {
      const length = String(Buffer.byteLength(event.body));
      const headers = { ...event.headers, 'content-length': length };
      const outgoing = send(webhook, { method: 'POST', agent, headers }, (answer) => {
        answer.resume().once('end', () => {
          resolve(answer.statusCode ?? 0);
        });
      });
      outgoing.once('error', reject);
      outgoing.end(event.body);
    });

  const handle = async (incoming: IncomingMessage): Promise<{ status: number; body: string }> => {
    const event = { headers: eventHeaders(incoming), body: await readBody(incoming, MAX_BYTES) };
    const [content] = JSON.parse(event.body) as { subject: string; data: { validationCode?: string } }[];
    const code = content?.data.validationCode;
    if (code !== undefined) return { status: 200, body: JSON.stringify({ validationResponse: code }) };
    const take = wanted.get(content?.subject.toLowerCase() ?? '')?.shift();
    if (take === undefined) return { status: await post(event), body: '' };
    take(event);
    return { status: 200, body: '' };
  };

  const server = createServer((incoming, outgoing) => {
    handle(incoming).then(
      ({ status, body }) => outgoing.writeHead(status).end(body),
      () => outgoing.writeHead(500).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    catchNext: (resourceId) =>
      new Promise((resolve) => {
        const key = resourceId.toLowerCase();
        wanted.set(key, [...(wanted.get(key) ?? []), resolve]);
      }),
    async deliver(event) {
      const status = await post(event);
      if (status !== 202) throw new Error(`The app answered an event with ${status}.`);
    },
    passTo(url) {
      webhook = url;
    },
    async close() {
      agent.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Event Grid's own headers: those of its connection to the relay are not the app's business. */
function eventHeaders({ headers }: IncomingMessage): Record<string, string> {
  const own = Object.entries(headers).filter(([name]) => name.startsWith('aeg-') || name === 'content-type');
  return Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
}
