import type { ArmAnswer, ArmCall } from './arm-call.js';
import { readAnswer } from './arm-call.js';
import { demandBody, objectBody } from './arm-content.js';
import { ArmFailure, methodNotAllowed, resourceNotFound } from './arm-error.js';
import { providerOf } from './arm-operation.js';
import type { ResourceRoute } from './arm-route.js';
import type { ChildAnswer, ChildOperation, Provider, ProviderCall, Written } from './provider.js';
import { fullTypeOf } from '../resource-types.js';
import type { ResourceState, StoredResource } from '../resource.js';
import { versionOf } from '../logic/workflow-children.js';

/** A resource, what lies below it, and what is done with it. */
export function answerResource(call: ArmCall, route: ResourceRoute): ArmAnswer {
  const { world, request, now, apiVersion, principal } = call;
  const provider = providerOf(route.type);
  const group = world.estate.demandGroup(route.subscriptionId, route.group);
  const place = world.estate.placeOf(route.type, group, route.name);
  if (request.method === 'GET' && route.rest.length === 0) {
    const seen = world.estate.visible(place.key, now, call.isStale);
    if (seen === undefined) throw notFound(route);
    return {
      ...readAnswer(provider.text(world, seen.resource, seen.state)),
      headers: etagOf(call, seen.state),
    };
  }
  const existing = world.estate.find(place.key);
  const passed: ProviderCall = {
    world,
    principal,
    apiVersion,
    query: call.line.query,
    headers: request.headers,
    body: objectBody(request),
    now,
    place: existing ?? place,
    existing,
  };
  if (call.operation.child !== null) return answerChild(passed, provider, route, call.operation.child);
  switch (request.method) {
    case 'DELETE':
      return deleted(existing, provider);
    case 'PATCH':
      if (existing === undefined) throw notFound(route);
      if (route.type.kind !== 'workflow') demandBody(passed.body);
      return written(call, passed, provider, provider.patch({ ...passed, existing }));
    case 'PUT':
      demandBody(passed.body);
      if (!route.type.name.test(route.name)) throw invalidName(route);
      return written(call, passed, provider, provider.put(passed));
    default:
      throw methodNotAllowed(request.method);
  }
}

function answerChild(
  passed: ProviderCall,
  provider: Provider,
  route: ResourceRoute,
  child: ChildOperation,
): ArmAnswer {
  const { existing, place } = passed;
  if (child.event === 'Write') demandBody(passed.body);
  const answer = runChild({ ...passed, body: passed.body === '' ? '{}' : passed.body }, route, child);
  const state = answer.written?.state;
  return {
    status: answer.status,
    body: answer.body,
    effect: {
      resourceId: place.id,
      child: `/${route.rest.join('/')}`,
      event: child.event,
      isNew: false,
      change: state === undefined ? null : { kind: 'put', provider, place, state, existing },
    },
  };
}

function runChild(passed: ProviderCall, route: ResourceRoute, child: ChildOperation): ChildAnswer {
  if (child.about === 'anything') return child.run(passed);
  if (passed.existing === undefined) throw notFound(route);
  return child.run({ ...passed, existing: passed.existing });
}

function written(call: ArmCall, passed: ProviderCall, provider: Provider, result: Written): ArmAnswer {
  const { existing, place } = passed;
  const { state } = result;
  const before = { state: null, until: 0 };
  const shown: StoredResource = existing ?? { ...place, sequence: 0, state, versions: [], previous: before };
  const isSame = existing?.state === state;
  return {
    status: existing === undefined ? 201 : 200,
    body: provider.text(call.world, shown, state),
    headers: etagOf(call, state),
    effect: {
      resourceId: place.id,
      child: '',
      event: 'Write',
      isNew: existing === undefined,
      change: isSame ? null : { kind: 'put', provider, place, state, existing },
      startsRun: result.startsRun,
    },
  };
}

function deleted(existing: StoredResource | undefined, provider: Provider): ArmAnswer {
  if (existing === undefined) return { status: 204, body: '', effect: null };
  const change = { kind: 'delete', provider, existing } as const;
  return {
    status: 200,
    body: '',
    effect: { resourceId: existing.id, child: '', event: 'Delete', isNew: false, change },
  };
}

/** Only a service that honours If-Match has an ETag to match. */
function etagOf(call: ArmCall, state: ResourceState): Readonly<Record<string, string>> {
  const version = versionOf(state);
  const isShown = call.world.switches.values.ifMatch === 'honoured' && version !== '';
  return isShown ? { etag: `"${version}"` } : {};
}

function notFound(route: ResourceRoute): ArmFailure {
  return resourceNotFound(fullTypeOf(route.type), route.name, route.group);
}

function invalidName(route: ResourceRoute): ArmFailure {
  return new ArmFailure(
    400,
    'InvalidResourceName',
    `Resource name ${route.name} is invalid. The name does not follow the rules of its type.`,
  );
}
