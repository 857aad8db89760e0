import { type AdminContext, answerAdmin } from './admin-api.js';
import { answerEventGrid, type EventGridThrow } from './event-grid-trigger.js';
import { type HostKeys, isAuthorized } from './host-keys.js';
import type { HostedFunction } from './hosted-function.js';
import type { HostRequest, HostResponse } from './http-message.js';
import { httpInput, toHostResponse } from './http-trigger.js';
import { parseRoute } from './http-routes.js';
import type { HttpTriggerBinding } from './trigger-binding.js';

export interface DispatchOptions extends AdminContext {
  readonly keys: HostKeys | undefined;
  readonly onEventGridThrow: EventGridThrow;
}

interface HttpFunction {
  readonly fn: HostedFunction;
  readonly trigger: HttpTriggerBinding;
}

/** Sends a request to the admin API, the Event Grid webhook or the function whose route it is. */
export function createDispatcher(options: DispatchOptions): (request: HostRequest) => Promise<HostResponse> {
  const { functions, keys, routePrefix, onEventGridThrow } = options;
  const enabled = functions.filter((fn) => !fn.isDisabled);
  const underPrefix = parseRoute(`${routePrefix}/{*rest}`);
  const routes = enabled
    .flatMap((fn): HttpFunction[] => (fn.trigger.kind === 'http' ? [{ fn, trigger: fn.trigger }] : []))
    .sort((one, other) => one.trigger.route.precedence.localeCompare(other.trigger.route.precedence));

  const answerFunction = async (request: HostRequest): Promise<HostResponse> => {
    if (!underPrefix.match(request.url.pathname)) return { status: 404 };
    const depth = routePrefix.split('/').filter((part) => part !== '').length;
    const path = request.url.pathname
      .split('/')
      .slice(depth + 1)
      .join('/');
    for (const { fn, trigger } of routes) {
      const params = trigger.route.match(path);
      // The method belongs to the route: with another one there is no such route, hence 404 and not 405.
      if (!params || !allows(trigger, request.method)) continue;
      const wanted = { level: trigger.authLevel, functionName: fn.registered.name };
      if (!isAuthorized(keys, request, wanted)) return { status: 401 };
      const result = await fn.run(() => httpInput(request, params));
      return result.kind === 'succeeded' ? toHostResponse(result.response) : { status: 500 };
    }
    return { status: 404 };
  };

  return async (request) => {
    const path = request.url.pathname.toLowerCase();
    if (/^\/admin(?:\/|$)/.test(path)) {
      return isAuthorized(keys, request, { level: 'admin' })
        ? answerAdmin(request, options)
        : { status: 401 };
    }
    if (/^\/runtime\/webhooks\/eventgrid\/?$/.test(path)) {
      const wanted = { level: 'system', keyName: 'eventgrid_extension' } as const;
      if (!isAuthorized(keys, request, wanted)) return { status: 401 };
      const find = (name: string) =>
        enabled.find((fn) => fn.trigger.kind === 'eventGrid' && fn.registered.name === name)?.run;
      return answerEventGrid(request, { onThrow: onEventGridThrow, find });
    }
    return answerFunction(request);
  };
}

function allows(trigger: HttpTriggerBinding, method: string): boolean {
  return trigger.methods.length === 0 || trigger.methods.includes(method);
}
