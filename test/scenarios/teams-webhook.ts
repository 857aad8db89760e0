import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { makeCertificate } from '../../simulator/certificate.js';
import type { TextBlock, TextRun } from '../../src/delivery/teams/card-elements.js';
import type { TeamsMessage } from '../../src/delivery/teams/teams-message.js';

/** What the webhook does with one request. */
export type Behaviour =
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Takes the request, and says nothing. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' };

export interface Posted {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Null where the request was accepted. */
  readonly fault: Behaviour | null;
  /** The card as it reads. */
  readonly card: string;
}

/** A real HTTPS server in the place of a Teams workflow. */
export interface TeamsWebhook {
  /** With a signature that is nobody else's business. */
  readonly url: string;
  readonly secret: string;
  /** PEM. */
  readonly certificate: string;
  readonly posted: readonly Posted[];
  /** The cards that were accepted. */
  readonly cards: () => readonly string[];
  /** What comes next, one for each request; then all are accepted again. */
  readonly misbehave: (...next: readonly Behaviour[]) => void;
  readonly close: () => Promise<void>;
}

export async function startTeamsWebhook(): Promise<TeamsWebhook> {
  const { certificate, privateKey } = await makeCertificate('teams');
  const secret = 'hunter2-signature';
  const posted: Posted[] = [];
  const faults: Behaviour[] = [];
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    void (async () => {
      const card = cardText(JSON.parse(await text(request)) as TeamsMessage);
      const fault = faults.shift() ?? null;
      posted.push({ at: Date.now(), fault, card });
      if (request.method !== 'POST' || request.url !== `/workflows/invoke?sig=${secret}`)
        response.writeHead(404).end();
      else if (fault === null) response.writeHead(202).end();
      else if (fault.kind === 'answer') response.writeHead(fault.status, fault.headers).end(`No. ${secret}`);
      else if (fault.kind === 'reset') request.socket.destroy();
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://localhost:${port}/workflows/invoke?sig=${secret}`,
    secret,
    certificate,
    posted,
    cards: () => posted.filter(({ fault }) => fault === null).map(({ card }) => card),
    misbehave: (...next) => void faults.push(...next),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** The texts of a card, in order. Fails where the message is not of the form that a workflow takes. */
function cardText(message: TeamsMessage): string {
  const { type, attachments } = message;
  const [{ contentType, content }] = attachments;
  if (
    `${type} ${contentType} ${content.type}` !==
    'message application/vnd.microsoft.card.adaptive AdaptiveCard'
  )
    throw new TypeError('Not a message with an Adaptive Card.');
  const texts: string[] = [];
  JSON.stringify(content, (key, value: TextRun | TextBlock) => {
    if (key !== '' && (value as { type?: string } | null)?.type === 'RichTextBlock') texts.push('\n');
    if (['TextRun', 'TextBlock'].includes((value as { type?: string } | null)?.type ?? ''))
      texts.push(value.text);
    return value;
  });
  return texts.join('');
}
