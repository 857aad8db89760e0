import type { ResourceId } from './resource-id.js';

/** A subscription, or one resource group of it. Both in lower case. */
export interface Scope {
  readonly subscriptionId: string;
  readonly resourceGroup: string | null;
}

/** Whether a resource lies in one of the scopes; what does not is neither read nor written. */
export function isInScope(id: ResourceId, scopes: readonly Scope[]): boolean {
  return scopes.some(
    (scope) =>
      scope.subscriptionId === id.subscriptionId &&
      (scope.resourceGroup === null || scope.resourceGroup === id.resourceGroup.toLowerCase()),
  );
}

/** `/subscriptions/{id}` or `/subscriptions/{id}/resourcegroups/{name}`, in lower case. */
export function scopeText({ subscriptionId, resourceGroup }: Scope): string {
  const group = resourceGroup === null ? '' : `/resourcegroups/${resourceGroup}`;
  return `/subscriptions/${subscriptionId}${group}`;
}
