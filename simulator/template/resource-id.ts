import type { Place } from './scope.js';

/** Types and names in turn: `Microsoft.Web/connections` and `x` make `Microsoft.Web/connections/x`; null if they do not fit. */
export function interleave(type: string, names: readonly string[]): string | null {
  const [namespace, ...types] = type.split('/');
  const parts = [...types, ...names];
  if (types.length === 0 || types.length !== names.length || parts.includes('')) return null;
  return [namespace, ...types.flatMap((each, index) => [each, names[index]])].join('/');
}

/** The id of a resource that a template deploys, or null if its name does not fit its type. */
export function resourceIdOf(place: Place, scope: string | null, type: string, name: string): string | null {
  const path = interleave(type, name.split('/'));
  if (path === null) return null;
  const group = `/subscriptions/${place.subscriptionId ?? ''}/resourceGroups/${place.resourceGroup ?? ''}`;
  if (scope === '/') return `/providers/${path}`;
  if (scope !== null) {
    const base = scope.startsWith('/') ? scope : `${group}/providers/${scope}`;
    return `${base}/providers/${path}`;
  }
  // Which management group a template goes to is not told, and no vault or workflow stands in one.
  if (place.subscriptionId === null) return null;
  if (place.resourceGroup !== null) return `${group}/providers/${path}`;
  if (type.toLowerCase() === 'microsoft.resources/resourcegroups') {
    return `/subscriptions/${place.subscriptionId}/resourceGroups/${name}`;
  }
  return `/subscriptions/${place.subscriptionId}/providers/${path}`;
}
