import { ArmFailure, methodNotAllowed } from './arm-error.js';
import type { ArmRoute, DeletedVaultRoute } from './arm-route.js';
import { extensionId, extensionType, type ExtensionRoute } from './extension-route.js';
import { connections } from '../web/connections.js';
import { keyVault } from '../key-vault/key-vault.js';
import type { ChildOperation, Provider } from './provider.js';
import { fullTypeOf, type ResourceType } from '../resource-types.js';
import { workflows } from '../logic/workflows.js';
import { deploymentOperation } from '../deployments/deployment-route.js';
import type { DeploymentRoute } from '../deployments/deployment-route.js';
import { documentOperation, documentsOperation } from '../documents/document-requests.js';
import type { DocumentRoute, DocumentsRoute } from '../documents/document-route.js';

const PROVIDERS: readonly Provider[] = [keyVault, workflows, connections];
const VERBS = new Map([
  ['GET', 'read'],
  ['PUT', 'write'],
  ['PATCH', 'write'],
  ['DELETE', 'delete'],
]);

export function providerOf(type: ResourceType): Provider {
  const provider = PROVIDERS.find((candidate) => candidate.type === type);
  if (provider === undefined) throw new Error(`No provider serves ${fullTypeOf(type)}.`);
  return provider;
}

/** The action that a request needs permission for, and on what. */
export interface Operation {
  readonly action: string;
  /** The scope as ARM names it in an authorization failure. */
  readonly scope: string;
  readonly child: ChildOperation | null;
}

export function operationOf(route: ArmRoute, method: string): Operation {
  const verb = VERBS.get(method);
  if (route.kind === 'resource' && route.rest.length > 0) {
    const child = providerOf(route.type).child(method, route.rest);
    return { action: child.action, scope: scopeOf(route), child };
  }
  if (route.kind === 'deleted-vaults') return deletedVaultOperation(route, method);
  if (route.kind === 'document') return documentOperation(route, method);
  if (route.kind === 'documents') return documentsOperation(route, method);
  if (route.kind === 'deployment') return deploymentOperation(route, method);
  const methods = methodsOf(route);
  if (verb === undefined || !methods.includes(method)) throw methodNotAllowed(method);
  return { action: `${familyOf(route)}/${verb}`, scope: scopeOf(route), child: null };
}

/** A route whose action is its type and the method's verb. */
type ActionRoute = Exclude<ArmRoute, DeletedVaultRoute | DocumentRoute | DocumentsRoute | DeploymentRoute>;

function methodsOf(route: ActionRoute): readonly string[] {
  switch (route.kind) {
    case 'groups':
    case 'all-resources':
    case 'list':
    case 'activity-log':
      return ['GET'];
    case 'role-definitions':
      return route.name === null || route.subscriptionId === null ? ['GET'] : ['GET', 'PUT', 'DELETE'];
    case 'group':
      return ['GET', 'PUT', 'DELETE'];
    case 'role-assignments':
    case 'diagnostic-settings':
      return route.name === null ? ['GET'] : ['GET', 'PUT', 'DELETE'];
    case 'resource':
    case 'tags':
      return ['GET', 'PUT', 'PATCH', 'DELETE'];
  }
}

function familyOf(route: ActionRoute): string {
  switch (route.kind) {
    case 'groups':
    case 'group':
      return 'Microsoft.Resources/subscriptions/resourceGroups';
    case 'all-resources':
      return 'Microsoft.Resources/subscriptions/resources';
    case 'tags':
      return 'Microsoft.Resources/tags';
    case 'activity-log':
      return 'Microsoft.Insights/eventtypes/values';
    case 'role-assignments':
    case 'role-definitions':
    case 'diagnostic-settings':
      return extensionType(route.kind);
    case 'list':
    case 'resource':
      return fullTypeOf(route.type);
  }
}

function scopeOf(route: ActionRoute): string {
  switch (route.kind) {
    case 'tags':
      return route.scope;
    case 'activity-log':
      // As in the failure that https://github.com/Azure/azure-libraries-for-java tests for at tenant level.
      return `/subscriptions/${route.subscriptionId}/providers/microsoft.insights/eventtypes/management`;
    case 'role-assignments':
    case 'role-definitions':
    case 'diagnostic-settings':
      return route.name === null ? route.scope : extensionId(route.kind, route.scope, route.name);
    case 'groups':
    case 'group':
    case 'all-resources':
    case 'list':
    case 'resource':
      return placeOf(route);
  }
}

function placeOf(
  route: Exclude<ActionRoute, ExtensionRoute | { readonly kind: 'tags' | 'activity-log' }>,
): string {
  const subscription = `/subscriptions/${route.subscriptionId}`;
  if (route.kind === 'groups') return subscription;
  const group = route.group === null ? subscription : `${subscription}/resourceGroups/${route.group}`;
  return route.kind === 'resource' ? `${group}/providers/${fullTypeOf(route.type)}/${route.name}` : group;
}

/** The actions: https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview#permitted-purge */
function deletedVaultOperation(route: DeletedVaultRoute, method: string): Operation {
  const subscription = `/subscriptions/${route.subscriptionId}`;
  const { vault } = route;
  if (method !== (vault?.isPurge === true ? 'POST' : 'GET')) throw methodNotAllowed(method);
  if (vault === null) {
    return { action: 'Microsoft.KeyVault/deletedVaults/read', scope: subscription, child: null };
  }
  const verb = vault.isPurge ? 'purge/action' : 'read';
  return {
    action: `Microsoft.KeyVault/locations/deletedVaults/${verb}`,
    scope: `${subscription}/providers/Microsoft.KeyVault/locations/${vault.location}/deletedVaults/${vault.name}`,
    child: null,
  };
}

/** Only the resource groups' lists of connections are in the specification; the whole subscription's may be. */
export function demandList(type: ResourceType, group: string | null, bySubscription: string): void {
  if (type.kind !== 'connection' || group !== null || bySubscription === 'supported') return;
  throw new ArmFailure(
    404,
    'NotFound',
    `The resource type '${type.type}' cannot be listed for a whole subscription.`,
  );
}
