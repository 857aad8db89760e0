import { readAnswer, type ArmAnswer, type ArmCall } from '../arm/arm-call.js';
import { demandBody, objectBody } from '../arm/arm-content.js';
import { demandScope } from '../arm/demand-scope.js';
import { extensionId, extensionType, type ExtensionRoute } from '../arm/extension-route.js';
import type { StoredResource } from '../resource.js';
import { fullTypeOf } from '../resource-types.js';
import { checkDiagnosticSinks } from './check-diagnostic-sinks.js';
import { diagnosticCategories, type DiagnosticCategories } from './diagnostic-categories.js';
import type { DiagnosticProperties } from './diagnostic-settings.js';
import { insightsFailure } from './insights-error.js';
import { readDiagnosticSetting } from './read-diagnostic-setting.js';

/** `{resource}/providers/Microsoft.Insights/diagnosticSettings[/{name}]`, of version 2021-05-01-preview. */
export function answerDiagnosticSettings(call: ArmCall, route: ExtensionRoute): ArmAnswer {
  const { world, request } = call;
  const { id, resource } = demandScope(world, route.scope);
  const known = resource === null ? null : diagnosticCategories(resource.type);
  if (resource === null || known === null || id !== resource.id) throw unsupported(resource);
  if (route.name === null) return readAnswer(listText(call, id));
  const existing = world.diagnosticSettings.find(id, route.name);
  switch (request.method) {
    case 'PUT':
      return put(call, id, route.name, known);
    case 'DELETE':
      return existing === undefined
        ? { status: 204, body: '', effect: null }
        : changed(call, id, existing.name, null);
    default:
      if (existing !== undefined) return readAnswer(settingText(id, existing.name, existing.properties));
      throw insightsFailure(
        404,
        'ResourceNotFound',
        `The diagnostic setting '${route.name}' does not exist.`,
      );
  }
}

/** In one piece: the specification has no nextLink here. */
function listText({ world }: ArmCall, id: string): string {
  const items = world.diagnosticSettings.of(id);
  return `{"value":[${items.map(({ name, properties }) => settingText(id, name, properties)).join(',')}]}`;
}

function put(call: ArmCall, id: string, name: string, known: DiagnosticCategories): ArmAnswer {
  const body = objectBody(call.request);
  demandBody(body);
  const properties = readDiagnosticSetting(body, known);
  const others = call.world.diagnosticSettings
    .of(id)
    .filter((other) => other.name.toLowerCase() !== name.toLowerCase());
  const isNew = call.world.diagnosticSettings.find(id, name) === undefined;
  checkDiagnosticSinks(call, properties, others, isNew, known);
  return changed(call, id, name, properties);
}

/** 200 whether it is new or not, as the specification has it. Null properties delete it. */
function changed(
  { world }: ArmCall,
  id: string,
  name: string,
  properties: DiagnosticProperties | null,
): ArmAnswer {
  const settings = world.diagnosticSettings;
  const existing = settings.find(id, name);
  const before = existing === undefined ? null : settingText(id, existing.name, existing.properties);
  const after = properties === null ? null : settingText(id, existing?.name ?? name, properties);
  return {
    status: 200,
    body: after ?? '',
    effect: {
      resourceId: extensionId('diagnostic-settings', id, existing?.name ?? name),
      child: '',
      event: properties === null ? 'Delete' : 'Write',
      isNew: existing === undefined,
      change: {
        kind: 'extension',
        before,
        after,
        store: () => {
          if (properties === null) settings.remove(id, name);
          else settings.put(id, name, properties);
        },
      },
    },
  };
}

/** The ids come back in lower case but for the last part, as in the specification's examples. */
function settingText(id: string, name: string, properties: DiagnosticProperties): string {
  return JSON.stringify({
    id: `${id.toLowerCase()}/providers/microsoft.insights/diagnosticSettings/${name}`,
    type: extensionType('diagnostic-settings'),
    name,
    location: null,
    kind: null,
    tags: null,
    properties,
    identity: null,
  });
}

/** The wording: https://github.com/JimGBritt/AzurePolicy/issues/38 */
function unsupported(resource: StoredResource | null): Error {
  const type =
    resource === null ? 'microsoft.resources/resourcegroups' : fullTypeOf(resource.type).toLowerCase();
  return insightsFailure(
    400,
    'ResourceTypeNotSupported',
    `The resource type '${type}' does not support diagnostic settings.`,
  );
}
