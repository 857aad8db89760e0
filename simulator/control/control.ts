import { RefusedError } from '../actor.js';
import type { Azure } from '../azure.js';
import { CONTROL_ROUTES } from './control-routes.js';

export const CONTROL_PREFIX = '/_simulator';

export interface ControlRequest {
  readonly method: string;
  /** Below the prefix, e.g. `/faults/fault-1`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  /** Where the simulator is and what the app needs to know of it. */
  readonly facts: () => object;
  readonly shutDown: () => void;
}

export interface ControlReply {
  readonly status: number;
  readonly body: string;
}

/** The control API: what the programmatic API offers, for whoever runs in another process. */
export async function control(azure: Azure, request: ControlRequest): Promise<ControlReply> {
  const [, collection = '', ...rest] = request.path.split('/');
  const name = `${request.method} /${collection}`;
  const route = CONTROL_ROUTES.get(name);
  if (route === undefined) return reply(404, { error: `There is no ${name}.` });
  try {
    const result = await route(azure, { ...request, rest: decodeURIComponent(rest.join('/')) });
    return result === undefined ? { status: 204, body: '' } : reply(200, result);
  } catch (error) {
    if (error instanceof RefusedError) {
      return reply(422, { error: error.message, status: error.status, code: error.code });
    }
    if (error instanceof Error) return reply(400, { error: error.message });
    throw error;
  }
}

function reply(status: number, value: unknown): ControlReply {
  return { status, body: JSON.stringify(value) };
}
