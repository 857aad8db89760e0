import type { Actor } from './actor.js';
import { textAt } from './json.js';
import { membersOf, objectText } from './raw-json.js';
import type { World } from './world.js';

export interface Deployment {
  readonly subscriptionId: string;
  /** It is made where it is not there. */
  readonly resourceGroup: string;
  /** Of a resource group that has to be made, and of a resource that names none. */
  readonly location?: string;
}

export interface Deployed {
  readonly id: string;
  /** As a GET gives it now. */
  readonly text: string;
}

/** What a template's resource has for the deployment and not for the service. */
const TEMPLATE_MEMBERS = new Set([
  'type',
  'apiversion',
  'name',
  'dependson',
  'condition',
  'comments',
  'copy',
  'scope',
  'resources',
  'metadata',
]);

/**
 * Deploys the text of one template resource whose expressions are all resolved (`type`, `apiVersion`, `name` and
 * the body). It is sent as Azure sends it, and refused where Azure would refuse it.
 */
export async function deploy(
  world: World,
  actor: Actor,
  resource: string,
  deployment: Deployment,
): Promise<Deployed> {
  const parsed: unknown = JSON.parse(resource);
  const { subscriptionId, resourceGroup, location = 'westeurope' } = deployment;
  if (world.estate.group(subscriptionId, resourceGroup) === undefined) {
    world.estate.putGroup(subscriptionId, resourceGroup, location);
  }
  const members = [...membersOf(resource)].filter(([name]) => !TEMPLATE_MEMBERS.has(name.toLowerCase()));
  const body = new Map(members);
  const hasLocation = [...body.keys()].some((name) => name.toLowerCase() === 'location');
  const isChild = (textAt(parsed, 'type') ?? '').split('/').length > 2;
  if (!hasLocation && !isChild) body.set('location', JSON.stringify(location));
  const path = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${pathOf(parsed)}`;
  const apiVersion = textAt(parsed, 'apiVersion');
  const query = apiVersion === undefined ? '' : `?api-version=${apiVersion}`;
  const answer = await actor.put(`${path}${query}`, objectText(body));
  return { id: textAt(JSON.parse(answer.body), 'id') ?? path, text: answer.body };
}

/** `Microsoft.KeyVault/vaults/accessPolicies` and `kv/add` make `Microsoft.KeyVault/vaults/kv/accessPolicies/add`. */
function pathOf(resource: unknown): string {
  const [namespace = '', ...types] = (textAt(resource, 'type') ?? '').split('/');
  const names = (textAt(resource, 'name') ?? '').split('/');
  return [namespace, ...types.flatMap((type, i) => [type, encodeURIComponent(names[i] ?? '')])].join('/');
}
