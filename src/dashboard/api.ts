/** What came of a request. `body` is what the app answered; `why` is a sentence for a person. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly status: number; readonly body: T }
  /** The key does not open this route. */
  | { readonly kind: 'locked' }
  /** The app answered with a problem (RFC 9457). */
  | { readonly kind: 'problem'; readonly status: number; readonly why: string; readonly body: unknown }
  /** No answer of the app came: it is down, or something else answers in its place. */
  | { readonly kind: 'unreachable'; readonly why: string };

/** The app's routes. The key goes in a header; no URL, cookie or storage that outlives the tab ever holds it. */
export interface Api {
  get<T>(route: string, query?: Query): Promise<Answer<T>>;
  post<T>(route: string, body: unknown): Promise<Answer<T>>;
}

export type Query = Readonly<Record<string, string | number | null>>;

/** A request, but for the key. */
interface Sent {
  readonly method?: 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function createApi(key: string | null): Api {
  async function ask<T>(route: string, init: Sent): Promise<Answer<T>> {
    const keyHeader: Readonly<Record<string, string>> = key === null ? {} : { 'x-functions-key': key };
    try {
      const response = await fetch(`/api/${route}`, {
        ...init,
        headers: { ...keyHeader, ...init.headers },
        redirect: 'error',
        cache: 'no-store',
      });
      return await answerOf<T>(response);
    } catch {
      return { kind: 'unreachable', why: 'The app does not answer. It may be stopped, or the network down.' };
    }
  }
  return {
    get: (route, query = {}) => ask(`${route}${queryText(query)}`, {}),
    post: (route, body) =>
      ask(route, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

async function answerOf<T>(response: Response): Promise<Answer<T>> {
  const { status } = response;
  if (status === 401) return { kind: 'locked' };
  const type = response.headers.get('content-type') ?? '';
  const body: unknown = /^application\/(?:problem\+)?json/.test(type) ? await response.json() : null;
  if (response.ok && body !== null) return { kind: 'ok', status, body: body as T };
  if (body === null) return { kind: 'unreachable', why: notOurs(status) };
  const { detail } = body as { readonly detail?: unknown };
  const why = typeof detail === 'string' ? detail : `The app answered ${status}.`;
  return { kind: 'problem', status, why, body };
}

function notOurs(status: number): string {
  return status === 404
    ? 'The app has no such function: it is switched off, or the app is of another version than this page.'
    : `The app did not answer; what stands before it said ${status}. It may be starting, stopped, or closed to this network.`;
}

function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === null ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
