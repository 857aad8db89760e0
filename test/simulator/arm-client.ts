import { request } from 'node:https';
import { withApiVersion } from '../../simulator/arm/api-version.js';
import type { Simulator } from '../../simulator/simulator.js';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The parsed body; undefined where there is none. */
  readonly json: unknown;
  /** ARM's error code, where the body is an error. */
  readonly code: string | undefined;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Null for a call without a token. */
  readonly token?: string | null;
  /** Uses the path as it is, without adding an api-version. */
  readonly isBare?: boolean;
  /** Hangs up. */
  readonly signal?: AbortSignal;
}

/** Calls the simulator over HTTPS, as somebody with a token of their own; a body that is a string goes as it is. */
export async function call(
  simulator: Simulator,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Reply> {
  const target = options.isBare === true ? path : withApiVersion(path);
  const token = options.token === undefined ? simulator.azure.tokenFor('tester@contoso.com') : options.token;
  const body =
    typeof options.body === 'string' || options.body === undefined
      ? options.body
      : JSON.stringify(options.body);
  return send(
    target.startsWith('https:') ? target : `${simulator.url}${target}`,
    method,
    simulator.certificate,
    body,
    {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    options.signal,
  );
}

function send(
  url: string,
  method: string,
  ca: string,
  body: string | undefined,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port, origin } = new URL(url);
    // The path goes out as it is written: a URL would take `..` out of it.
    const path = url.slice(origin.length);
    const outgoing = request(
      { hostname, port, path, method, ca, headers, signal, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const json = parsed(text);
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text,
            json,
            code: (json as { error?: { code?: string } } | undefined)?.error?.code,
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
