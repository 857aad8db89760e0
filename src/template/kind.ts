import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../types/json.js';

/**
 * What a file is: a template, or the values for one's parameters; a resource as ARM gives it back, or in a list of them; a workflow as its code view and
 * `workflow.json` of Logic Apps Standard have it; or a definition by itself.
 */
export type DocumentKind = 'template' | 'parameters' | 'resource' | 'resources' | 'code-view' | 'definition';

const TEMPLATE_SCHEMA = /\/(?:\w*)deploymentTemplate\.json/i;
const PARAMETERS_SCHEMA = /\/(?:\w*)deploymentParameters\.json/i;
const DEFINITION_SCHEMA = /\/workflowdefinition\.json/i;
const RESOURCE_TYPE = /^Microsoft\.(?:Logic\/workflows|KeyVault\/vaults|Web\/connections)$/i;

/** Null where it is none of them. */
export function kindOf(value: Json): DocumentKind | null {
  if (Array.isArray(value)) return (value as readonly Json[]).some(isResource) ? 'resources' : null;
  if (!isJsonObject(value)) return null;
  const schema = getIgnoringCase(value, '$schema');
  const name = typeof schema === 'string' ? schema : '';
  const resources = getIgnoringCase(value, 'resources');
  const hasResources = Array.isArray(resources) || isJsonObject(resources);
  if (hasResources && (TEMPLATE_SCHEMA.test(name) || getIgnoringCase(value, 'contentVersion') !== undefined))
    return 'template';
  if (PARAMETERS_SCHEMA.test(name)) return 'parameters';
  if (isResource(value)) return 'resource';
  if (isDefinition(getIgnoringCase(value, 'definition'))) return 'code-view';
  if (DEFINITION_SCHEMA.test(name) || isDefinition(value)) return 'definition';
  const list = getIgnoringCase(value, 'value');
  return Array.isArray(list) && (list as readonly Json[]).some(isResource) ? 'resources' : null;
}

/** Whether a text that is no JSON seems meant to be one of them. */
export function looksLikeOne(text: string): boolean {
  return /deployment(?:Template|Parameters)\.json|workflowdefinition\.json|Microsoft\.(?:Logic\/workflows|KeyVault\/vaults|Web\/connections)/i.test(
    text,
  );
}

function isResource(value: Json): value is JsonObject {
  const properties = getIgnoringCase(value, 'properties');
  if (!isJsonObject(properties)) return false;
  const type = getIgnoringCase(value, 'type');
  if (typeof type === 'string') return RESOURCE_TYPE.test(type);
  return isDefinition(getIgnoringCase(properties, 'definition'));
}

function isDefinition(value: Json | undefined): boolean {
  if (!isJsonObject(value)) return false;
  const schema = getIgnoringCase(value, '$schema');
  if (typeof schema === 'string' && DEFINITION_SCHEMA.test(schema)) return true;
  return isJsonObject(getIgnoringCase(value, 'actions')) && isJsonObject(getIgnoringCase(value, 'triggers'));
}
