import { methodNotAllowed } from '../arm/arm-error.js';
import type { Operation } from '../arm/arm-operation.js';

/** `…/providers/Microsoft.Resources/deployments/{name}[/validate]` of a subscription or a resource group. */
export interface DeploymentRoute {
  readonly kind: 'deployment';
  readonly subscriptionId: string;
  readonly group: string | null;
  readonly name: string;
  readonly isValidation: boolean;
}

/** `rest` follows the subscription's id. Null for another path. */
export function deploymentRoute(subscriptionId: string, rest: readonly string[]): DeploymentRoute | null {
  const isGroup = rest[0]?.toLowerCase() === 'resourcegroups';
  const group = isGroup ? (rest[1] ?? '') : null;
  const [providers, namespace, type, name, action, ...more] = isGroup ? rest.slice(2) : rest;
  const isDeployments =
    [providers, namespace, type].join('/').toLowerCase() === 'providers/microsoft.resources/deployments';
  const isValidation = action?.toLowerCase() === 'validate';
  if (!isDeployments || name === undefined || more.length > 0 || (action !== undefined && !isValidation)) {
    return null;
  }
  return { kind: 'deployment', subscriptionId, group, name, isValidation };
}

export function deploymentId({
  subscriptionId,
  group,
  name,
}: Pick<DeploymentRoute, 'subscriptionId' | 'group' | 'name'>): string {
  const subscription = `/subscriptions/${subscriptionId}`;
  const scope = group === null ? subscription : `${subscription}/resourceGroups/${group}`;
  return `${scope}/providers/Microsoft.Resources/deployments/${name}`;
}

export function deploymentOperation(route: DeploymentRoute, method: string): Operation {
  const verb = route.isValidation
    ? method === 'POST' && 'validate/action'
    : method === 'PUT'
      ? 'write'
      : method === 'GET' && 'read';
  if (verb === false) throw methodNotAllowed(method);
  return { action: `Microsoft.Resources/deployments/${verb}`, scope: deploymentId(route), child: null };
}
