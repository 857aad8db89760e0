import { providerOf } from './arm/arm-operation.js';
import { parseRoute } from './arm/arm-route.js';
import { extensionId, type ExtensionRoute } from './arm/extension-route.js';
import { diagnosticCategories } from './insights/diagnostic-categories.js';
import { readDiagnosticSetting } from './insights/read-diagnostic-setting.js';
import { textAt } from './json.js';
import { withNewProperties } from './new-properties.js';
import { isNullText, isObjectText, membersOf, spelledAs } from './raw-json.js';
import type { World } from './world.js';

/**
 * Puts a whole document (as a GET gives it, with its id) into the estate as it is: no rule is asked, no event is
 * raised, nothing is journalled. For what Azure still has and would no longer take, and for large estates.
 */
export function place(world: World, document: string): string {
  const id = textAt(JSON.parse(document), 'id') ?? '';
  const route = parseRoute(id);
  if (route.kind === 'diagnostic-settings') return placeDiagnosticSetting(world, document, route);
  if (route.kind !== 'resource' || route.rest.length > 0) {
    throw new RangeError(`The document's id is not that of a resource: ${id}`);
  }
  const group =
    world.estate.group(route.subscriptionId, route.group) ??
    world.estate.putGroup(route.subscriptionId, route.group, 'westeurope');
  const provider = providerOf(route.type);
  const target = world.estate.placeOf(route.type, group, route.name);
  const members = spelledAs(membersOf(document), ['location', 'tags', 'properties']);
  const location = String(JSON.parse(members.get('location') ?? '"westeurope"'));
  const tags = members.get('tags');
  const properties = members.get('properties');
  for (const name of ['id', 'name', 'type', 'location', 'tags', 'properties']) members.delete(name);
  const state = {
    location,
    tags: isNullText(tags) ? null : (tags ?? null),
    top: members,
    properties: isObjectText(properties) ? membersOf(properties) : new Map<string, string>(),
    secrets: new Map<string, string>(),
  };
  const now = world.clock.now();
  const adopted = provider.adopt(world, target, state, now);
  world.estate.put(target, withNewProperties(adopted, world.switches.values), now, 0);
  return target.id;
}

/** Of a resource that is there already: where it sends its logs. The sink need not exist. */
function placeDiagnosticSetting(world: World, document: string, { scope, name }: ExtensionRoute): string {
  const resource = world.estate.find(scope);
  const known = resource === undefined ? null : diagnosticCategories(resource.type);
  if (resource === undefined || known === null || name === null) {
    throw new RangeError(`The diagnostic setting belongs to nothing that has one: ${scope}`);
  }
  world.diagnosticSettings.put(resource.id, name, readDiagnosticSetting(document, known));
  return extensionId('diagnostic-settings', resource.id, name);
}
