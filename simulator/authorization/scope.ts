/** Scopes of role assignments, from the tenant's root (`/`) over management groups down to a resource's child. */

/** Whether what is granted on `outer` is granted on `inner`. Every subscription is in every management group here. */
export function isAtOrAbove(outer: string, inner: string): boolean {
  const over = normal(outer);
  const under = normal(inner);
  if (over === '' || over === under) return true;
  if (over.startsWith('/providers/microsoft.management/managementgroups/')) {
    return under.startsWith('/subscriptions/');
  }
  return under.startsWith(`${over}/`);
}

export function isSameScope(one: string, other: string): boolean {
  return normal(one) === normal(other);
}

function normal(scope: string): string {
  return scope.toLowerCase().replace(/\/+$/, '');
}
