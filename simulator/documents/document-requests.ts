import { readAnswer, type ArmAnswer, type ArmCall } from '../arm/arm-call.js';
import { demandBody, objectBody } from '../arm/arm-content.js';
import { ArmFailure, methodNotAllowed, resourceNotFound } from '../arm/arm-error.js';
import type { Operation } from '../arm/arm-operation.js';
import type { World } from '../world.js';
import { documentId, type DocumentRoute, type DocumentsRoute } from './document-route.js';
import { documentText } from './document-text.js';
import type { Document, DocumentPlace } from './document-type.js';
import { demandDeletable, removeDocument } from './remove-document.js';

const VERBS = new Map([
  ['GET', 'read'],
  ['PUT', 'write'],
  ['DELETE', 'delete'],
]);

export function documentOperation(route: DocumentRoute, method: string): Operation {
  const verb = route.action === null ? VERBS.get(method) : `${route.action}/action`;
  if (verb === undefined || (route.action !== null && method !== 'POST')) throw methodNotAllowed(method);
  const scope = documentId(route.subscriptionId, route.group, route.type, route.names);
  return { action: `${route.type.type}/${verb}`, scope, child: null };
}

export function documentsOperation(route: DocumentsRoute, method: string): Operation {
  if (method !== 'GET') throw methodNotAllowed(method);
  const scope = `/subscriptions/${route.subscriptionId}/resourceGroups/${route.group}`;
  return { action: `${route.type.type}/read`, scope, child: null };
}

/** The resources of a type in a resource group, in one piece: an installation has a handful. */
export function answerDocuments({ world }: ArmCall, route: DocumentsRoute): ArmAnswer {
  const { subscriptionId, name } = world.estate.demandGroup(route.subscriptionId, route.group);
  const found = world.documents
    .ofType(route.type)
    .filter((document) => document.id.startsWith(`/subscriptions/${subscriptionId}/resourceGroups/${name}/`));
  return readAnswer(`{"value":[${found.map(documentText).join(',')}]}`);
}

/** A resource that is kept as a document. */
export function answerDocument(call: ArmCall, route: DocumentRoute): ArmAnswer {
  const { world, request } = call;
  const place = placeOf(world, route);
  const existing = world.documents.find(place.key);
  if (request.method === 'PUT') return put(call, route, place, existing);
  if (existing === undefined) {
    if (request.method === 'DELETE') return { status: 204, body: '', effect: null };
    throw resourceNotFound(route.type.type, route.names.join('/'), place.resourceGroup);
  }
  if (route.action !== null) {
    const run = route.type.actions?.[route.action];
    if (run === undefined) throw methodNotAllowed(request.method);
    return run(call, existing);
  }
  return request.method === 'DELETE' ? remove(world, existing) : readAnswer(documentText(existing));
}

function placeOf(world: World, route: DocumentRoute): DocumentPlace {
  const { subscriptionId, name: resourceGroup } = world.estate.demandGroup(route.subscriptionId, route.group);
  const id = documentId(subscriptionId, resourceGroup, route.type, route.names);
  const parentId = route.names.length === 1 ? null : id.split('/').slice(0, -2).join('/');
  return {
    id,
    key: id.toLowerCase(),
    subscriptionId,
    resourceGroup,
    name: route.names.at(-1) ?? '',
    parentId,
  };
}

function put(
  call: ArmCall,
  route: DocumentRoute,
  place: DocumentPlace,
  existing: Document | undefined,
): ArmAnswer {
  const { world, principal, request } = call;
  const sent = objectBody(request);
  demandBody(sent);
  if (!route.type.name.test(place.name)) throw invalidName(place);
  if (place.parentId !== null && world.documents.find(place.parentId) === undefined) throw noParent(place);
  const content = route.type.write({ world, principal, place, existing }, JSON.parse(sent));
  const { location } = content;
  const before = existing?.content.location;
  if (location !== undefined && before !== undefined && location !== before) {
    throw otherLocation(place, before, location);
  }
  const document: Document = {
    ...place,
    ...(existing === undefined ? {} : { id: existing.id }),
    type: route.type,
    content,
  };
  const after = documentText(document);
  const earlier = existing === undefined ? null : documentText(existing);
  // By the content: app settings look the same to whoever reads the site, whatever they say.
  const isSame = existing !== undefined && JSON.stringify(existing.content) === JSON.stringify(content);
  const store = (): void => {
    world.documents.put(document);
    route.type.stored?.(world, document);
  };
  return {
    status: existing === undefined ? 201 : 200,
    body: after,
    effect: {
      resourceId: document.id,
      child: '',
      event: 'Write',
      isNew: existing === undefined,
      change: isSame ? null : { kind: 'extension', before: earlier, after, store },
    },
  };
}

function remove(world: World, existing: Document): ArmAnswer {
  demandDeletable(world, existing);
  const store = (): void => {
    removeDocument(world, existing);
  };
  const change = { kind: 'extension', before: documentText(existing), after: null, store } as const;
  const effect = { resourceId: existing.id, child: '', event: 'Delete', isNew: false, change } as const;
  return { status: 200, body: '', effect };
}

function invalidName({ name }: DocumentPlace): ArmFailure {
  return new ArmFailure(
    400,
    'InvalidResourceName',
    `Resource name ${name} is invalid. The name does not follow the rules of its type.`,
  );
}

/** https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-parent-resource */
function noParent({ parentId }: DocumentPlace): ArmFailure {
  return new ArmFailure(
    404,
    'ParentResourceNotFound',
    `Can not perform requested operation on nested resource. Parent resource '${parentId?.split('/').at(-1) ?? ''}' not found.`,
  );
}

/** https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-invalid-resource-location */
function otherLocation({ name, resourceGroup }: DocumentPlace, before: string, wanted: string): ArmFailure {
  return new ArmFailure(
    409,
    'InvalidResourceLocation',
    `The resource '${name}' already exists in location '${before}' in resource group '${resourceGroup}'. A resource with the same name cannot be created in location '${wanted}'. Please select a new resource name.`,
  );
}
