export interface ArmRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly clientIp: string | null;
  /** Aborts when the caller hangs up; nobody who acts inside the simulator does. */
  readonly hungUp?: AbortSignal;
}

export interface ArmResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How the answer ends: whole, not at all, or with the connection cut after so many bytes of the body. */
  readonly ending: 'complete' | 'no-answer' | { readonly cutAfter: number };
}

export interface RequestLine {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly queryText: string;
}

export function requestLine(url: string): RequestLine {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const queryText = mark < 0 ? '' : url.slice(mark + 1);
  return { path, query: new URLSearchParams(queryText), queryText };
}
