import type { World } from '../world.js';
import { LogFailure } from './log-failure.js';

export interface LogTarget {
  readonly kind: 'workspace' | 'resource';
  /** The ARM id; what was asked for, where there is no such workspace or resource. */
  readonly id: string;
  readonly isMissing: boolean;
}

/** What a path of the query API asks about. Throws 404 for another path, and 403 for one that begins with two slashes. */
export function logTarget(world: World, path: string): LogTarget {
  if (/^\/v1\/\//.test(path)) throw noSuchResource();
  const [version, first, ...rest] = decodeURIComponent(path)
    .split('/')
    .filter((segment) => segment !== '');
  const last = rest.at(-1)?.toLowerCase();
  const names = rest.slice(0, -1);
  if (version !== 'v1' || last !== 'query' || names.length === 0) throw unknownPath();
  if (first?.toLowerCase() === 'workspaces') {
    const workspace = world.logs.workspace(names.join('/'));
    const id = workspace?.id ?? `/workspaces/${names.join('/')}`;
    return { kind: 'workspace', id, isMissing: workspace === undefined };
  }
  if (first?.toLowerCase() !== 'subscriptions') throw unknownPath();
  const id = `/${[first, ...names].join('/')}`;
  const workspace = world.logs.workspace(id);
  if (workspace !== undefined) return { kind: 'workspace', id: workspace.id, isMissing: false };
  const resource = world.estate.find(id);
  return { kind: 'resource', id: resource?.id ?? id, isMissing: resource === undefined };
}

/**
 * What `queryResource` of `@azure/monitor-query-logs` asks for where the resource id begins with a slash:
 * https://github.com/Azure/azure-sdk-for-js/issues/39361
 */
function noSuchResource(): LogFailure {
  return new LogFailure(403, {
    message: 'The provided credentials have insufficient access to perform the requested operation',
    code: 'InsufficientAccessError',
  });
}

function unknownPath(): LogFailure {
  return new LogFailure(404, { message: 'The requested path does not exist', code: 'PathNotFoundError' });
}
