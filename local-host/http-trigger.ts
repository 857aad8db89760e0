import type { HostRequest, HostResponse } from './http-message.js';
import type { InvocationResponse, RpcHttpCookie } from './functions-core-types.js';
import type { TriggerInput } from './invocation.js';

/**
 * A request as the host sends it to the Node.js worker, which asks for nullable values and for the body as bytes
 * (src/eventHandlers/getWorkerCapabilities.ts of the worker, ToRpcHttp in GrpcMessageConversionExtensions.cs of the
 * host). A body without Content-Length does not arrive there either (Azure/azure-functions-nodejs-library#171).
 */
export function httpInput(request: HostRequest, params: Readonly<Record<string, string>>): TriggerInput {
  const traceParent = request.headers.get('traceparent');
  const hasLength = Number(request.headers.get('content-length') ?? 0) > 0;
  return {
    data: {
      http: {
        method: request.method,
        url: request.url.href,
        nullableHeaders: toNullable(request.headers),
        nullableParams: toNullable(Object.entries(params)),
        nullableQuery: toNullable(joinQuery(request.url.searchParams)),
        ...(hasLength ? { body: { bytes: request.body } } : {}),
      },
    },
    metadata: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, { string: value }])),
    ...(traceParent === undefined ? {} : { traceParent }),
  };
}

function toNullable(pairs: Iterable<readonly [string, string]>): Record<string, { value: string }> {
  return Object.fromEntries(Array.from(pairs, ([name, value]) => [name, { value }]));
}

/** ASP.NET Core knows a query parameter by its name whatever the case, and gives all its values, joined by commas. */
function joinQuery(query: URLSearchParams): [string, string][] {
  const joined = new Map<string, [string, string]>();
  for (const [name, value] of query) {
    const before = joined.get(name.toLowerCase());
    joined.set(name.toLowerCase(), before ? [before[0], `${before[1]},${value}`] : [name, value]);
  }
  return [...joined.values()];
}

/** A function that returns nothing answers 204 from version 2 of the host on. */
export function toHostResponse({ returnValue }: InvocationResponse): HostResponse {
  const http = returnValue?.http;
  if (!http) return { status: 204 };
  const cookies = (http.cookies ?? []).map(serialiseCookie);
  return {
    status: Number(http.statusCode ?? 200),
    headers: { ...http.headers, ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}) },
    body: http.body?.bytes ?? http.body?.string ?? '',
  };
}

/** As ASP.NET Core writes a cookie; its path is `/` unless the function says otherwise. */
function serialiseCookie(cookie: RpcHttpCookie): string {
  const seconds = cookie.expires?.value?.seconds;
  const maxAge = cookie.maxAge?.value;
  const sameSite = cookie.sameSite === 'explicitNone' ? 'none' : cookie.sameSite;
  const parts = [
    `${encodeURIComponent(cookie.name ?? '')}=${encodeURIComponent(cookie.value ?? '')}`,
    seconds === undefined || seconds === null ? '' : `expires=${new Date(seconds * 1000).toUTCString()}`,
    maxAge === undefined || maxAge === null ? '' : `max-age=${maxAge}`,
    cookie.domain?.value ? `domain=${cookie.domain.value}` : '',
    `path=${cookie.path?.value ?? '/'}`,
    cookie.secure?.value ? 'secure' : '',
    cookie.sameSite && cookie.sameSite !== 'none' ? `samesite=${sameSite ?? ''}` : '',
    cookie.httpOnly?.value ? 'httponly' : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}
