import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { HostedFunction } from './hosted-function.js';
import { type HostRequest, type HostResponse, jsonResponse, textResponse } from './http-message.js';

export interface AdminContext {
  readonly functions: readonly HostedFunction[];
  /** Why a function that the app registered does not run. */
  readonly errors: readonly string[];
  readonly routePrefix: string;
}

const instanceId = randomUUID();

/** The part of the host's admin API that runs and lists functions (Controllers/FunctionsController.cs of the host). */
export function answerAdmin(request: HostRequest, context: AdminContext): HostResponse {
  const path = request.url.pathname.replace(/\/$/, '').toLowerCase();
  const isGet = request.method === 'GET';
  if (isGet && path === '/admin/host/ping') return { status: 200 };
  if (isGet && path === '/admin/host/status') return jsonResponse(200, describeHost(context));
  if (isGet && path === '/admin/functions') {
    return jsonResponse(
      200,
      context.functions.map((fn) => describe(fn, request, context)),
    );
  }

  const [, name] = /^\/admin\/functions\/([^/]+)$/.exec(path) ?? [];
  const fn = context.functions.find(({ registered }) => registered.name.toLowerCase() === name);
  if (!fn) return { status: 404 };
  if (isGet) return jsonResponse(200, describe(fn, request, context));
  return request.method === 'POST' ? runNow(fn, request) : { status: 404 };
}

/** Answers at once; the log tells how the run ended, as in Azure. */
function runNow(fn: HostedFunction, request: HostRequest): HostResponse {
  // The host takes JSON only. That also keeps web pages out: a browser asks before it sends this content type.
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) return { status: 415 };
  const input = readInput(request.body.toString('utf8'));
  if (input === undefined)
    return textResponse(400, 'The body must be a JSON object such as { "input": "" }.');
  void fn.runDirectly(input);
  return { status: 202 };
}

/** The real host takes a text; a JSON value, which it refuses, is turned into one. */
function readInput(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    const { input } = parsed as { input?: unknown };
    if (input === undefined || input === null) return '';
    return typeof input === 'string' ? input : JSON.stringify(input);
  } catch {
    return undefined;
  }
}

function describeHost({ errors }: AdminContext) {
  return {
    id: 'local-host',
    state: 'Running',
    version: '4.0.0-local-host',
    instanceId,
    computerName: hostname(),
    processUptime: Math.round(process.uptime() * 1000),
    ...(errors.length > 0 ? { errors } : {}),
  };
}

function describe(fn: HostedFunction, { url }: HostRequest, { routePrefix }: AdminContext) {
  const { name, metadata } = fn.registered;
  const prefix = routePrefix === '' ? '' : `${routePrefix}/`;
  return {
    name,
    href: `${url.origin}/admin/functions/${name}`,
    invoke_url_template: fn.trigger.kind === 'http' ? `${url.origin}/${prefix}${fn.trigger.template}` : null,
    language: 'node',
    isDisabled: fn.isDisabled,
    isDirect: false,
    isProxy: false,
    config: {
      name,
      bindings: Object.entries(metadata.bindings).map(([binding, info]) => ({ ...info, name: binding })),
    },
  };
}
