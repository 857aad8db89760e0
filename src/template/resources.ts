import { pointerTo } from '../types/apply-edits.js';
import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../types/json.js';
import { memberOf, scopeOf, type Placed, type Scope, type Written } from './scope.js';

/** A resource of a template, at any depth. */
export interface TemplateResource {
  /** Whole and in lower case, also of a child: `microsoft.keyvault/vaults/secrets`. */
  readonly type: string;
  readonly json: JsonObject;
  /** JSON pointer from the file's root. */
  readonly pointer: string;
  readonly scope: Scope;
}

/** A template, and those that it deploys or holds. */
export interface TemplatePart {
  readonly json: JsonObject;
  readonly pointer: string;
  readonly scope: Scope;
  readonly resources: readonly TemplateResource[];
}

/** Far more than anybody nests, and Azure takes. */
const MAX_DEPTH = 32;

/** A template and everything in it that is one, the outermost first. */
export function partsOf(template: JsonObject, pointer = ''): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  collectPart(template, pointer, scopeOf(template, pointer, null, null), parts, 0);
  return parts;
}

function collectPart(
  json: JsonObject,
  pointer: string,
  scope: Scope,
  parts: TemplatePart[],
  depth: number,
): void {
  if (depth > MAX_DEPTH) return;
  const resources: TemplateResource[] = [];
  parts.push({ json, pointer, scope, resources });
  collectResources(json, pointer, '', scope, resources, depth);
  for (const resource of resources) {
    const inner = innerTemplate(resource);
    if (inner !== null) collectPart(inner.json, inner.pointer, inner.scope, parts, depth + 1);
  }
}

/** `resources` is a list, or with symbolic names an object. */
function collectResources(
  holder: JsonObject,
  pointer: string,
  parentType: string,
  scope: Scope,
  found: TemplateResource[],
  depth: number,
): void {
  const resources = memberOf(holder, pointer, 'resources');
  if (resources === undefined || typeof resources.json !== 'object' || depth > MAX_DEPTH) return;
  for (const [key, json] of Object.entries(resources.json ?? {}) as [string, Json | undefined][]) {
    const own = getIgnoringCase(json, 'type');
    if (!isJsonObject(json) || typeof own !== 'string' || isNotDeployed(json)) continue;
    const type = `${parentType}${own.trim().toLowerCase()}`;
    const at = pointerTo(resources.pointer, key);
    found.push({ type, json, pointer: at, scope });
    collectResources(json, at, `${type}/`, scope, found, depth + 1);
  }
}

function isNotDeployed(resource: JsonObject): boolean {
  return getIgnoringCase(resource, 'existing') === true || getIgnoringCase(resource, 'condition') === false;
}

function innerTemplate({
  type,
  json,
  pointer,
  scope,
}: TemplateResource): Omit<TemplatePart, 'resources'> | null {
  const properties = memberOf(json, pointer, 'properties');
  if (properties === undefined || !isJsonObject(properties.json)) return null;
  // What a solution of Microsoft Sentinel or a template spec holds: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-specs
  const content = memberOf(properties.json, properties.pointer, 'mainTemplate');
  if (content !== undefined && isJsonObject(content.json))
    return { ...content, json: content.json, scope: scopeOf(content.json, content.pointer, null, scope) };
  if (type !== 'microsoft.resources/deployments') return null;
  const template = memberOf(properties.json, properties.pointer, 'template');
  if (template === undefined || !isJsonObject(template.json)) return null;
  const given = memberOf(properties.json, properties.pointer, 'parameters');
  return { ...template, json: template.json, scope: scopeWithin(properties.json, template, given, scope) };
}

/**
 * An inner template's expressions use the outer one's names, unless it asks for a scope of its own.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates#expression-evaluation-scope-in-nested-templates
 */
function scopeWithin(
  properties: JsonObject,
  template: Placed,
  given: Placed | undefined,
  scope: Scope,
): Scope {
  const options = getIgnoringCase(properties, 'expressionEvaluationOptions');
  const asked = getIgnoringCase(options, 'scope');
  if (typeof asked !== 'string' || asked.toLowerCase() !== 'inner' || !isJsonObject(template.json))
    return scope;
  const values: Written | null = given === undefined ? null : { ...given, scope };
  return scopeOf(template.json, template.pointer, values, scope.around);
}
