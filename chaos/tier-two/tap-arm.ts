import { setTimeout as pause } from 'node:timers/promises';
import type { Azure } from '../../simulator/azure.js';
import { requestLine, type ArmRequest, type ArmResponse } from '../../simulator/arm/arm-message.js';
import type { Exchange } from '../world/wire.js';

/**
 * An answer that left the simulator is surely read by then: what the process sends after it, it sends in spite of it.
 * On a busy machine it may take a while until a process gets its turn.
 */
const HEARD_MS = 1000;

/** What becomes of the write at which a process is killed; `answered`: so many milliseconds after the answer. */
export type KillAtWrite =
  { readonly kind: 'lost' | 'unanswered' } | { readonly kind: 'answered'; readonly afterMs: number };

export interface ArmTap {
  readonly wire: Exchange[];
  readonly nameOf: (request: ArmRequest) => string | null;
  /** Asked at each write of a process; null where it lives on. */
  readonly deathAt: (name: string) => (KillAtWrite & { readonly kill: () => Promise<void> }) | null;
}

const NO_ANSWER: ArmResponse = { status: 0, headers: {}, body: '', ending: 'no-answer' };

/** Notes what comes to ARM, and what is answered, as the processes see it; and kills them at their writes. */
export function tapArm(azure: Azure, { wire, nameOf, deathAt }: ArmTap): void {
  const handle = azure.handle.bind(azure);
  azure.handle = async (request) => {
    const name = nameOf(request);
    const exchange: Exchange = {
      instance: name ?? 'nobody',
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
    const death = name === null || request.method === 'GET' ? null : deathAt(name);
    if (death?.kind === 'lost') {
      await death.kill();
      exchange.answer = notAnswered(azure, 'its process was killed before it came to Azure');
      return NO_ANSWER;
    }
    const response = await handle(request);
    if (death?.kind === 'unanswered') {
      await death.kill();
      exchange.answer = notAnswered(azure, 'its process was killed before the answer came');
      return NO_ANSWER;
    }
    if (death?.kind === 'answered') void pause(death.afterMs).then(death.kill);
    const { status, body: text, headers } = response;
    exchange.answer =
      response.ending === 'complete'
        ? { ...heardFrom(azure), kind: 'response', status, text, headers }
        : notAnswered(azure, 'the connection was cut');
    return response;
  };
}

function heardFrom(azure: Azure) {
  return { at: Date.now(), heardAt: Date.now() + HEARD_MS, mark: azure.journal.mark() };
}

function notAnswered(azure: Azure, why: string) {
  return { ...heardFrom(azure), kind: 'none' as const, why };
}
