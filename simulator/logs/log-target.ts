import type { World } from '../world.js';
import { LogFailure } from './log-failure.js';

export interface LogTarget {
  readonly kind: 'workspace' | 'resource';
  /** The ARM id; what was asked for, where there is no such workspace or resource. */
  readonly id: string;
  readonly isMissing: boolean;
}

/** What a path of the query API asks about. Throws 404 for another path. */
export function logTarget(world: World, path: string): LogTarget {
  // The client writes two slashes before a resource id that begins with one.
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

function unknownPath(): LogFailure {
  return new LogFailure(404, { message: 'The requested path does not exist', code: 'PathNotFoundError' });
}
