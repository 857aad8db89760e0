import { readAnswer, type ArmAnswer, type ArmCall } from './arm-call.js';
import { demandBody, objectBody } from './arm-content.js';
import { resourceNotFound } from './arm-error.js';
import type { ArmRoute } from './arm-route.js';
import { providerOf } from './arm-operation.js';
import { objectText } from '../raw-json.js';
import type { ResourceState, StoredResource } from '../resource.js';
import { systemData } from './system-data.js';
import { tagsAfter } from './tags.js';

/** `{scope}/providers/Microsoft.Resources/tags/default` of a resource or a resource group. */
export function answerTags(
  call: ArmCall,
  { subscriptionId, scope }: Extract<ArmRoute, { readonly kind: 'tags' }>,
): ArmAnswer {
  const { world, request } = call;
  const { method } = request;
  const segments = scope.split('/');
  const group = world.estate.demandGroup(subscriptionId, segments[4] ?? '');
  const existing = world.estate.find(scope);
  if (existing === undefined && segments.length > 5) {
    throw resourceNotFound(segments.slice(6, -1).join('/'), segments.at(-1) ?? '', group.name);
  }
  const before = existing === undefined ? group.tags : existing.state.tags;
  if (method === 'GET') return readAnswer(tagsText(scope, before));
  const body = method === 'DELETE' ? '' : objectBody(request);
  if (method !== 'DELETE') demandBody(body);
  const tags = method === 'PUT' || method === 'PATCH' ? tagsAfter(method, before, body) : null;
  if (existing === undefined) {
    world.estate.putGroup(group.subscriptionId, group.name, group.location, tags);
  }
  return {
    status: 200,
    body: method === 'DELETE' ? '' : tagsText(scope, tags),
    effect: {
      resourceId: existing?.id ?? scope,
      child: '/providers/Microsoft.Resources/tags/default',
      event: method === 'DELETE' ? 'Delete' : 'Write',
      isNew: false,
      change:
        existing === undefined
          ? null
          : {
              kind: 'put',
              provider: providerOf(existing.type),
              place: existing,
              state: tagged(call, existing, tags),
              existing,
            },
    },
  };
}

function tagged(call: ArmCall, { state }: StoredResource, tags: string | null): ResourceState {
  const switches = call.world.switches.values;
  const earlier = state.top.get('systemData');
  if (earlier === undefined || switches.sideWritesTouchSystemData === 'no') return { ...state, tags };
  const data = systemData(earlier, call.principal, call.now, switches);
  return { ...state, tags, top: new Map([...state.top, ['systemData', data]]) };
}

function tagsText(scope: string, tags: string | null): string {
  return objectText(
    new Map([
      ['id', JSON.stringify(`${scope}/providers/Microsoft.Resources/tags/default`)],
      ['name', '"default"'],
      ['type', '"Microsoft.Resources/tags"'],
      ['properties', objectText(new Map([['tags', tags ?? '{}']]))],
    ]),
  );
}
