import { requestOf, type ArmEndpoint } from './arm/arm-endpoint.js';
import { isObject, textAt, at } from './json.js';
import type { Principal } from './principal.js';

export interface ActorAnswer {
  readonly status: number;
  readonly body: string;
}

/** Azure said no to somebody who acts in a test or demo. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
  ) {
    super(message);
  }
}

/**
 * Somebody who does things in this Azure: a colleague, a pipeline, an attacker. Their requests obey every rule and
 * raise events, as if they had come over the wire; a path without api-version gets the newest stable one. A body is
 * JSON text, or a value to be made into it. Each call throws `RefusedError` where Azure refuses.
 */
export class Actor {
  constructor(
    readonly principal: Principal,
    private readonly endpoint: ArmEndpoint,
  ) {}

  /** The document, as text. */
  async get(path: string): Promise<string> {
    return (await this.request('GET', path)).body;
  }

  put(path: string, body: unknown): Promise<ActorAnswer> {
    return this.request('PUT', path, body);
  }

  patch(path: string, body: unknown): Promise<ActorAnswer> {
    return this.request('PATCH', path, body);
  }

  post(path: string, body?: unknown): Promise<ActorAnswer> {
    return this.request('POST', path, body);
  }

  delete(path: string): Promise<ActorAnswer> {
    return this.request('DELETE', path);
  }

  async request(method: string, path: string, body?: unknown): Promise<ActorAnswer> {
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await this.endpoint.act(requestOf({ method, path, body: text }), this.principal);
    if (answer.status < 400) return { status: answer.status, body: answer.body };
    const parsed: unknown = JSON.parse(answer.body);
    const error: unknown = at(parsed, 'error') ?? parsed;
    const code = textAt(error, 'code') ?? '';
    const message = isObject(error) ? String(error.message) : answer.body;
    throw new RefusedError(`${method} ${path}: ${answer.status} ${code}: ${message}`, answer.status, code);
  }
}
