import { createHash } from 'node:crypto';
import type { Azure } from '../../simulator/azure.js';
import { requestLine, type ArmRequest } from '../../simulator/arm/arm-message.js';
import type { Exchange } from '../world/wire.js';

/**
 * An answer that left the simulator is surely read by then: what the process sends after it, it sends in spite of it.
 * On a busy machine it may take a while until a process gets its turn.
 */
const HEARD_MS = 1000;

/** Notes what comes to ARM, and what is answered, as the instances see it; each has a token of its own. */
export function tapArm(azure: Azure, wire: Exchange[]): void {
  const handle = azure.handle.bind(azure);
  azure.handle = async (request) => {
    const exchange: Exchange = {
      instance: instanceOf(request),
      method: request.method,
      url: request.url,
      path: requestLine(request.url).path,
      body: request.body === '' ? null : request.body,
      clientRequestId: request.headers['x-ms-client-request-id'] ?? null,
      sentAt: Date.now(),
      sentMark: azure.journal.mark(),
      answer: null,
    };
    wire.push(exchange);
    const response = await handle(request);
    const common = { at: Date.now(), heardAt: Date.now() + HEARD_MS, mark: azure.journal.mark() };
    const { status, body: text, headers } = response;
    exchange.answer =
      response.ending === 'complete'
        ? { ...common, kind: 'response', status, text, headers }
        : { ...common, kind: 'none', why: 'the connection was cut' };
    return response;
  };
}

function instanceOf({ headers }: ArmRequest): string {
  return createHash('sha256')
    .update(headers.authorization ?? '')
    .digest('hex')
    .slice(0, 8);
}
