import { checkApiVersion } from '../arm/api-version.js';
import { providerOf } from '../arm/arm-operation.js';
import { parseRoute } from '../arm/arm-route.js';
import { ArmFailure } from '../arm/arm-error.js';
import { documentText } from '../documents/document-text.js';
import { at } from '../json.js';
import type { Json, ResourceReference } from '../template/loaded-template.js';
import type { World } from '../world.js';
import { allBefore, type PlannedResource } from './planned-resource.js';
import { invalidTemplate } from './template-failure.js';

/**
 * What `reference()` gives. A resource of the same template must be deployed by then, which only a dependency makes
 * sure of; `asking` is null for the outputs, which come after everything. Any other one must be there already.
 */
export function referenceTo(
  world: World,
  resources: readonly PlannedResource[],
  asking: PlannedResource | null,
  done: ReadonlySet<PlannedResource>,
  asked: ResourceReference,
): Json {
  const wanted = asked.resourceId.toLowerCase();
  const planned = resources.find(({ references, isWanted }) => isWanted && references.includes(wanted));
  if (planned !== undefined) {
    const isBefore = asking === null || allBefore(asking).has(planned);
    if (!isBefore || !done.has(planned)) throw notDeployed(planned, asking);
  } else if (asked.apiVersion === null) {
    throw invalidTemplate(
      `The template function 'reference' needs an API version for '${asked.resourceId}', which is not in the template`,
    );
  }
  const id = planned?.id ?? asked.resourceId;
  const text = textOf(world, id, asked.apiVersion ?? planned?.apiVersion ?? '');
  const document: unknown = JSON.parse(text);
  return (asked.full ? document : at(document, 'properties')) as Json;
}

function textOf(world: World, id: string, apiVersion: string): string {
  const route = parseRoute(id);
  checkApiVersion(route, apiVersion);
  const document = world.documents.find(id);
  if (document !== undefined) return documentText(document);
  const resource = world.estate.find(id);
  if (resource !== undefined) return providerOf(resource.type).text(world, resource, resource.state);
  throw notFound(id);
}

/** What Azure says where a resource is looked for before it is there. */
function notDeployed({ id }: PlannedResource, asking: PlannedResource | null): ArmFailure {
  const by = asking === null ? 'An output' : `The resource '${asking.id}'`;
  return new ArmFailure(
    404,
    'ResourceNotFound',
    `The Resource '${id}' was not found. ${by} refers to it and does not depend on it. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

function notFound(id: string): ArmFailure {
  return new ArmFailure(
    404,
    'ResourceNotFound',
    `The Resource '${id}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}
